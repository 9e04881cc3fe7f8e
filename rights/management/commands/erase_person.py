"""`manage.py erase_person`: somebody who asks to be forgotten is."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from colibox.lib.commands import Facts, Misuse, OperatorCommand
from rights.actions import erasure
from users.models import User


class Command(OperatorCommand):
    """For good: look first with --dry-run."""

    help = (
        "Erase a person: a neutral text takes their place in people, links, contacts, e-mails and the trace, whose\n"
        "seals still verify. Their access ends everywhere. Who owns an account hands it over first."
    )
    example = "erase_person a.berlioz --dry-run"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("person", help="the user name, or the identifier that a former erasure answered")
        parser.add_argument("--yes", action="store_true", help="do not ask; needed where nobody is at a terminal")

    def answer(self, *, person: str, yes: bool, **options: Any) -> Facts:
        found = User.objects.with_username(person).first() or _by_uuid(person)
        if found is None:
            raise Misuse(f"There is nobody with the user name {person}.")
        if erasure.is_erased(found):
            return {"person": str(found.uuid), "done": "nothing: they are erased"}
        self.confirm(f"Erase {found} ({found.username}, {found.email}) for good?", sure=yes)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10min'")
        return {"person": str(found.uuid), "done": "erased", **erasure.erase_person(user=found)}


def _by_uuid(text: str) -> User | None:
    hexadecimal = text.replace("-", "")
    if len(hexadecimal) != 32 or not set(hexadecimal.lower()) <= set("0123456789abcdef"):
        return None
    return User.objects.filter(uuid=hexadecimal).first()
