"""Secrets that stand in addresses, and keys, kept out of the logs."""

import logging
import re

SECRET = re.compile(r"(/(?:invitations|objections/[a-z]+|profile/email|auth/password/reset)/)[^/\s?]+")
"""Addresses whose next part opens something to whoever knows it."""

KEY = re.compile(r"(cpk_\w{8})_\w+")
"""A connection key, wherever it stands: its public part may be told."""


class HideSecrets(logging.Filter):
    """Writes `…` in the place of the secrets of an address and of keys, in a record's text and arguments."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = KEY.sub(r"\1…", SECRET.sub(r"\1…", record.getMessage())), None
        return True
