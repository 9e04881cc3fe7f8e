"""The rights there are: each with its group, its label, one plain sentence, and whom it suits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from colibox.lib.text import Text as Text


class Group(StrEnum):
    """The families in which rights are shown."""

    FRANKING = "franking"
    TRACKING = "tracking"
    DELIVERY = "delivery"
    ACCOUNT = "account"
    COLLECTION = "collection"

    @property
    def label(self) -> Text:
        return GROUP_LABELS[self]

    def label_for(self, kind: str) -> Text:
        """The heading on the forms of this kind of user: advanced users have no right over returns."""
        return _("Franking") if self is Group.FRANKING and kind == "advanced" else self.label


GROUP_LABELS: dict[Group, Text] = {
    Group.FRANKING: _("Franking and returns"),
    Group.TRACKING: _("Tracking"),
    Group.DELIVERY: _("Delivery"),
    Group.ACCOUNT: _("My account"),
    Group.COLLECTION: _("Collection"),
}


class Variant(StrEnum):
    """The two forms of the parcel tracking tool; of each, a person has one scope at most."""

    WITHOUT_SERVICE = "tool"
    WITH_SERVICE = "tool_service"

    @property
    def label(self) -> Text:
        return VARIANT_LABELS[self]


VARIANT_LABELS: dict[Variant, Text] = {
    Variant.WITHOUT_SERVICE: _("Parcel tracking tool without access to customer service"),
    Variant.WITH_SERVICE: _("Parcel tracking tool with access to customer service"),
}


@dataclass(frozen=True)
class Right:
    """Something a person may be allowed to do in the name of an account."""

    code: str
    group: Group
    label: Text
    sentence: Text
    standard: bool = False
    advanced: bool = False
    variant: Variant | None = None
    needs_tag: bool = False
    standard_label: Text | None = None

    @property
    def follows(self) -> bool:
        """Whether it opens the tracking tool."""
        return self.variant is not None or self.code in {"tracking_claims", "coliview"}

    def suits(self, kind: str) -> bool:
        """Whether this right can be given to a user of this kind (standard or advanced)."""
        return self.standard if kind == "standard" else self.advanced

    def label_for(self, kind: str) -> Text:
        """The label on the forms of this kind of user; a scope is shown under its variant."""
        return self.standard_label if kind == "standard" and self.standard_label else self.label

    @property
    def full_label(self) -> str:
        """The label as it stands alone, in an e-mail or an export: with its variant."""
        return f"{self.variant.label} – {self.label}" if self.variant else str(self.label)

    @property
    def choice(self) -> str:
        """The key under which only one right can be held; empty for a right of its own."""
        return self.variant or ""


def _scopes(variant: Variant, service: Text) -> Iterable[Right]:
    def scope(name: str, label: Text, sentence: Text, needs_tag: bool = False) -> Right:
        return Right(
            f"{variant}_{name}", Group.TRACKING, label, sentence,
            advanced=True, variant=variant, needs_tag=needs_tag,
        )  # fmt: skip

    yield scope("key", _("Tracking limited to the user key"), _(
        "Sees the parcels that bear their user key and those they franked themselves."))  # fmt: skip
    yield scope("tag", _("Tracking limited to the user tag"), _(
        "Sees the parcels that bear one of their tags."), needs_tag=True)  # fmt: skip
    yield scope("consolidated", _("Consolidated tracking"), service)


RIGHTS: tuple[Right, ...] = (
    Right("coliship", Group.FRANKING, _("ColiShip franking interface"),
          _("Franks parcels on screen, in the name of the account."), standard=True, advanced=True),
    Right("returns", Group.FRANKING, _("Returns interface"),
          _("Prepares the return labels of the account."), standard=True),
    Right("supplies", Group.FRANKING, _("Supplies ordering interface"),
          _("Orders packaging and labels for the account."), standard=True),
    Right("shipping_ws", Group.FRANKING, _("Franking web service"),
          _("Franks parcels from their own software, in the name of the account."), advanced=True),
    Right("tracking_claims", Group.TRACKING, _("Tracking and claims interface (New)"),
          _("Follows the parcels of the account and files claims."), standard=True),
    Right("coliview", Group.TRACKING, _("Tracking and claims interface (ColiView)"),
          _("Follows the parcels of the account in the former interface."), standard=True),
    Right("tracking_ws", Group.TRACKING, _("Tracking web service"),
          _("Follows the parcels of the account from their own software."), standard=True, advanced=True,
          standard_label=_("Activate the tracking web service")),
    Right("dashboard", Group.TRACKING, _("Dashboard"),
          _("Sees the figures of the account: parcels a day, delays, statuses."), standard=True),
    *_scopes(Variant.WITHOUT_SERVICE, _("Sees all the parcels of the account.")),
    *_scopes(Variant.WITH_SERVICE, _("Sees all the parcels of the account and writes to customer service.")),
    Right("pickup_ws", Group.DELIVERY, _("Delivery point web service"),
          _("Offers delivery points from their own software, in the name of the account."), advanced=True),
    Right("pass_partners", Group.DELIVERY, _("Enter my Pass partner information"),
          _("Enters the account's partners of the Pass delivery offer."), standard=True),
    Right("simplicity", Group.DELIVERY, _("“Simplicity” delivery solution, mobile version"),
          _("Sets up the delivery page shown to the account's own customers."), standard=True),
    Right("flexibility", Group.DELIVERY, _("“Flexibility” delivery solution"),
          _("Sets up the delivery choices offered by the account's own site."), standard=True),
    Right("notifications", Group.DELIVERY, _("Settings of notifications to addressees"),
          _("Chooses which messages the addressees receive, and when."), standard=True),
    Right("tariffs", Group.ACCOUNT, _("View my price conditions"),
          _("Reads the price conditions of the account."), standard=True),
    Right("invoices", Group.ACCOUNT, _("View my invoices"),
          _("Reads and downloads the invoices of the account."), standard=True),
    Right("chat", Group.ACCOUNT, _("Contact customer service by chat"),
          _("Talks with customer service in the name of the account."), standard=True),
    Right("groups", Group.ACCOUNT, _("Access to groups of accounts"),
          _("Sees the other accounts of the company's group."), standard=True),
    Right("collection", Group.COLLECTION, pgettext_lazy("right", "Management interface for the collection of your parcels"),  # noqa: E501
          _("Asks for collections and changes their times."), standard=True),
)  # fmt: skip

BY_CODE: dict[str, Right] = {right.code: right for right in RIGHTS}

ADVANCED_GROUPS = (Group.DELIVERY, Group.TRACKING, Group.FRANKING)
STANDARD_GROUPS = (Group.FRANKING, Group.TRACKING, Group.DELIVERY, Group.ACCOUNT, Group.COLLECTION)


def groups(kind: str) -> tuple[Group, ...]:
    """The families in the order of the forms of this kind of user."""
    return STANDARD_GROUPS if kind == "standard" else ADVANCED_GROUPS


def suiting(kind: str) -> list[Right]:
    """The rights that suit a kind of user, in the order of its forms."""
    return [right for group in groups(kind) for right in RIGHTS if right.group == group and right.suits(kind)]


NOT_FOR: dict[str, Text] = {
    "standard": _("This profile is for advanced users only."),
    "advanced": _("This profile is for standard users only."),
}
"""Why a profile is not offered to a kind of user whom none of its rights suits."""


ONLY_FOR: dict[str, Text] = {"standard": _("For standard users only."), "advanced": _("For advanced users only.")}
"""Whom a right suits that does not suit both kinds of user."""


def unsuited(codes: Iterable[str], kind: str) -> dict[str, Text]:
    """Those of these rights that do not suit a kind of user, and whom they are for."""
    rights = [BY_CODE[code] for code in codes if code in BY_CODE and not BY_CODE[code].suits(kind)]
    return {right.code: ONLY_FOR["standard" if right.standard else "advanced"] for right in rights}


def kinds_suited(codes: Iterable[str]) -> list[str]:
    """The kinds of user whom any of these rights suits."""
    rights = [BY_CODE[code] for code in codes if code in BY_CODE]
    return [kind for kind in ("standard", "advanced") if any(right.suits(kind) for right in rights)]


def labels(codes: Iterable[str]) -> list[str]:
    """The full labels of these rights in catalogue order; unknown codes are left out."""
    wanted = set(codes)
    return [right.full_label for right in RIGHTS if right.code in wanted]


def widest(codes: Iterable[str]) -> list[str]:
    """These rights in catalogue order, of each form of the tracking tool the widest scope only."""
    held = set(codes)
    of_choice = {right.choice or right.code: right.code for right in RIGHTS if right.code in held}
    return list(of_choice.values())
