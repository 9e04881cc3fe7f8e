"""Secrets that stand in addresses, kept out of the logs."""

import logging
import re

SECRET = re.compile(r"(/(?:invitations|profile/email|auth/password/reset)/)[^/\s?]+")
"""Addresses whose next part opens something to whoever knows it."""


class HideSecrets(logging.Filter):
    """Writes `…` in the place of the secrets of an address, in a record's text and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRET.sub(r"\1…", record.getMessage()), None
        return True
