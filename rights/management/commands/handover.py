"""`manage.py handover`: another owner for an account whose owner is gone, by two members of staff."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts import files
from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse, OperatorCommand, Refusal
from colibox.lib.trace import SHORTEST_REASON
from rights import succession
from rights.actions import handovers
from rights.models import AccountLink, Handover
from users.models import User


class Command(OperatorCommand):
    """The owner is told and has 72 hours to object; until then nothing changes."""

    help = (
        "ask: ask that somebody of the account own it in place of its owner, with a reason and a proof.\n"
        "confirm: another member of staff confirms; the owner is told, and it is done 72 hours later.\n"
        "withdraw: take it back. status: what is on its way, and what was."
    )
    example = 'handover ask 900138 --to a.berlioz --staff operateur --reason "M. Martin left" --proof letter.pdf'

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("act", choices=["status", "ask", "confirm", "withdraw"])
        parser.add_argument("account", help="the account number")
        parser.add_argument("--staff", default="", help="the user name of the member of staff who acts")
        parser.add_argument("--to", default="", help="the user name of who is to own the account")
        parser.add_argument("--reason", default="", help="why, in a sentence")
        parser.add_argument("--proof", type=Path, help="the letter that proves it, a PDF, PNG or JPEG of 10 MB at most")

    def answer(self, *, act: str, account: str, staff: str, **options: Any) -> Facts:
        found = CustomerAccount.objects.filter(number=account).first()
        if found is None:
            raise Misuse(f"There is no account {account}.")
        if act == "status":
            changes = Handover.objects.for_account(found).select_related("former", "successor")[:20]
            return {"account": account, "changes": [_told(change) for change in changes]}
        by = User.objects.with_username(staff).filter(is_staff=True, is_active=True).first()
        if by is None:
            said = f"{staff} is the user name of no member of staff who signs in." if staff else ""
            raise Misuse(said or "Say by --staff which member of staff acts.")
        if act == "ask":
            return self._ask(found, by, **options)
        change = succession.under_way(found)
        if change is None or not change.forced:
            raise Refusal(f"Nothing was asked for the account {account}.")
        decide = handovers.confirm_forced if act == "confirm" else handovers.withdraw_forced
        return {"account": account, **_told(decide(change=change, staff=by))}

    def _ask(self, account: CustomerAccount, staff: User, *, to: str, reason: str, **options: Any) -> Facts:
        if not to:
            raise Misuse(f"Say by --to who of the account {account.number} is to own it.")
        link = AccountLink.objects.for_account(account).filter(user__username__iexact=to).first()
        if link is None:
            raise Misuse(f"Nobody on the account {account.number} has the user name {to}.")
        change = succession.under_way(account)
        if change and change.forced and change.successor_id == link.pk:
            return {"account": account.number, "done": "nothing: it was asked", **_told(change)}
        proof: Path | None = options["proof"]
        try:
            content = proof.read_bytes() if proof else b""
        except OSError as error:
            raise Misuse(f"{proof} cannot be read: {error.strerror}.") from error
        if proof is None or not content:
            raise Misuse(f"{proof} is empty." if proof else "Hand in by --proof the file that proves it.")
        if len(reason.strip()) < SHORTEST_REASON:
            raise Misuse(f"Say why by --reason, in {SHORTEST_REASON} characters or more.")
        letter = files.read_letter(proof.name, content)
        change = handovers.ask_forced(to=link, staff=staff, reason=reason, proof=letter)
        change.refresh_from_db()
        return {"account": account.number, **_told(change)}


def _told(change: Handover) -> Facts:
    under_way = change.state in Handover.UNDER_WAY
    return {
        "state": str(change.state),
        "former": str(change.former or ""),
        "successor": str(change.successor),
        "forced": "by the carrier" if change.forced else "",
        "due": change.due_at.isoformat(timespec="seconds") if change.due_at and under_way else "",
    }
