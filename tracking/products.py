"""What can be sent: the products by their published codes, and what each asks for."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from colibox.lib.text import Text

LIGHTEST, HEAVIEST = 10, 30_000
"""Grams: the published limits of 0.01 and 30.00 kg."""

OVERSEAS = frozenset({"GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "NC", "PF", "WF", "TF"})
FRANCE = frozenset({"FR", "MC"})
ABROAD: frozenset[str] = frozenset()
"""Every country but France and its territories."""


@dataclass(frozen=True)
class Product:
    """One product: where it goes, what its numbers begin with, what it asks for.

    `countries` empty means abroad. A number is international (UPU S10) when its prefix is two letters.
    """

    code: str
    label: Text
    prefix: str
    countries: frozenset[str] = field(default=FRANCE)
    signature: bool = False
    pickup: bool = False
    return_label: bool = False

    @property
    def international(self) -> bool:
        """Whether its numbers follow UPU S10 instead of the national form."""
        return self.prefix.isalpha()

    def goes_to(self, country: str) -> bool:
        """Whether this product is delivered in a country (ISO code of two letters)."""
        return country in self.countries if self.countries else country not in FRANCE | OVERSEAS


PRODUCTS: tuple[Product, ...] = (
    Product("DOM", _("Home, without signature"), "6A"),
    Product("DOS", _("Home, with signature"), "6C", signature=True),
    Product("HD", _("Pickup point"), "6M", pickup=True, signature=True),
    Product("COM", _("Overseas, without signature"), "6H", OVERSEAS),
    Product("CDS", _("Overseas, with signature"), "8Q", OVERSEAS, signature=True),
    Product("COLI", _("Abroad, with signature"), "CB", ABROAD, signature=True),
    Product("CORE", _("Return from France"), "8R", return_label=True),
)

BY_CODE: dict[str, Product] = {product.code: product for product in PRODUCTS}

FORMER_PICKUP_CODES = frozenset({"A2P", "BPR", "CMT", "PCS", "BDP", "ACP", "CDI"})
"""What the web service still accepts for HD, which replaced them."""


def label(code: str) -> Text:
    """The name of a product; its code when it is not sold any more."""
    return BY_CODE[code].label if code in BY_CODE else code
