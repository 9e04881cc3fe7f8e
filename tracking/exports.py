"""The parcels asked for as lines of a file, read from the database as they leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _
from django_countries import countries

from colibox.lib import tenancy
from tracking import events
from tracking.events import Status
from tracking.filters import Asked
from tracking.models import Parcel, ParcelQuerySet
from tracking.scopes import Scope

AT_ONCE = 2000
"""How many rows the database's cursor hands over at a time."""
COLUMNS = (
    "account_id", "number", "is_pass", "reference", "addressee", "postcode", "status", "event", "place", "country",
)  # fmt: skip


def headers() -> list[str]:
    """The first line of a file: what the screen shows, then the dates."""
    return [
        _("Customer account number"), _("Parcel number"), _("PASS"), _("Client ref."), _("Addressee"), _("Postcode"),
        _("Status"), _("Location"), _("Country"), _("Created on"), _("Latest event on"), _("Delivered on"),
    ]  # fmt: skip


def lines(asked: Asked, scopes: Sequence[Scope], words: Words) -> Iterator[list[str]]:
    """All the parcels asked for that these scopes show, account by account, the newest of each first.

    The answer is written once the request's transaction is over, so this has its own, and its own reach.
    """
    accounts = [scope.account.pk for scope in scopes]
    with transaction.atomic(), tenancy.scope(accounts=accounts), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('timezone', %s, true)", [words.zone])
        for scope in asked.scopes(scopes):
            found = written(_asked(asked).seen([scope]).order_by("-created_at", "-id"))
            yield from map(words.line, found.iterator(chunk_size=AT_ONCE))


def _asked(asked: Asked) -> ParcelQuerySet:
    """The parcels asked for; what is looked for inside names is looked for in all of them, for it is read anyway."""
    parcels = asked.parcels()
    for word in asked.words if asked.inside else ():
        parcels = parcels.filter(addressee_key__contains=word)
    return parcels


def written(parcels: ParcelQuerySet) -> QuerySet[Parcel, tuple[Any, ...]]:
    """What a line is made of; the moments come as texts in the time zone of the session, which costs the least."""
    moments = [Cast(name, TextField()) for name in ("created_at", "event_at", "delivered_at")]
    return parcels.values_list(*COLUMNS, *moments)


class Words:
    """What the codes of a line say in the language of the request, which is over when the lines are written."""

    def __init__(self, scopes: Sequence[Scope]) -> None:
        self.zone = timezone.get_current_timezone_name()
        self.accounts = {scope.account.pk: scope.account.number for scope in scopes}
        self.events = {code: str(kind.label) for code, kind in events.BY_CODE.items()}
        self.countries: dict[str, str] = dict(countries)
        self.cancelled, self.yes = str(Status.CANCELLED.label), _("yes")

    def line(self, row: tuple[Any, ...]) -> list[str]:
        """One parcel as texts, in the order of the headers."""
        account, number, is_pass, reference, addressee, postcode, status, event, place, country, *moments = row
        return [
            self.accounts[account],
            number,
            self.yes if is_pass else "",
            reference,
            addressee,
            postcode,
            self.cancelled if status == Status.CANCELLED else self.events.get(event, event),
            place,
            self.countries.get(country, country),
            *[moment[:16] if moment else "" for moment in moments],
        ]
