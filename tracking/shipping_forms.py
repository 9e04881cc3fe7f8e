"""The form of a parcel to frank: typed freely, judged by tracking.orders alone, its answers beside the fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries import countries

from rights.models import AccountLink
from tracking import pickup, places, products
from tracking.actions.franking import sender_of
from tracking.labels.label import Address, Label
from tracking.models import Parcel, PickupPoint
from tracking.orders import Order, Problem, check, is_weight, town_names
from tracking.pickup import Position
from tracking.sketch import Sketch, sketch
from users.forms import country_field

NEAR = 8
"""How many pickup points are offered."""
DAY = _("Choose today or a day to come.")


class Line(forms.CharField):
    """One line of text. That it may not be empty is said by its label, and judged with all the rest."""

    def __init__(self, label: Any, *, kind: str = "text", **kwargs: Any) -> None:
        attributes = {"autocomplete": "off", "inputmode": kind}
        super().__init__(label=label, widget=forms.TextInput(attrs=attributes), **kwargs)

    def validate(self, value: Any) -> None:
        """Nothing here: an empty answer has its own published error."""


class WeightField(Line):
    """Kilograms with a comma or a dot, as grams; what is no weight is left as it was typed."""

    def prepare_value(self, value: Any) -> Any:
        return kilograms(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        return grams(super().to_python(value) or "")


def grams(typed: str) -> Any:
    """The grams of a weight as people type it, in kilograms; None for nothing."""
    text = typed.lower().removesuffix("kg").strip().replace(",", ".")
    try:
        weight = Decimal(text or "nan") * 1000
        return int(weight) if abs(weight) < 10**9 and weight == int(weight) else typed
    except (ArithmeticError, ValueError):
        return typed or None


def kilograms(weight: int, *, exact: bool = False) -> str:
    """A weight as the language writes it: 1,25; to the gram where weights stand one below another."""
    return formats.number_format(Decimal(weight) / 1000, decimal_pos=3 if exact or weight % 10 else 2)


def party(which: str) -> dict[str, forms.Field]:
    """The fields of an address, each named as tracking.orders names it, with its party before it."""
    made: dict[str, forms.Field] = {
        "company": Line(_("Company"), required=False, help_text=_("With a last name, or instead of one.")),
        "last_name": Line(_("Last name")),
        "first_name": Line(_("First name"), required=False),
        "line2": Line(_("Number and street")),
        "line1": Line(_("Entrance, building, residence"), required=False),
        "line0": Line(_("Floor, staircase, flat"), required=False),
        "line3": Line(_("Locality or other mention"), required=False),
        "postcode": Line(_("Postcode")),
        "town": Line(_("Town")),
        "country": country_field(),
        "mobile": Line(_("Mobile number"), kind="tel", required=False, help_text=_("Needed for a pickup point.")),
        "email": Line(_("E-mail"), kind="email", required=False, help_text=_("Needed for a pickup point.")),
        "door_code1": Line(_("Door code"), required=False),
        "door_code2": Line(_("Second door code"), required=False),
        "intercom": Line(_("Intercom"), required=False),
    }
    made["country"].widget.attrs["autocomplete"] = "off"
    made["town"].widget.attrs["list"] = f"{which}_towns"
    return {f"{which}_{name}": field for name, field in made.items()}


@dataclass(frozen=True)
class Offer:
    """A pickup point to choose."""

    point: PickupPoint
    metres: int

    @property
    def kilometres(self) -> float:
        return self.metres / 1000

    @property
    def week(self) -> list[tuple[Any, list[tuple[str, str]]]]:
        """Its opening hours, day by day."""
        return [(WEEKDAYS[day], pickup.spans(published)) for day, published in enumerate(self.point.hours[:7])]


def here() -> list[tuple[str, str]]:
    """The countries that parcels are sent from: France, its territories and Monaco, in the reader's language."""
    return [(code, name) for code, name in countries if code in products.FRANCE | products.OVERSEAS]


OF_SENDER = ("company", "last_name", "first_name", "line2", "line3", "postcode", "town", "country", "email")


