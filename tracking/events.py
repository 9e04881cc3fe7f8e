"""What can happen to a parcel: the published codes, their labels, the step and the status each stands for."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from colibox.lib.text import Text


class Status(models.TextChoices):
    """What people ask for in one word; the latest event says which it is."""

    ANNOUNCED = "announced", pgettext_lazy("parcel", "Announced")
    ACCEPTED = "accepted", pgettext_lazy("parcel", "Handed over")
    TRANSIT = "transit", pgettext_lazy("parcel", "On its way")
    OUT = "out", pgettext_lazy("parcel", "Out for delivery")
    WAITING = "waiting", pgettext_lazy("parcel", "Ready for collection")
    PROBLEM = "problem", pgettext_lazy("parcel", "Problem")
    DELIVERED = "delivered", pgettext_lazy("parcel", "Delivered")
    RETURNED = "returned", pgettext_lazy("parcel", "Returned")
    CANCELLED = "cancelled", pgettext_lazy("parcel", "Cancelled")


FINAL = (Status.DELIVERED, Status.RETURNED, Status.CANCELLED)

STEPS: dict[int, Text] = {
    1: _("Your parcel is announced."),
    2: _("It is in our hands."),
    3: _("It is on its way."),
    4: _("It has reached the place it is delivered from."),
    5: _("Your parcel has been delivered."),
}
"""The five steps of the time line, as the addressee reads them."""

TO_COME: dict[int, Text] = {
    2: _("Handing over"),
    3: _("Transport"),
    4: _("Arrival where it is delivered from"),
    5: _("Delivery"),
}
"""The same before they are reached, when nothing of the kind has happened yet."""


@dataclass(frozen=True)
class Kind:
    """One code of the published table."""

    code: str
    label: Text
    step: int
    status: Status


KINDS: tuple[Kind, ...] = (
    Kind("DR1", _("Announced by the sender"), 1, Status.ANNOUNCED),
    Kind("DR2", _("Problem while being prepared"), 1, Status.PROBLEM),
    Kind("PC1", _("Handed over"), 2, Status.ACCEPTED),
    Kind("PC2", _("Handed over in the country of origin"), 2, Status.ACCEPTED),
    Kind("ET1", _("Being processed"), 3, Status.TRANSIT),
    Kind("ET2", _("Being processed in the country of origin"), 3, Status.TRANSIT),
    Kind("ET3", _("Being processed in the country of destination"), 3, Status.TRANSIT),
    Kind("ET4", _("Being processed in a country of transit"), 3, Status.TRANSIT),
    Kind("EP1", _("Waiting to be presented"), 3, Status.TRANSIT),
    Kind("DO1", _("Entered customs"), 3, Status.TRANSIT),
    Kind("DO2", _("Left customs"), 3, Status.TRANSIT),
    Kind("DO3", _("Held by customs"), 3, Status.PROBLEM),
    Kind("ID0", _("Customs information"), 3, Status.TRANSIT),
    Kind("PB1", _("Problem under way"), 3, Status.PROBLEM),
    Kind("PB2", _("Problem solved"), 3, Status.TRANSIT),
    Kind("DI3", _("Delayed"), 3, Status.PROBLEM),
    Kind("MD2", _("Out for delivery"), 4, Status.OUT),
    Kind("ND1", _("Cannot be delivered"), 4, Status.PROBLEM),
    Kind("AG1", _("Waiting to be collected at the counter"), 4, Status.WAITING),
    Kind("RE1", _("Sent back to the sender"), 4, Status.RETURNED),
    Kind("DI0", _("Delivered in a batch"), 5, Status.DELIVERED),
    Kind("DI1", _("Delivered to the addressee"), 5, Status.DELIVERED),
    Kind("DI2", _("Delivered to the sender"), 5, Status.RETURNED),
)
"""The codes of the carrier's published tracking service (Suivi v2), each with its step there."""

BY_CODE: dict[str, Kind] = {kind.code: kind for kind in KINDS}


def codes(status: Status) -> list[str]:
    """The codes that stand for a status."""
    return [kind.code for kind in KINDS if kind.status == status]


def label(code: str) -> Text:
    """What a code means, in the active language; the code itself when it is not in the table."""
    return BY_CODE[code].label if code in BY_CODE else code
