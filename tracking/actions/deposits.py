"""Deposit slips: the parcels that are handed over together, each on one slip at most."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CustomerAccount
from rights.access import rights_of
from rights.models import AccountLink
from tracking.actions.franking import COLISHIP
from tracking.models import DepositSlip, Parcel
from users.models import User

MOST = 1_000
"""How many parcels a slip lists."""


@transaction.atomic
def make_slip(*, link: AccountLink, by: User, parcels: Sequence[Parcel]) -> DepositSlip:
    """Put parcels on a new slip of the account; raises ValidationError when one of them cannot be.

    Whoever makes another slip of the account waits, so that numbers follow each other and no parcel is on two.
    """
    if link.user_id != by.pk or COLISHIP not in rights_of([link])[link.pk]:
        raise ValidationError(_("This right is not open on this account."))
    if not parcels:
        raise ValidationError(_("Tick the parcels that you hand over."))
    if len(parcels) > MOST:
        raise ValidationError(_("A slip lists 1,000 parcels at most: make several."))
    CustomerAccount.objects.select_for_update(no_key=True).get(pk=link.account_id)
    locked = _locked(link, parcels)
    last = DepositSlip.objects.filter(account=link.account_id).aggregate(last=Max("number"))["last"] or 0
    slip = DepositSlip.objects.create(account=link.account, number=last + 1, by=by, by_name=str(by)[:170])
    Parcel.objects.filter(account=link.account_id, pk__in=locked).update(slip=slip)
    told = {"number": slip.number, "parcels": len(locked)}
    audit.record("deposit slip made", by=by, account_id=link.account_id, subject=slip.uuid,
                 subject_name=str(slip.number), after=told)  # fmt: skip
    return slip


def _locked(link: AccountLink, parcels: Sequence[Parcel]) -> list[int]:
    """These parcels as they are now, each franked here and still to be handed over."""
    wanted = Parcel.objects.filter(account=link.account_id, pk__in=[parcel.pk for parcel in parcels])
    found = list(wanted.select_for_update(no_key=True).order_by("pk"))
    gone = [parcel for parcel in found if not _waits(parcel)]
    if gone or len(found) < len(parcels):
        numbers = ", ".join(parcel.number for parcel in gone[:5]) + ("…" if len(gone) > 5 else "")
        text = _("Already on a slip, cancelled or handed over: %(numbers)s. No slip was made.")
        raise ValidationError(text % {"numbers": numbers})
    return [parcel.pk for parcel in found]


def _waits(parcel: Parcel) -> bool:
    return parcel.may_be_cancelled and parcel.slip_id is None and parcel.label is not None
