"""`manage.py revoke_sessions`: sign people out, of one account, or everybody."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.models import CustomerAccount
from colibox.lib.commands import Facts, Misuse, OperatorCommand
from rights.actions.sessions import revoke_sessions
from rights.models import AccountLink
from users.models import User


class Command(OperatorCommand):
    """Whoever is signed out signs in again; nothing else of theirs changes."""

    help = "End the sessions of one person, of the people of one account, or all there are."
    example = "revoke_sessions --account 900138"

    def arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--user", help="the user name of one person")
        whose.add_argument("--account", help="the number of an account: everybody on it")
        whose.add_argument("--all", action="store_true", help="everybody, staff too")

    def answer(self, *, user: str | None, account: str | None, **options: Any) -> Facts:
        people = User.objects.all()
        if user:
            people = User.objects.with_username(user)
            if not people.exists():
                raise Misuse(f"There is nobody with the user name {user}.")
        elif account:
            found = CustomerAccount.objects.filter(number=account).first()
            if found is None:
                raise Misuse(f"There is no account {account}.")
            links = AccountLink.objects.for_account(found).exclude(user=None)
            people = User.objects.filter(pk__in=links.values("user"))
        ended = revoke_sessions(people=people)
        return {"people": len(ended), "sessions": sum(ended.values())}
