"""What is remembered of calls to the web services: the trace of each, and the answers kept for those sent again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from accounts.models import CustomerAccount
from colibox.lib import origin, tenancy
from rights.keys.connection import Caller, used
from tracking.models import Call, KeptAnswer

KEPT = timedelta(hours=24)
"""How long an answer is given again to whoever sends the same call under the same key."""
TRACED = timedelta(days=400)
"""How long the trace of calls is kept: as long as a parcel number belongs to its parcel (13 months)."""
AT_ONCE = 5_000


# The trace.


def trace(
    *, service: str, status: int, milliseconds: int, error: str = "", number: str = "",
    caller: Caller | None = None, account: CustomerAccount | None = None, hurry: bool = False,
) -> None:  # fmt: skip
    """Write down one call: who, with which key, for which account, how it ended; nothing of what was sent.

    The account is to be in reach. A transaction that writes nothing but the trace ends without waiting for the
    disk (`hurry`): a trace of the last moments before a power cut may be lost.
    """
    where = origin.current()
    if caller:
        used(caller, service=service, ip=where.ip or "")
    facts = {
        "account_id": account.pk if account else None,
        "user": caller.user.uuid if caller else None,
        "user_name": caller.user.full_name if caller else "",
        "key": caller.key.public if caller and caller.key else "",
        "service": service, "status": status, "error": error[:12], "number": number[:15],
        "milliseconds": milliseconds, "ip": where.ip, "request_id": where.request_id,
    }  # fmt: skip
    names, values = ", ".join(f'"{name}"' for name in facts), ", ".join(["%s"] * len(facts))
    sql = f'INSERT INTO "{Call._meta.db_table}" ({names}) VALUES ({values})'  # noqa: S608 (names of the model)
    with connection.cursor() as cursor:  # Django would ask for the row back, which nobody may see outside accounts
        cursor.execute(f"SET LOCAL synchronous_commit = off; {sql}" if hurry else sql, list(facts.values()))


# Kept answers.


class Running(Exception):
    """The first call under this key has not been answered yet."""


class Different(Exception):
    """Another call was answered under this key."""


@dataclass(frozen=True)
class Answer:
    """An answer as it went over the wire."""

    status: int
    content_type: str
    body: bytes


def once(*, caller: Caller, account: CustomerAccount, key: str, call: bytes, answer: Callable[[], Answer]) -> Answer:
    """The answer to this call: worked out now, or the one that was given to the same call within a day.

    What the call does and the answer that is kept are committed together, under a lock that goes with the
    transaction: whoever dies in between leaves neither, and the key is free again. A call that is refused
    raises, and keeps nothing either. Raises Running and Different.
    """
    who = caller.key.public if caller.key else str(caller.user.uuid)
    digest = salted_hmac("colibox.call", call, algorithm="sha256").hexdigest()  # it may hold a password
    if not _lock(f"{who}:{key}"):
        raise Running
    given = KeptAnswer.objects.filter(caller=who, key=key)
    given.filter(created_at__lte=Now() - KEPT).delete()
    if kept := given.first():
        if kept.body_digest != digest or kept.account_id != account.pk:
            raise Different
        return Answer(kept.status, kept.content_type, bytes(kept.body))
    new = answer()
    kept = KeptAnswer(
        account_id=account.pk, caller=who, key=key, body_digest=digest,
        status=new.status, content_type=new.content_type, body=new.body,
    )  # fmt: skip
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:  # kept for an account that is not in reach now
        raise Different from error
    return new


def _lock(name: str) -> bool:
    """Whether nobody else is at work under this name; until the transaction ends it is ours."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])


# Forgetting.


def forget() -> int:
    """Delete the answers and traces that are no longer kept, in small transactions; how many there were."""
    with transaction.atomic(), tenancy.everything():
        count = KeptAnswer.objects.filter(created_at__lte=Now() - KEPT).delete()[0]
    while True:
        with transaction.atomic(), tenancy.everything():
            old = Call.objects.filter(at__lte=Now() - TRACED).order_by("pk").values("pk")[:AT_ONCE]
            gone = Call.objects.filter(pk__in=old).delete()[0]
        count += gone
        if gone < AT_ONCE:
            return count
