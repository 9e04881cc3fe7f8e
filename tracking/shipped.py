"""The parcels that somebody may print and hand over on an account, and those of a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from colibox.lib.days import midnight
from colibox.lib.text import Text
from rights.models import AccountLink
from tracking import numbers
from tracking.events import Status
from tracking.models import DepositSlip, Parcel, ParcelQuerySet
from tracking.shipping_forms import kilograms
from tracking.tables import ICONS


def parcels_of(link: AccountLink) -> ParcelQuerySet:
    """The parcels that the holder of this link may print: the account's, or for others' people those they franked."""
    parcels = Parcel.objects.for_account(link.account)
    return parcels if _own_staff(link) else parcels.filter(franked_by=link.user_id)


def slips_of(link: AccountLink) -> Any:
    """The deposit slips that the holder of this link may print, the newest first."""
    slips = DepositSlip.objects.filter(account=link.account).order_by("-number")
    return slips if _own_staff(link) else slips.filter(by=link.user_id)


def _own_staff(link: AccountLink) -> bool:
    return link.administers or link.kind == AccountLink.Kind.STANDARD


def numbered(parcels: ParcelQuerySet, typed: Sequence[str], most: int) -> list[Parcel]:
    """These parcels, in the order of their franking; those out of reach are left out."""
    wanted = {numbers.read(number) for number in typed[:most]}
    return list(parcels.filter(number__in=wanted).select_related("slip").order_by("created_at", "id"))


def on_day(parcels: ParcelQuerySet, day: date) -> ParcelQuerySet:
    """Those franked on a day, the newest first."""
    begins, ends = midnight(day), midnight(day + timedelta(days=1))
    return parcels.filter(created_at__gte=begins, created_at__lt=ends).order_by("-created_at", "-id")


@dataclass(frozen=True)
class Line:
    """A parcel as a list of the day shows it."""

    parcel: Parcel

    @property
    def number(self) -> str:
        return numbers.show(self.parcel.number)

    @property
    def weight(self) -> str:
        return kilograms(self.parcel.weight)

    @property
    def status(self) -> Text:
        return Status(self.parcel.status).label

    @property
    def icon(self) -> str:
        return ICONS[self.parcel.status]

    @property
    def by_service(self) -> bool:
        """Whether somebody's own software franked it."""
        return bool(self.parcel.franked_with)
