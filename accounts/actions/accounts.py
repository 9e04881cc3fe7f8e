"""What the carrier does to an account that is there: put right what it says, close it, open it again."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit, emails
from accounts.models import CustomerAccount, Facts
from colibox.lib import outbox
from colibox.lib.text import line
from users.models import User

FIELDS = ("company", "email", "contract", "payment", "address_1", "address_2", "postcode", "town", "country")
"""What may be put right. The number never changes: keys, labels and parcels bear it."""
State = CustomerAccount.State


def company(typed: str) -> str:
    """A company's name on one line. Raises ValidationError where nothing is left of it."""
    name = line(typed, 120)
    if not name:
        raise ValidationError({"company": _("Enter the company’s name.")})
    return name


@transaction.atomic
def change_account(*, account: CustomerAccount, facts: Mapping[str, str], reason: str, by: User | None) -> Facts:
    """Put right what an account says of itself; its owner is told. What changed, by field; empty for nothing.

    Raises ValidationError by field.
    """
    account = _locked(account)
    before = {name: str(getattr(account, name)) for name in facts}
    for name, value in facts.items():
        setattr(account, name, company(value) if name == "company" else value.strip())
    account.full_clean(exclude={field.name for field in account._meta.fields} - set(facts))
    changed = [name for name in facts if str(getattr(account, name)) != before[name]]
    if not changed:
        return {}
    account.save(update_fields=changed)
    after = {name: str(getattr(account, name)) for name in changed}
    was = {name: before[name] for name in changed}
    audit.record("account changed", by=by, account_id=account.pk, before=was, after={**after, "reason": reason})
    _tell(account, "changed", reason, former=before.get("email", "") if "email" in changed else "")
    return after


@transaction.atomic
def close_account(*, account: CustomerAccount, reason: str, by: User | None) -> bool:
    """Let nobody in any more, people and programs; nothing is deleted. Whether it was open."""
    return _move(account, State.CLOSED, "account closed", reason, by)


@transaction.atomic
def reopen_account(*, account: CustomerAccount, reason: str, by: User | None) -> bool:
    """Let everybody in again who could come in when it was closed. Whether it was closed."""
    return _move(account, State.OPEN, "account opened again", reason, by)


def _move(account: CustomerAccount, state: CustomerAccount.State, verb: str, reason: str, by: User | None) -> bool:
    account = _locked(account)
    if account.state == state:
        return False
    before, account.state = account.state, state
    account.save(update_fields=["state"])
    audit.record(verb, by=by, account_id=account.pk, before={}, after={"reason": reason})
    _tell(account, "closed" if before == State.OPEN else "opened", reason)
    return True


def _locked(account: CustomerAccount) -> CustomerAccount:
    return CustomerAccount.objects.select_for_update(no_key=True).get(pk=account.pk)


def _tell(account: CustomerAccount, change: str, reason: str, *, former: str = "") -> None:
    """The owner, and the address that the account had."""
    readers = {to.casefold(): (to, language) for to, language in emails.owner(account)}
    if former:
        readers.setdefault(former.casefold(), (former, next(iter(readers.values()), ("", "fr"))[1]))
    for to, language in readers.values():
        outbox.queue(
            emails.account_changed, account_id=account.pk, account=account.pk, change=change, reason=reason, to=to,
            language=language,
        )  # fmt: skip
