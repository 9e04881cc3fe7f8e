"""`manage.py create_account`: an account, the rights of its contract, and its owner asked to come."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse, OperatorCommand, Refusal
from rights import catalogue
from rights.actions import opening
from rights.actions.opening import Held
from rights.models import AccountLink


def held(text: str) -> Held:
    """The rights that an account is to hold, as they are typed: all, none, or their codes."""
    if text == "all":
        return Held.all()
    codes = [] if text == "none" else [code for code in text.replace(",", " ").split() if code]
    if unknown := [code for code in codes if code not in catalogue.BY_CODE]:
        known = ", ".join(catalogue.BY_CODE)
        raise Misuse(f"There is no right {', '.join(unknown)}; say all, none, or some of these: {known}.")
    return Held(dict.fromkeys(codes, True))


def differences(account: CustomerAccount, company: str, email: str, wanted: Held | None) -> list[str]:
    """In what an account that is there is other than asked."""
    other = []
    if account.company != company:
        other.append(f"its company is {account.company}")
    if account.email.casefold() != email.casefold():
        other.append(f"its e-mail is {account.email}")
    if wanted and (changes := wanted.changes(account)):
        names = {"gained": "it lacks", "lost": "it holds besides", "delegable": "it delegates otherwise"}
        other += [f"{names[what]} {', '.join(sorted(some))} (see /operator/)" for what, some in changes.items()]
    return other


class Command(OperatorCommand):
    """Idempotent: an account that is there as asked stays as it is, and the command says so."""

    help = "Open a customer account and invite its owner by e-mail; an account that is there is never changed."
    example = 'create_account 900140 "Atelier Lumen" direction@lumen.example --rights coliship,invoices'

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", help="the account number, six digits")
        parser.add_argument("company", help="the company's name")
        parser.add_argument("email", help="the e-mail of who is to own the account")
        parser.add_argument("--rights", help="all (as is without this option), none, or the codes of some")
        parser.add_argument("--language", choices=["fr", "en"], default="fr", help="of the invitation (default: fr)")

    def answer(self, *, number: str, company: str, email: str, rights: str | None, **options: Any) -> Facts:
        wanted = held(rights) if rights is not None else None
        account = CustomerAccount.objects.filter(number=number).first()
        if account:
            return self._found(account, company, email, wanted)
        account = opening.open_account(number=number, company=company, email=email)
        opening.entitle(account=account, held=wanted or Held.all())
        owner = opening.invite_owner(account=account, email=email, language=options["language"])
        return {"account": number, "company": company, "done": "created", "owner": owner.username, "invited": email}

    def _found(self, account: CustomerAccount, company: str, email: str, wanted: Held | None) -> Facts:
        """Nothing is done; whatever is other than asked is a reason to refuse."""
        if other := differences(account, company, email, wanted):
            raise Refusal(f"The account {account.number} is there, and differs: {'; '.join(other)}.")
        owner = AccountLink.objects.for_account(account).filter(role="owner").first()
        facts = {"account": account.number, "company": company, "done": "nothing: it is there as asked"}
        return {**facts, "owner": owner.username if owner else "", "invited": ""}
