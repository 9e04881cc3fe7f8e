"""`manage.py set_owner`: an owner for an account that has none, or whose owner never came."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse, OperatorCommand, Refusal
from rights.actions import opening
from rights.models import AccountLink


class Command(OperatorCommand):
    """Who owns an account is never put out by this: see handover."""

    help = "Invite the owner of an account that has none, or whose owner has not come yet, by e-mail."
    example = "set_owner 900140 direction@lumen.example"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", help="the account number")
        parser.add_argument("email", help="the e-mail of who is to own it")
        parser.add_argument("--language", choices=["fr", "en"], default="fr", help="of the invitation (default: fr)")

    def answer(self, *, account: str, email: str, language: str, **options: Any) -> Facts:
        found = CustomerAccount.objects.filter(number=account).first()
        if found is None:
            raise Misuse(f"There is no account {account}.")
        links = AccountLink.objects.for_account(found).filter(role=AccountLink.Role.OWNER).select_related("account")
        owner = links.first()
        if owner is None:
            owner = opening.invite_owner(account=found, email=email, language=language)
            done = "invited"
        else:
            done = self._again(owner, email)
        return {"account": account, "owner": owner.username, "email": email, "done": done}

    def _again(self, owner: AccountLink, email: str) -> str:
        same = owner.shown_email.casefold() == email.casefold()
        if owner.accepted and same:
            return "nothing: it is so"
        if owner.accepted:
            raise Refusal(f"{owner} ({owner.shown_email}) owns the account {owner.account.number}: see handover.")
        if same and owner.shown_state == "invited" and owner.expires_at and owner.expires_at > timezone.now():
            return "nothing: the invitation is still good"
        opening.invite_owner_again(link=owner, email=email)
        return "invited again"
