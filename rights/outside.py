"""Applications that are not ours: a right opens them, the carrier says where they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.addresses import is_allowed
from accounts.models import Service
from rights import catalogue

ICONS = {
    "returns": "rotate",
    "supplies": "package",
    "coliview": "truck-delivery",
    "pass_partners": "id",
    "simplicity": "devices",
    "flexibility": "map-pin",
    "notifications": "bell",
    "chat": "headset",
    "collection": "building",
}
"""The rights that open something that is not ours."""
RIGHTS = frozenset(ICONS)
WEBINAR, WEBINAR_SENTENCE = "webinar", _("The carrier's presentations online, for everybody.")
NAMES: dict[str, catalogue.Text] = {
    **{right.code: right.label for right in catalogue.RIGHTS if right.code in ICONS},
    WEBINAR: _("Webinar"),
}
"""What each is called, by the code under which its address is kept."""


@dataclass(frozen=True)
class Outside:
    """One such application; without an address it is not available yet."""

    label: catalogue.Text
    sentence: catalogue.Text
    icon: str
    address: str


def applications(rights: Collection[str]) -> list[Outside]:
    """Those that these rights open, in the order of the catalogue, then webinars if there are; one query."""
    known = Service.objects.values_list("right", "address")
    addresses = {code: address for code, address in known if is_allowed(address)}
    held = [right for right in catalogue.RIGHTS if right.code in ICONS and right.code in rights]
    found = [Outside(right.label, right.sentence, ICONS[right.code], addresses.get(right.code, "")) for right in held]
    if WEBINAR in addresses:
        found.append(Outside(NAMES[WEBINAR], WEBINAR_SENTENCE, "device-desktop", addresses[WEBINAR]))
    return found
