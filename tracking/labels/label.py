"""What is printed on a label and on a deposit slip, as plain values that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Address:
    """Somebody somewhere; line 2 is the street."""

    company: str = ""
    last_name: str = ""
    first_name: str = ""
    line0: str = ""
    line1: str = ""
    line2: str = ""
    line3: str = ""
    postcode: str = ""
    town: str = ""
    country: str = "FR"
    phone: str = ""
    mobile: str = ""
    email: str = ""
    door_code1: str = ""
    door_code2: str = ""
    intercom: str = ""

    @property
    def person(self) -> str:
        """First name and name, whichever there are."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def name(self) -> str:
        """What an address begins with: the company, else the person."""
        return self.company or self.person


@dataclass(frozen=True, kw_only=True)
class Label:
    """Everything a label says; a reprint needs nothing else."""

    number: str
    product: str
    product_label: str
    account: str
    sender: Address
    addressee: Address
    weight: int
    created: date
    reference: str = ""
    instructions: str = ""
    pickup_id: str = ""
    pickup_name: str = ""
    commercial_name: str = ""
    customer_label: str = ""
    tag: str = ""
    signature: bool = False
    return_label: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The label as JSON holds it."""
        return {**asdict(self), "created": self.created.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """The label as_dict() wrote, by this version or another: what is unknown here is left aside."""
        known = _known(cls, stored)
        known["sender"] = Address(**_known(Address, stored["sender"]))
        known["addressee"] = Address(**_known(Address, stored["addressee"]))
        known["created"] = date.fromisoformat(stored["created"])
        return cls(**known)


@dataclass(frozen=True, kw_only=True)
class SlipLine:
    """A parcel on a deposit slip."""

    number: str
    product_label: str
    addressee: str
    postcode: str
    town: str
    country: str
    weight: int
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Slip:
    """The parcels handed over together, for two signatures."""

    number: int
    account: str
    sender: Address
    created: datetime
    by: str
    parcels: Sequence[SlipLine]


def _known(kind: type, stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in stored.items() if name in names}
