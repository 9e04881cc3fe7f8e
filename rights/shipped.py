"""The profiles that come with the portal: named sets of rights for what people do most."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from django.utils import translation
from django.utils.translation import gettext_lazy, pgettext_lazy

from colibox.lib.text import Text, fold
from users.models import Language


@dataclass(frozen=True)
class Shipped:
    """A profile that every account finds: rights that do not suit somebody, or that the account lacks, are left out."""

    code: str
    name: Text
    description: Text
    rights: tuple[str, ...]

    @cached_property
    def digest(self) -> str:
        """A fingerprint of its rights: what a release proposed is proposed once."""
        return hashlib.sha256(" ".join(sorted(self.rights)).encode()).hexdigest()[:32]

    @property
    def names(self) -> Iterable[str]:
        """What it is called, in each language of the portal."""
        for language in Language.values:
            with translation.override(language):
                yield str(self.name)


SHIPPED: tuple[Shipped, ...] = (
    Shipped(
        "shipper", pgettext_lazy("profile", "Shipper"),
        gettext_lazy("Franks parcels, prepares returns and collections, follows what they sent."),
        ("coliship", "returns", "supplies", "tracking_claims", "tool_key", "collection"),
    ),
    Shipped(
        "tracking", pgettext_lazy("profile", "Tracking"),
        gettext_lazy("Follows all the parcels of the account and reads its figures."),
        ("tracking_claims", "dashboard", "tool_consolidated"),
    ),
    Shipped(
        "service", pgettext_lazy("profile", "Customer service"),
        gettext_lazy("Follows all the parcels, files claims and talks with the carrier’s customer service."),
        ("tracking_claims", "tool_service_consolidated", "notifications", "chat"),
    ),
    Shipped(
        "accounting", pgettext_lazy("profile", "Accounting"),
        gettext_lazy("Reads invoices and price conditions, nothing else."),
        ("tariffs", "invoices"),
    ),
    Shipped(
        "contractor", pgettext_lazy("profile", "Contractor"),
        gettext_lazy("Franks for the account and sees only the parcels that bear one of their tags."),
        ("coliship", "tool_tag"),
    ),
    Shipped(
        "integrator", pgettext_lazy("profile", "Integrator"),
        gettext_lazy("Connects the company’s own software: franking, tracking and delivery points."),
        ("shipping_ws", "tracking_ws", "pickup_ws"),
    ),
)  # fmt: skip

BY_CODE: Mapping[str, Shipped] = {shipped.code: shipped for shipped in SHIPPED}


@cache
def reserved() -> Mapping[str, str]:
    """The names of the shipped profiles in all languages, folded, and the code of each: no account may take them."""
    return {fold(name): shipped.code for shipped in SHIPPED for name in shipped.names}
