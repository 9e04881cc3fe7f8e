"""What the carrier does to groups of accounts: make one, change it, take it apart."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import audit, emails
from accounts.models import AccountGroup, CustomerAccount
from colibox.lib import outbox
from colibox.lib.database import constraint_of
from users.models import User

MOST = 200
"""How many accounts a group may have: one page reads them all together."""


@transaction.atomic
def save_group(
    *, group: AccountGroup, name: str, head: CustomerAccount, accounts: Collection[CustomerAccount], by: User
) -> AccountGroup:
    """Make these the accounts of a group, new or not. Raises ValidationError on `name`, `head` or `accounts`."""
    wanted = {account.pk: account for account in (head, *accounts)}
    _check(group, wanted)
    group.name, group.head = name, head
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        field = "name" if "name" in constraint_of(error) else "head"
        taken = {"name": _("There is a group of this name already."), "head": _("This account heads a group already.")}
        raise ValidationError({field: taken[field]}) from None
    had = {account.pk: account for account in group.accounts.all()}
    _move([wanted[pk] for pk in wanted.keys() - had.keys()], group, group, "account put in a group", by)
    _move([had[pk] for pk in had.keys() - wanted.keys()], None, group, "account taken out of its group", by)
    return group


@transaction.atomic
def dissolve_group(*, group: AccountGroup, reason: str, by: User) -> None:
    """Leave each account on its own again; their owners are told."""
    accounts = list(group.accounts.all())
    _move(accounts, None, group, "account taken out of its group", by, reason)
    for account in accounts:
        for to, language in emails.owner(account):
            outbox.queue(
                emails.account_changed, account_id=account.pk, account=account.pk, change="dissolved", reason=reason,
                group=group.name, to=to, language=language,
            )  # fmt: skip
    group.delete()


def _check(group: AccountGroup, wanted: dict[int, CustomerAccount]) -> None:
    if len(wanted) > MOST:
        raise ValidationError({"accounts": _("A group has %(most)s accounts at most.") % {"most": MOST}})
    others = [account for account in wanted.values() if account.group_id not in (None, group.pk)]
    if others:
        numbers = ", ".join(sorted(account.number for account in others))
        raise ValidationError({"accounts": _("In another group already: %(numbers)s.") % {"numbers": numbers}})


def _move(
    accounts: Collection[CustomerAccount],
    into: AccountGroup | None,
    group: AccountGroup,
    verb: str,
    by: User,
    reason: str = "",
) -> None:
    """Put accounts in a group or out of it, each with an event of its own."""
    for account in sorted(accounts, key=lambda account: account.number):
        account.group = into
        account.save(update_fields=["group"])
        after = {"reason": reason} if reason else {}
        audit.record(verb, by=by, account_id=account.pk, subject=group.uuid, subject_name=group.name, after=after)
