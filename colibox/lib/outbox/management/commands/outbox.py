"""`manage.py outbox`: how the e-mails stand, and what to do with those that do not leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from colibox.lib.commands import Facts, Misuse, OperatorCommand
from colibox.lib.outbox import operating
from colibox.lib.outbox.models import Mail

ACTS = {"retry": operating.retry, "hold": operating.hold, "release": operating.release}


class Command(OperatorCommand):
    """A mail that is held back waits however long; letting go twice sends nothing twice."""

    help = (
        "status: how many e-mails wait, went, failed, or were dropped because nobody needs them any more.\n"
        "retry: try those again that failed or wait for another try.\n"
        "hold: keep those that wait from leaving, before a restore for example. release: let them go."
    )
    example = "outbox retry --kind rights.emails.links.invitation"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", *ACTS])
        parser.add_argument("--kind", default="", help="only e-mails of this kind, as status names them")
        parser.add_argument("--mail", default="", help="only this one, by its identifier")

    def answer(self, *, act: str, kind: str, mail: str, **options: Any) -> Facts:
        if act == "status":
            return _flat(operating.standing())
        mails = Mail.objects.all()
        if kind:
            mails = mails.filter(kind=kind)
        if mail:
            mails = mails.filter(uuid=_uuid(mail))
        if (kind or mail) and not mails.exists():
            raise Misuse(f"There is no e-mail {mail or 'of the kind ' + kind}.")
        return {"act": act, "mails": ACTS[act](mails=mails)}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Misuse(f"{text} is not the identifier of an e-mail.") from error


def _flat(standing: dict[str, Any]) -> Facts:
    since = standing["oldest_waits_since"]
    failures = [{"error": error or "unknown", "mails": n} for error, n in standing["failures"].items()]
    return {
        **standing["mails"],
        "held": standing["held"],
        "oldest_waits_since": since.isoformat(timespec="seconds") if since else "",
        "failures": failures,
    }
