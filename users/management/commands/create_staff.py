"""`manage.py create_staff`: members of the carrier's staff, made, asked again, ended and listed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from colibox.lib.commands import Facts, Misuse, OperatorCommand, Refusal
from users import staff
from users.models import User


class Command(OperatorCommand):
    """Idempotent: who is there as asked stays so, and the command says so."""

    help = (
        "Make somebody a member of the carrier's staff, for whom /operator/ opens: a link to choose a password, good\n"
        "for an hour, is mailed to them. Nobody is deleted: with --end they sign in no more; the trace keeps their\n"
        "name."
    )
    example = "create_staff m.deux Deux Max max.deux@carrier.example"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", help="the user name they will sign in with")
        parser.add_argument("last_name", nargs="?", help="their last name")
        parser.add_argument("first_name", nargs="?", help="their first name")
        parser.add_argument("email", nargs="?", help="their e-mail, to which the link goes")
        parser.add_argument("--language", choices=["fr", "en"], default="fr", help="of their pages (default: fr)")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--again", action="store_true", help="mail another link, also to somebody who was ended")
        what.add_argument("--end", action="store_true", help="let them sign in no more, and end their sessions")
        what.add_argument("--list", action="store_true", help="who they are")

    def answer(self, *, username: str | None, again: bool, end: bool, **options: Any) -> Facts:
        if options["list"]:
            return {"staff": [_told(each) for each in User.objects.filter(kind=User.Kind.STAFF).order_by("pk")]}
        if not username:
            raise Misuse("Say who: a user name, a last name, a first name and an e-mail.")
        found = User.objects.with_username(username).first()
        if found and found.kind != User.Kind.STAFF:
            raise Refusal(f"{username} is the user name of {found}, who is not staff.")
        if not (again or end):
            return self._made(found, username, options)
        if found is None:
            raise Misuse(f"No member of staff has the user name {username}.")
        return self._ended(found) if end else self._again(found)

    def _made(self, found: User | None, username: str, options: Facts) -> Facts:
        given = {name: options[name] for name in ("last_name", "first_name", "email")}
        if missing := [name.replace("_", " ") for name, value in given.items() if not (value or "").strip()]:
            raise Misuse(f"Say their {', '.join(missing)} too.")
        if found is None:
            person = staff.invite_staff(username=username, language=options["language"], **given)
            return {**_told(person), "done": "invited"}
        if other := [name.replace("_", " ") for name, value in given.items() if getattr(found, name) != value.strip()]:
            raise Refusal(f"{found.username} is there, with another {' and '.join(other)}.")
        if not found.is_active:
            raise Refusal(f"{found.username} was ended: add --again to open it.")
        return {**_told(found), "done": "nothing: it is there as asked"}

    def _again(self, person: User) -> Facts:
        if person.is_active and person.has_usable_password():
            raise Refusal(f"{person.username} has a password: the page of the sign-in mails a link for another.")
        staff.invite_staff_again(person=person)
        return {**_told(person), "done": "invited again"}

    def _ended(self, person: User) -> Facts:
        if not person.is_active:
            return {**_told(person), "done": "nothing: it is so"}
        sessions = staff.end_staff(person=person)
        left = User.objects.filter(kind=User.Kind.STAFF, is_staff=True, is_active=True).count()
        few = "" if left > 1 else "hand-overs and resets take two members of staff: they wait until there are"
        return {**_told(person), "done": "ended", "sessions": sessions, "staff_left": left, "mind": few}


def _told(person: User) -> Facts:
    state = "ended" if not person.is_active else "active" if person.has_usable_password() else "invited"
    return {"username": person.username, "name": str(person), "email": person.email, "state": state}
