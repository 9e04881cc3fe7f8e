"""What the portal's commands have in common: help with an example, a trial, an answer as text or JSON, exit codes."""

from __future__ import annotations

import json
import os
import sys
from abc import ABC, abstractmethod
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import InterfaceError, OperationalError, transaction
from django.utils import translation

from colibox.lib import origin, tenancy

REFUSED, USAGE, AWAY, INTERRUPTED = 1, 2, 3, 130
CODES = (
    "Exit code 0: done, or there was nothing to do; 1: refused, or a fault was found; 2: the call is wrong;\n"
    "3: the database does not do it now; 130: interrupted."
)
"""Wrong is a call with a value that cannot be, a name that nobody bears, a file that is not there: by another call it
may be done. Refused is what is against the state of things."""
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


class Away(CommandError):
    """That the database is away, or too busy."""

    def __init__(self, error: BaseException) -> None:
        why = next(iter(str(error).strip().splitlines()), type(error).__name__)
        said = f"The database does not do it: {why}. See manage.py doctor; then run it again."
        super().__init__(said, returncode=AWAY)


class Lines(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Help whose lines stay as they are written."""


class HelpfulCommand(BaseCommand):
    """A command whose help ends with an example of its use, and which ends with a sentence whatever stops it."""

    example: ClassVar[str] = ""
    codes: ClassVar[str] = CODES
    interrupted: ClassVar[str] = "Interrupted: nothing was changed."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        epilog = "\n".join(filter(None, (self.codes, self.example and f"Example: manage.py {self.example}")))
        return super().create_parser(prog_name, subcommand, formatter_class=Lines, epilog=epilog, **kwargs)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (KeyboardInterrupt, OperationalError, InterfaceError, ValidationError, CommandError) as error:
            why = self._stopped(error)
            if options.get("json"):
                self.stdout.write(json.dumps({"refused": str(why)}, ensure_ascii=False))
            raise why from error

    def _stopped(self, error: BaseException) -> CommandError:
        """What stopped the command, with the exit code of it."""
        match error:
            case CommandError():
                return error
            case ValidationError():
                with translation.override("en"):
                    return (Misuse if hasattr(error, "error_dict") else Refusal)(_sentence(error))
            case KeyboardInterrupt():
                return CommandError(self.interrupted, returncode=INTERRUPTED)
            case _:
                return Away(error)


class OperatorCommand(HelpfulCommand, ABC):
    """A command of the carrier: a trial, an answer as text or JSON, no question where nobody could answer."""

    at_once: ClassVar[bool] = True
    """Whether all of it is one transaction over all accounts; if not it makes its own, and one for all in a trial."""
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
        self.dry_run, self.as_json, self.code = options.get("dry_run", False), options["json"], 0
        name = self.reference or type(self).__module__.rpartition(".")[2]
        with origin.of(origin.Origin(channel="command", reference=name)), translation.override("en"):
            facts = self._answer(options)
        facts = {**facts, "dry_run": True} if self.dry_run else facts
        if self.as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))
        else:
            self.tell(facts)
        if self.code:
            sys.exit(self.code)

    def _answer(self, options: Mapping[str, Any]) -> Facts:
        with transaction.atomic() if self.at_once or self.dry_run else nullcontext():
            with tenancy.everything() if self.at_once else nullcontext():
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
        try:
            said = input(f"{question} [yes/no] ")
        except EOFError:
            said = ""
        if said.strip().casefold() != "yes":
            raise Refusal("Nothing was done.")

    def tell(self, facts: Facts) -> None:
        """Say the answer to people: a line for each fact, unless the command has words of its own."""
        for name, value in facts.items():
            if value not in ("", None):
                self.stdout.write("\n".join(_lines(name.replace("_", " "), value)))


@contextmanager
def whole(path: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """A file that is there once it is whole, whatever stops its writing. Raises Misuse where it cannot be written."""
    new = path.with_name(f"{path.name}.new")
    try:
        if path.is_dir():
            raise Misuse(f"{path} cannot be written: it is a folder.")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        raise Misuse(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        new.unlink(missing_ok=True)


def _sentence(error: ValidationError) -> str:
    """What is wrong, each field by its name."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    fields = {name.replace("_", " "): " ".join(messages) for name, messages in error.message_dict.items()}
    return " ".join(text if name == "  all  " else f"{name}: {text}" for name, text in fields.items())


def _lines(name: str, value: Any) -> list[str]:
    """A fact as people read it: a list has a line for each."""
    if isinstance(value, bool):
        value = "yes" if value else "no"
    if not isinstance(value, list | tuple):
        return [f"{name}: {value}"]
    return [f"{name}:" if value else f"{name}: none", *(f"  {_line(each)}" for each in value)]


def _said(name: str, value: Any) -> str:
    """A number is said with its name, a text by itself."""
    return f"{name} {value}" if isinstance(value, int) else str(value)


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return " · ".join(_said(name, each) for name, each in value.items() if each not in ("", None))
    return str(value)
