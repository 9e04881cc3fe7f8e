"""The parcels asked for as lines of a file, put into words by the database as they leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Case, F, Func, JSONField, TextField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Left
from django.utils import timezone
from django.utils.translation import gettext as _
from django_countries import countries

from colibox.lib import lines, tenancy
from tracking import events
from tracking.events import Status
from tracking.filters import Asked
from tracking.models import ParcelQuerySet
from tracking.scopes import Scope

Typed = Callable[[str], Combinable]
"""How a text that somebody typed is written, by the name of its column."""


def headers() -> list[str]:
    """The first line of a file: what the screen shows, then the dates."""
    return [
        _("Customer account number"), _("Parcel number"), _("PASS"), _("Client ref."), _("Addressee"), _("Postcode"),
        _("Status"), _("Location"), _("Country"), _("Created on"), _("Latest event on"), _("Delivered on"),
    ]  # fmt: skip


class Words:
    """What the codes of a line say in the language of the request."""

    def __init__(self) -> None:
        self.zone = timezone.get_current_timezone_name()
        self.events = {code: str(kind.label) for code, kind in events.BY_CODE.items()}
        self.countries: dict[str, str] = dict(countries)
        self.cancelled, self.yes = str(Status.CANCELLED.label), _("yes")

    def cells(self, scope: Scope, typed: Typed) -> list[Combinable]:
        """One parcel as texts, in the order of the headers, those that somebody typed written in this way."""
        return [
            Value(scope.account.number),
            F("number"),
            Case(When(is_pass=True, then=Value(self.yes)), default=Value("")),
            typed("reference"),
            typed("addressee"),
            typed("postcode"),
            Case(
                When(status=Status.CANCELLED, then=Value(self.cancelled)),
                default=_named("event", self.events, typed),
                output_field=TextField(),
            ),
            typed("place"),
            _named("country", self.countries, typed),
            *[_moment(name) for name in ("created_at", "event_at", "delivered_at")],
        ]


def _named(code: str, names: dict[str, str], typed: Typed) -> Coalesce:
    """What a code is called; the code itself when it has no name."""
    found = Cast(Value(names, JSONField()), JSONField())
    name = Func(found, F(code), template="(%(expressions)s)", arg_joiner=" ->> ", output_field=TextField())
    return Coalesce(name, typed(code), output_field=TextField())


def _moment(name: str) -> Coalesce:
    """A moment to the minute in the time zone of the session, as the database writes it, which costs the least."""
    return Coalesce(Left(Cast(name, TextField()), 16), Value(""))


def rows(asked: Asked, scopes: Sequence[Scope], words: Words) -> Iterator[tuple[str, ...]]:
    """All the parcels asked for that these scopes show, account by account, the newest of each first."""
    with _reach(scopes, words):
        for scope in asked.scopes(scopes):
            found = _newest(asked, scope).values_list(*words.cells(scope, F))
            yield from found.iterator(chunk_size=lines.AT_ONCE)


def csv_parts(asked: Asked, scopes: Sequence[Scope], words: Words) -> Iterator[bytes]:
    """The same as lines of a CSV file, which the database puts together in half the time."""
    with _reach(scopes, words):
        for scope in asked.scopes(scopes):
            yield from lines.parts(_newest(asked, scope), words.cells(scope, lines.Typed))


@contextmanager
def _reach(scopes: Sequence[Scope], words: Words) -> Iterator[None]:
    """These accounts in reach, and the time zone of who reads, whoever asks."""
    accounts = [scope.account.pk for scope in scopes]
    with transaction.atomic(), tenancy.scope(accounts=accounts), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('timezone', %s, true)", [words.zone])
        yield


def _newest(asked: Asked, scope: Scope) -> ParcelQuerySet:
    """The parcels asked for; what is looked for inside names is looked for in all of them, for it is read anyway."""
    parcels = asked.parcels()
    for word in asked.words if asked.inside else ():
        parcels = parcels.filter(addressee_key__contains=word)
    return parcels.seen([scope]).order_by("-created_at", "-id")