class FrankForm(forms.Form):
    """One parcel: product and weight, to whom, from whom, and what else is told."""

    token = forms.UUIDField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}), initial=uuid4)
    product = forms.ChoiceField(
        label=_("Product"),
        choices=[(product.code, product.label) for product in products.PRODUCTS],
        error_messages={"required": _("Choose a product."), "invalid_choice": _("Choose a product.")},
    )
    weight = WeightField(
        _("Weight in kilograms"), kind="decimal", help_text=_("From 0.01 to 30.00, for example 1.25.")
    )  # fmt: skip
    commercial_name = Line(
        _("Commercial name"), required=False, help_text=_("The name under which the addressee knows you.")
    )
    pickup_point = forms.CharField(label=_("Pickup point"), required=False, widget=forms.RadioSelect)
    tag = Line(
        pgettext_lazy("of a parcel", "Tag"),
        required=False,
        help_text=_("The same word as on the users who are to follow this parcel, for example LYON."),
    )
    reference = Line(_("Client reference"), required=False, help_text=_("Your order number, to find the parcel by."))
    instructions = Line(
        _("Instructions for the delivery"), required=False, help_text=_("Printed on the label, 35 characters at most.")
    )
    deposit_date = forms.DateField(
        label=_("Day of the deposit"),
        help_text=_("Today or a day to come."),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
        error_messages={"required": DAY, "invalid": DAY},
    )

    def __init__(self, data: Any = None, *, link: AccountLink, like: Parcel | None = None) -> None:
        super().__init__(data, initial=_initial(link, like))
        sender = {f"sender_{name}" for name in OF_SENDER}
        self.fields["tag"].widget.attrs["list"] = "tags"
        self.fields.update(party("addressee"))
        self.fields.update({name: field for name, field in party("sender").items() if name in sender})
        self.fields["sender_email"].help_text = ""
        self.fields["sender_country"] = forms.ChoiceField(label=_("Country"), choices=here)

    def clean(self) -> dict[str, Any]:
        """All that is wrong with the order as a whole, beside the fields not refused already."""
        values = super().clean() or self.cleaned_data
        self.refuse(check(self.order()))
        return values

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Put problems beside the fields they speak of."""
        for problem in problems:
            name = problem.field.replace(".", "_")
            if name not in self.fields:
                self.add_error(None, ValidationError(str(problem), code=problem.code))
            elif name not in self.errors:
                self.add_error(name, ValidationError(str(problem), code=problem.code))

    def order(self) -> Order:
        """What is asked, as far as it could be read."""
        values = self.cleaned_data
        texts = {name: values.get(name, "") for name in ("commercial_name", "tag", "reference", "instructions")}
        return Order(
            product=values.get("product", ""),
            weight=values.get("weight"),
            addressee=self._address("addressee"),
            sender=self._address("sender"),
            pickup_point=values.get("pickup_point", "") if self.to_pickup else "",
            deposit_date=values.get("deposit_date"),
            token=values.get("token"),
            **texts,
        )

    def _address(self, which: str) -> Address:
        names = (name for name in self.fields if name.startswith(f"{which}_"))
        return Address(**{name.removeprefix(f"{which}_"): self.cleaned_data.get(name, "") for name in names})

    # What the page shows besides the fields.

    def value(self, name: str) -> str:
        """What a field shows now, typed or proposed."""
        value = self[name].value()
        return "" if value is None else str(value)

    @property
    def to_pickup(self) -> bool:
        """Whether the product chosen is fetched at a pickup point."""
        product = products.BY_CODE.get(self.value("product"))
        return product is not None and product.pickup

    @property
    def sender_line(self) -> str:
        """The sender in a line."""
        parts = ("sender_company", "sender_last_name", "sender_line2", "sender_postcode", "sender_town")
        return " · ".join(text for name in parts if (text := self.value(name)))

    @property
    def sender_opens(self) -> bool:
        """Whether the sender's address is to be looked at: it has an error, or is missing."""
        return any(name.startswith("sender_") for name in self.errors) or not self.value("sender_line2")

    @property
    def towns(self) -> dict[str, list[str]]:
        """The towns of the postcodes typed, by party."""
        return {which: towns_of(self.value(f"{which}_postcode")) for which in ("addressee", "sender")}

    @cached_property
    def points(self) -> list[Offer]:
        """The pickup points near the addressee that take this parcel."""
        weight = grams(self.value("weight"))
        if not self.to_pickup or self.where is None:
            return []
        heaviest = weight if is_weight(weight) else 1
        found = pickup.nearest(self.where, weight=heaviest, on=timezone.localdate(), limit=NEAR)
        return [Offer(near.point, near.metres) for near in found]

    @property
    def where(self) -> Position | None:
        """About where the addressee is."""
        return places.locate(self.value("addressee_postcode").replace(" ", ""), self.value("addressee_town"))

    @property
    def sketch(self) -> Sketch | None:
        """Where the points are around the addressee."""
        return sketch(self.where, [(o.point.latitude, o.point.longitude) for o in self.points]) if self.where else None

    def sides(self) -> Iterator[Any]:
        """The addressee's fields that most parcels leave empty."""
        for name in ("line1", "line0", "line3", "door_code1", "door_code2", "intercom"):
            yield self[f"addressee_{name}"]

    @property
    def sides_open(self) -> bool:
        """Whether one of them is used."""
        return any(field.value() or field.errors for field in self.sides())


def towns_of(postcode: str) -> list[str]:
    """The towns of a postcode as it is typed."""
    return town_names(postcode.replace(" ", ""))


def _initial(link: AccountLink, like: Parcel | None) -> dict[str, Any]:
    """What a new form proposes: the account as sender, or the sender and the product of another parcel."""
    sender, product = sender_of(link.account), "DOM"
    if like and like.label:
        sender, product = Label.from_dict(like.label).sender, like.product
    return {
        "product": product,
        "deposit_date": timezone.localdate(),
        "commercial_name": link.account.company[:35],
        "tag": link.tags[0] if len(link.tags) == 1 else "",
        "addressee_country": "FR",
        **{f"sender_{name}": value for name, value in asdict(sender).items()},
    }
