"""`manage.py add_document`: an invoice or price conditions at an account's disposal, from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts import files
from accounts.actions.documents import add_document
from accounts.forms.documents import DocumentForm
from accounts.models import Document
from colibox.lib.commands import Facts, Misuse, OperatorCommand, Refusal

OPTIONS = {"account_number": "--account", "issued_on": "--date, such as 2026-11-30"}
"""The options whose fields have another name."""
TITLES = {"invoice": "Facture {number}", "prices": "Conditions tarifaires {number}"}


class Command(OperatorCommand):
    """Idempotent: a document of the same number and content is there already, and the command says so."""

    help = "Put an invoice or price conditions at an account's disposal; who is called for invoices is told by e-mail."
    example = "add_document facture.pdf --account 900138 --kind invoice --number F-2026-11 --date 2026-11-30"

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a PDF, an XLSX workbook or a CSV table, 10 MB at most")
        parser.add_argument("--account", required=True, help="the account number")
        parser.add_argument("--kind", required=True, choices=Document.Kind.values)
        parser.add_argument("--number", default="", help="the document's number; an invoice has one")
        parser.add_argument("--date", required=True, help="the day of the document, such as 2026-11-30")
        parser.add_argument("--title", default="", help="what it is called (default: after its kind and number)")
        parser.add_argument("--amount", default="", help="in euros, such as 1234.56")

    def answer(self, *, file: Path, account: str, kind: str, number: str, **options: Any) -> Facts:
        read = self._read(file)
        form = self._form(account, kind, number, options)
        document = _known(form, read)
        facts = {"account": account, "kind": kind, "number": number, "file": read.name, "bytes": len(read.content)}
        if document:
            return {**facts, "done": "nothing: it is there as asked"}
        add_document(**form.facts(), file=read, by=None)
        return {**facts, "done": "added"}

    def _read(self, path: Path) -> files.File:
        try:
            if path.stat().st_size > Document.LARGEST or not path.is_file():
                raise Misuse(f"{path} is no file of 10 MB at most.")
            return files.read(path.name, path.read_bytes())
        except OSError as error:
            raise Misuse(f"{path} cannot be read: {error.strerror}.") from error

    def _form(self, account: str, kind: str, number: str, options: dict[str, Any]) -> DocumentForm:
        """The options, under the rules of the screen."""
        title = options["title"] or TITLES[kind].format(number=number).strip()
        values = {"account_number": account, "kind": kind, "number": number, "title": title}
        amount = options["amount"].replace(",", ".")
        form = DocumentForm({**values, "issued_on": options["date"], "amount": amount})
        del form.fields["file"]
        if not form.is_valid():
            wrong = {OPTIONS.get(name, f"--{name}"): " ".join(map(str, errors)) for name, errors in form.errors.items()}
            raise Misuse(" ".join(f"{option}: {why}" for option, why in wrong.items()))
        return form


def _known(form: DocumentForm, read: files.File) -> Document | None:
    """The document that is there already under this number. Raises Refusal when it is another."""
    asked = form.facts()
    number, same = asked["number"], {"account": asked.pop("account"), "kind": asked.pop("kind")}
    found = Document.objects.filter(**same, number=number).exclude(number="").first()
    if found is None:
        return None
    there = {name: getattr(found, name) for name, value in asked.items() if value is not None}
    other = [f"{name.replace('_', ' ')} {value}" for name, value in there.items() if value != asked[name]]
    other += ["other content"] if bytes(found.content) != read.content else []
    if other:
        raise Refusal(f"Number {number} is there, with {', '.join(other)}: withdraw it at /operator/ first.")
    return found
