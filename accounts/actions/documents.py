"""What is done to the documents of an account: the carrier adds and withdraws them, people take them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import addresses, audit, emails
from accounts.files import File
from accounts.models import Contact, CustomerAccount, Document, Facts, Service
from colibox.lib import outbox
from colibox.lib.database import constraint_of
from users.models import Language, User

OLDEST, AHEAD = date(2000, 1, 1), timedelta(days=366)
"""Between which days a document is likely to be."""


@transaction.atomic
def add_document(
    *,
    account: CustomerAccount,
    kind: str,
    title: str,
    number: str,
    issued_on: date,
    amount: Decimal | None,
    file: File,
    by: User | None,
    tell: bool = True,
) -> Document:
    """Put a document at an account's disposal; its owner and those who are called for invoices are told.

    Raises ValidationError on `number` when a document of this kind bears it, on `issued_on` for an unlikely day.
    """
    if not OLDEST <= issued_on <= timezone.localdate() + AHEAD:
        raise ValidationError({"issued_on": _("The day of a document lies after 1999, and at most a year ahead.")})
    if kind == Document.Kind.INVOICE and not number:
        raise ValidationError({"number": _("An invoice has a number.")})
    try:
        with transaction.atomic():
            document = Document.objects.create(
                account=account, kind=kind, title=title, number=number, issued_on=issued_on, amount=amount,
                filename=file.name, content_type=file.content_type, size=len(file.content), content=file.content,
            )  # fmt: skip
    except IntegrityError as error:
        if constraint_of(error) != "one_document_a_number":
            raise
        taken = _("There is already a document of this kind with the number %(number)s.") % {"number": number}
        raise ValidationError({"number": taken}) from error
    _record("document added", document, by=by, after=facts_of(document))
    if tell:
        _tell(document)
    return document


@transaction.atomic
def withdraw_document(*, document: Document, reason: str, by: User | None) -> None:
    """Take back a document that is wrong; what it was stays in the trace, and who was told of it is told why."""
    _record("document withdrawn", document, by=by, before=facts_of(document), after={"reason": reason})
    for to, language in _told(document):
        outbox.queue(
            emails.document_withdrawn, account_id=document.account_id, account=document.account_id,
            name=str(document), reason=reason, to=to, language=language,
        )  # fmt: skip
    document.delete()


@transaction.atomic
def take_document(*, document: Document, by: User) -> None:
    """Somebody downloads a document."""
    _record("document taken", document, by=by)


@transaction.atomic
def set_service(*, right: str, address: str, by: User | None) -> None:
    """Say where an application that is not ours is; without an address it is not available. Raises ValidationError."""
    if address:
        addresses.check(address)
    before = Service.objects.select_for_update(no_key=True).filter(right=right).first()
    if address:
        Service.objects.update_or_create(right=right, defaults={"address": address})
    elif before:
        before.delete()
    was = before.address if before else ""
    if was != address:
        audit.record(
            "service address changed", by=by, subject_name=right, before={"address": was}, after={"address": address}
        )


def facts_of(document: Document) -> Facts:
    """What a document is, as the trace tells it."""
    return {
        "kind": document.kind,
        "title": document.title,
        "number": document.number,
        "issued_on": document.issued_on.isoformat(),
        "amount": str(document.amount) if document.amount is not None else "",
        "filename": document.filename,
    }


def _record(
    verb: str, document: Document, *, by: User | None, before: Facts | None = None, after: Facts | None = None
) -> None:
    audit.record(
        verb, by=by, account_id=document.account_id, subject=document.uuid, subject_name=str(document),
        before=before, after=after,
    )  # fmt: skip


def _tell(document: Document) -> None:
    """One mail to each address, whoever it is of."""
    mails = [
        (
            f"document:{document.uuid}:{to.casefold()}",
            str(document.uuid),
            {"document": document.pk, "to": to, "language": spoken},
        )
        for to, spoken in _told(document)
    ]
    outbox.queue_each(emails.document_added, mails, account_id=document.account_id)


def _told(document: Document) -> Collection[tuple[str, str]]:
    """The addresses to write to, each once with its language."""
    return {to.casefold(): (to, language) for to, language in _readers(document)}.values()


def _readers(document: Document) -> Iterator[tuple[str, str]]:
    """The contacts called for invoices, in the language of the owner, then the owner."""
    owners = list(emails.owner(document.account))
    language = owners[0][1] if owners else Language.FRENCH.value
    contacts = Contact.objects.for_account(document.account).filter(roles__contains=[Contact.Role.INVOICES])
    for email in contacts.exclude(email="").values_list("email", flat=True):
        yield email, language
    yield from owners
