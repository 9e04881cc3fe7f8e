"""What the portal's commands have in common: help with an example, a trial, an answer as text or JSON, exit codes."""

from __future__ import annotations

import json
import sys
from abc import ABC, abstractmethod
from argparse import RawDescriptionHelpFormatter
from collections.abc import Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import transaction
from django.utils import translation

from colibox.lib import origin, tenancy

REFUSED, USAGE = 1, 2
CODES = "Exit code 0: done, or there was nothing to do; 1: refused, or a fault was found; 2: the call is wrong."
Facts = dict[str, Any]
"""What a command answers: JSON-ready values by name."""


class Refusal(CommandError):
    """Why nothing was done, in a sentence."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=REFUSED)


class Misuse(CommandError):
    """What is wrong with how the command was called."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=USAGE)


class Lines(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Help whose lines stay as they are written."""


class HelpfulCommand(BaseCommand):
    """A command whose help ends with an example of its use."""

    example: ClassVar[str] = ""
    codes: ClassVar[str] = CODES

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        epilog = "\n".join(filter(None, (self.codes, self.example and f"Example: manage.py {self.example}")))
        return super().create_parser(prog_name, subcommand, formatter_class=Lines, epilog=epilog, **kwargs)


class OperatorCommand(HelpfulCommand, ABC):
    """A command of the carrier: one transaction over all accounts, never a question where nobody could answer."""

    tries: ClassVar[bool] = True
    """Whether there is something to try first."""
    reference: ClassVar[str] = ""
    """Its name, in the trace."""

    def add_arguments(self, parser: CommandParser) -> None:
        self.arguments(parser)
        if self.tries:
            parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def arguments(self, parser: CommandParser) -> None:
        """The command's own."""

    @abstractmethod
    def answer(self, *args: Any, **options: Any) -> Facts:
        """Do it, and say what was done; Refusal or Misuse when it cannot be."""

    def handle(self, **options: Any) -> None:
        self.dry_run, self.as_json, self.found_fault = options.get("dry_run", False), options["json"], False
        name = self.reference or type(self).__module__.rpartition(".")[2]
        with origin.of(origin.Origin(channel="command", reference=name)), translation.override("en"):
            facts = self._answer(options)
        self._tell({**facts, "dry_run": True} if self.dry_run else facts)
        if self.found_fault:
            sys.exit(REFUSED)

    def _answer(self, options: Mapping[str, Any]) -> Facts:
        try:
            return self._in_one_transaction(options)
        except (Refusal, ValidationError) as error:
            sentence = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
            if self.as_json:
                self.stdout.write(json.dumps({"refused": sentence}, ensure_ascii=False))
            raise Refusal(sentence) from error

    def _in_one_transaction(self, options: Mapping[str, Any]) -> Facts:
        with transaction.atomic():
            with tenancy.everything():
                facts = self.answer(**options)
            if self.dry_run:
                transaction.set_rollback(True)
        return facts

    def confirm(self, question: str, *, sure: bool) -> None:
        """Ask somebody at a terminal; without one it has to be said beforehand, by --yes."""
        if sure or self.dry_run:
            return
        if not sys.stdin.isatty():
            raise Misuse("Nobody is here to be asked: add --yes, or look first with --dry-run.")
        if input(f"{question} [yes/no] ").strip().casefold() != "yes":
            raise Refusal("Nothing was done.")

    def _tell(self, facts: Facts) -> None:
        if self.as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))
            return
        for name, value in facts.items():
            self.stdout.write("\n".join(_lines(name.replace("_", " "), value)))


def _lines(name: str, value: Any) -> list[str]:
    """A fact as people read it: a list has a line for each."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if not isinstance(value, list | tuple):
        return [f"{name}: {value}"]
    return [f"{name}:" if value else f"{name}: none", *(f"  {_line(each)}" for each in value)]


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return " · ".join(f"{each}" for each in value.values() if each not in ("", None))
    return str(value)
