"""`manage.py createsuperuser`: Django's command has no place here; this one says which has."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from colibox.lib.commands import Facts, Misuse, OperatorCommand


class Command(OperatorCommand):
    """Nobody here stands above the rules, and nobody types somebody else's password."""

    help = "Not used: create_staff makes a member of the carrier's staff, by e-mail and without a password."
    example = "createsuperuser --help"
    tries = False

    def arguments(self, parser: CommandParser) -> None:
        for option in ("--username", "--email"):
            parser.add_argument(option, help="not used")
        parser.add_argument("--noinput", "--no-input", action="store_true", help="not used")

    def answer(self, **options: Any) -> Facts:
        raise Misuse("There are no superusers here: see manage.py create_staff --help.")
