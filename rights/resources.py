"""The columns of a file of people, in both directions: what an export writes and an import reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import resources
from import_export.fields import Field
from import_export.widgets import CharWidget, Widget

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.text import fold
from rights import catalogue, people
from rights.filters import STATES, Asked
from rights.models import AccountLink

AT_ONCE = 2000
"""How many rows the database's cursor hands over at a time."""
YES = {"oui", "yes", "x", "1", "o", "y", "vrai", "true"}
NO = {"non", "no", "0", "n", "", "faux", "false"}


class YesNo(Widget):
    """A right held or not: oui or non, yes or no."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.yes if value else self.no

    def __init__(self) -> None:
        super().__init__()
        self.yes, self.no = _("yes"), _("no")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        word = fold(str(value or ""))
        if word not in YES | NO:
            raise ValueError(_("Write yes or no."))
        return word in YES


class Words(Widget):
    """A list of tags, separated by commas."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return ", ".join(value or ())

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        return [word for part in str(value or "").split(",") if (word := " ".join(part.split()))]


class State(Widget):
    """The state, in words; only ever read."""

    def __init__(self) -> None:
        super().__init__()
        self.words = {state: str(label) for state, label in STATES.items()}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(str(value), "")


class RightField(Field):
    """One right: whether it is among those of the row."""

    def get_value(self, instance: dict[str, Any]) -> bool:
        return self.attribute in instance["given"]


class PeopleResource(resources.Resource):
    """A person a row: who they are, their tags and state, then each right. No user name, no secret."""

    last_name = Field("last_name", gettext_lazy("Last Name"), CharWidget())
    first_name = Field("first_name", gettext_lazy("First Name"), CharWidget())
    function = Field("function", gettext_lazy("Job title"), CharWidget())
    email = Field("shown_email", gettext_lazy("Email"), CharWidget())
    phone = Field("phone", gettext_lazy("Telephone"), CharWidget())
    address_1 = Field("address_1", gettext_lazy("Postal address"), CharWidget())
    address_2 = Field("address_2", gettext_lazy("Address, line 2"), CharWidget())
    address_3 = Field("address_3", gettext_lazy("Address, line 3"), CharWidget())
    postcode = Field("postcode", gettext_lazy("Postcode"), CharWidget())
    town = Field("town", gettext_lazy("Town"), CharWidget())
    country = Field("country", gettext_lazy("Country"), CharWidget())

    IDENTITY = (
        "last_name", "first_name", "function", "phone", "address_1", "address_2", "address_3", "postcode", "town",
        "country",
    )  # fmt: skip

    def __init__(self, rights: Iterable[catalogue.Right]) -> None:
        super().__init__()
        self.fields["tags"] = Field("tags", _("Tags"), Words())
        self.fields["state"] = Field("shown_state", _("Status"), State(), readonly=True)
        for right in rights:
            self.fields[right.code] = RightField(right.code, right.full_label, YesNo())
        self.columns: list[Field] = self.get_export_fields()
        self.plain = [field.attribute for field in self.columns if isinstance(field.widget, CharWidget)]
        self.codes = [field.attribute for field in self.columns if isinstance(field, RightField)]
        self.states = {state: str(label) for state, label in STATES.items()}
        self.yes, self.no = _("yes"), _("no")

    @property
    def headers(self) -> list[str]:
        """The first line of the file."""
        return [str(field.column_name) for field in self.columns]

    def line(self, row: dict[str, Any]) -> list[str]:
        """One person as texts, in the order of the headers: what the fields render, without asking each of them."""
        given = set(row["given"])
        line = [str(row[name] or "") for name in self.plain]
        line += [", ".join(row["tags"]), self.states[row["shown_state"]]]
        return line + [self.yes if code in given else self.no for code in self.codes]

    def lines(self, account: CustomerAccount, asked: Asked, held: frozenset[str]) -> Iterator[list[str]]:
        """Everybody asked for, read from the database as they leave: memory does not grow with them.

        The answer is written once the request's transaction is over, so this has its own, and its own reach.
        """
        everything = sorted(held)
        with transaction.atomic(), tenancy.scope(accounts=[account.pk]):
            links = people.matching(account, asked, held).order_by("kind", "sort_key", "pk")
            for row in facts(links).iterator(chunk_size=AT_ONCE):
                if row["role"] in AccountLink.ADMINISTRATORS:
                    row["given"] = everything
                yield self.line(row)


def facts(links: Any) -> Any:
    """What a line is made of, as dictionaries: a model and its parsed telephone would cost more than the rest."""
    return links.annotate(
        shown_email=Coalesce(NullIf("email", Value("")), F("masked_email"), output_field=CharField()),
        shown_state=Case(*(When(people.in_state(state), then=Value(state)) for state in STATES)),
        given=people.rights_given(),
    ).values(*PeopleResource.IDENTITY, "role", "tags", "shown_email", "shown_state", "given")


def exported(kinds: Iterable[str], held: Iterable[str]) -> list[catalogue.Right]:
    """The rights that have a column: those of these kinds of user that the account holds."""
    codes = set(held)
    found = {right.code: right for kind in kinds for right in catalogue.suiting(kind) if right.code in codes}
    return list(found.values())
