"""The messages of the mails of a batch: those of one account together, in its reach and in no other."""

from __future__ import annotations

import logging
import traceback
from collections import defaultdict
from email.utils import parseaddr
from functools import lru_cache

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError, transaction

from colibox.lib import tenancy
from colibox.lib.outbox import registry
from colibox.lib.outbox.models import Mail
from colibox.lib.outbox.refusals import Refusal

logger = logging.getLogger(__name__)

Made = EmailMultiAlternatives | Refusal | None
"""A message, or why there is none; None when it is no longer true."""


def make(mails: list[Mail]) -> dict[int, Made]:
    """What each of these mails is to say, by its number."""
    alike: dict[tuple[str, int | None], list[Mail]] = defaultdict(list)
    for mail in mails:
        alike[mail.kind, mail.account_id].append(mail)
    return {mail.pk: made for some in alike.values() for mail, made in zip(some, _make(some), strict=True)}


def _make(mails: list[Mail]) -> list[Made]:
    """The messages of mails of one kind and account; one by one if together they cannot be made."""
    kind, account = mails[0].kind, mails[0].account_id
    try:
        email = registry.named(kind)
    except LookupError:  # queued by a newer release than this worker's
        return [Refusal("unknown kind", final=False)] * len(mails)
    try:
        with transaction.atomic(), tenancy.scope(accounts=[account] if account else []):
            messages = email.many([mail.args for mail in mails])
    except (OperationalError, InterfaceError) as error:
        return [Refusal(type(error).__name__, final=False)] * len(mails)
    except Exception as error:  # whatever is wrong with one mail must not stop the others
        if len(mails) > 1:
            return [made for mail in mails for made in _make([mail])]
        _log_without_words(mails[0], error)
        return [Refusal(type(error).__name__, final=True)]
    for mail, message in zip(mails, messages, strict=True):
        if message is not None:
            message.extra_headers.update(_headers(mail))
    return [*messages]


def _headers(mail: Mail) -> dict[str, str]:
    """The same Message-ID each time, by which a mail sent twice is seen to be one."""
    return {"Message-ID": f"<{mail.uuid}@{_domain(settings.DEFAULT_FROM_EMAIL)}>", "Auto-Submitted": "auto-generated"}


@lru_cache
def _domain(sender: str) -> str:
    return parseaddr(sender)[1].partition("@")[2]


def _log_without_words(mail: Mail, error: Exception) -> None:
    """Where it broke; the error's own words stay out of the log, they may quote an address or a token."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("Mail %s (%s) cannot be made: %s\n%s", mail.uuid, mail.kind, type(error).__name__, where)
