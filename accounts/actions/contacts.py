"""The sentences that change the directory of contacts: add, change, remove, put back, forget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit, emails
from accounts.models import Contact, CustomerAccount, Facts
from colibox.lib import outbox, tenancy
from users.models import User

FIELDS = ("civility", "last_name", "first_name", "function", "email", "phone", "mobile", "roles")
"""What is written of a contact."""
AT_ONCE = 200
NAMED = 20
"""So many are named in one mail; how many more there are is said."""


class Conflict(Exception):
    """Somebody else changed the contact since it was read; `contact` is how it is now."""

    def __init__(self, contact: Contact) -> None:
        super().__init__(contact)
        self.contact = contact


def facts_of(contact: Contact) -> Facts:
    """What is written of a contact, by field, as the trace tells it."""
    values = {name: getattr(contact, name) for name in FIELDS}
    return {name: value if isinstance(value, list) else str(value or "") for name, value in values.items()}


def hold(account: CustomerAccount) -> None:
    """Let one at a time compare what is sent with the directory and write it: what is sent twice is written once."""
    CustomerAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)


@transaction.atomic
def add_contact(*, account: CustomerAccount, by: User | None, facts: dict[str, Any]) -> Contact:
    """Write a new contact into the directory of an account."""
    contact = Contact.objects.create(account=account, **facts)
    _record("contact added", contact, by=by, after={name: value for name, value in facts_of(contact).items() if value})
    return contact


@transaction.atomic
def add_contacts(*, account: CustomerAccount, by: User | None, facts: Sequence[dict[str, Any]]) -> list[Contact]:
    """Write many new contacts at once."""
    added = Contact.objects.bulk_create([Contact(account=account, **each) for each in facts], batch_size=AT_ONCE)
    events = (audit.Event("contact added", each.uuid, str(each), {}, facts_of(each)) for each in added)
    audit.record_many(events, by=by, account_id=account.pk)
    return added


def told_at(contact: Contact | None) -> str:
    """Where e-mails about documents reach a contact; nowhere for most."""
    return contact.email.casefold() if contact and Contact.Role.INVOICES in contact.roles else ""


def tell_called(*, account: CustomerAccount, contacts: Sequence[Contact], by: str) -> None:
    """Tell the owner, in one mail, whom e-mails about documents reach from now on, whoever said so."""
    if not contacts:
        return
    keys = [contact.pk for contact in contacts[:NAMED]]
    for to, language in emails.owner(account):
        outbox.queue(
            emails.called_for_invoices, account_id=account.pk, contacts=keys, count=len(contacts), by=by, to=to,
            language=language,
        )  # fmt: skip


@transaction.atomic
def change_contact(*, contact: Contact, by: User | None, version: int, facts: dict[str, Any]) -> Contact:
    """Write what changed of a contact, the name as well. Raises Conflict when somebody saved in between."""
    current = _lock(contact)
    if current.version != version or current.deleted_at:
        raise Conflict(current)
    before = facts_of(current)
    for name, value in facts.items():
        setattr(current, name, value)
    after = facts_of(current)
    changed = [name for name in FIELDS if after[name] != before[name]]
    if changed:
        current.version += 1
        current.save(update_fields=[*changed, "version"])
        was, now = ({name: told[name] for name in changed} for told in (before, after))
        _record("contact changed", current, by=by, before=was, after=now)
    return current


@transaction.atomic
def remove_contact(*, contact: Contact, by: User | None) -> None:
    """Take a contact out of the directory; for Contact.KEPT it can be put back as it was."""
    current = _lock(contact)
    if current.deleted_at is None:
        _mark(current, deleted=True)
        _record("contact removed", current, by=by)


@transaction.atomic
def restore_contact(*, contact: Contact, by: User | None) -> None:
    """Put a removed contact back. Raises ValidationError when it is no longer kept."""
    current = Contact.objects.select_for_update(of=("self",), no_key=True).filter(pk=contact.pk).first()
    if current is None or Contact.objects.outlived().filter(pk=current.pk).exists():
        raise ValidationError(_("This contact was removed more than three days ago: it is no longer kept."))
    if current.deleted_at is not None:
        _mark(current, deleted=False)
        _record("contact put back", current, by=by)


def purge() -> int:
    """Forget the contacts whose removal can no longer be undone; how many there were."""
    with transaction.atomic(), tenancy.everything():
        outlived = Contact.objects.outlived().select_for_update(of=("self",), skip_locked=True).order_by("deleted_at")
        forgotten = list(outlived[:AT_ONCE])
        Contact.objects.filter(pk__in=[contact.pk for contact in forgotten]).delete()
    return len(forgotten)


def _lock(contact: Contact) -> Contact:
    return Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk)


def _mark(contact: Contact, *, deleted: bool) -> None:
    contact.deleted_at = Now() if deleted else None
    contact.version += 1
    contact.save(update_fields=["deleted_at", "version"])


def _record(
    verb: str, contact: Contact, *, by: User | None, before: Facts | None = None, after: Facts | None = None
) -> None:
    audit.record(
        verb, by=by, account_id=contact.account_id, subject=contact.uuid, subject_name=str(contact),
        before=before, after=after,
    )  # fmt: skip
