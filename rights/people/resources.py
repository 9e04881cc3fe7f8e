"""The columns of a file of people, in both directions: what an export writes and an import reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from import_export import resources
from import_export.fields import Field
from import_export.widgets import CharWidget, Widget

from colibox.lib import tenancy
from colibox.lib.text import fold
from rights import catalogue, shipped
from rights.actions.many.entries import Act
from rights.models import AccountLink
from rights.people.details import places_written, rights_given
from rights.people.filters import DAYS, STATES, Asked
from rights.people.matching import in_state, matching
from users.models import Civility, Language

AT_ONCE = 2000
"""How many rows the database's cursor hands over at a time."""
KINDS: Mapping[str, set[str]] = {
    AccountLink.Kind.ADVANCED: {"advanced", "advanced user", "avance", "utilisateur avance"},
    AccountLink.Kind.STANDARD: {"standard", "standard user", "utilisateur standard"},
}
ACTIONS: Mapping[str, set[str]] = {
    Act.CREATE: {"create", "creer", "creation", "add", "ajouter", "ajout", "invite", "inviter"},
    Act.UPDATE: {"update", "modifier", "modification", "modify", "change", "mettre a jour", "mise a jour"},
    Act.SUSPEND: {"suspend", "suspendre", "suspension", "disable", "desactiver"},
    Act.UNLINK: {
        "unlink", "retirer", "delier", "dissocier", "remove", "supprimer", "delete", "supprimer le lien", "remove link",
    },
}  # fmt: skip
CIVILITIES: Mapping[str, set[str]] = {
    Civility.MADAM: {"mme", "madame", "mlle", "mademoiselle", "ms", "mrs", "miss", "f"},
    Civility.SIR: {"m", "mr", "monsieur", "h"},
}
LANGUAGES: Mapping[str, set[str]] = {
    Language.FRENCH: {"fr", "fra", "fre", "french", "francais", "francaise"},
    Language.ENGLISH: {"en", "eng", "english", "anglais", "anglaise"},
}
OTHER_NAMES: Mapping[str, list[str]] = {
    "coliship": ["ColiShip", "Interface ColiShip"],
    "shipping_ws": ["WS Affranchissement", "Web Service d’affranchissement", "WS Franking"],
    "tracking_ws": ["WS suivi", "Web Service de suivi", "WS Tracking"],
    "pickup_ws": ["WS choix du point de livraison", "WS point de livraison", "WS Delivery point"],
    "tool_consolidated": ["Vue consolidée", "Consolidated view"],
}
"""Names that the carrier's own papers and older templates give to a right."""
PROFILE = ("profile__name", "profile__shipped")
SAID = ("kind", "civility", "role", "tags", "shown_email", "shown_state", "given", *PROFILE, *DAYS)
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


class Several(Widget):
    """The names of places, which may hold a comma, between vertical bars."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return " | ".join(value or ())


class Day(Widget):
    """A day, as 2026-12-31: what every programme reads alike."""

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class State(Widget):
    """The state, in words; only ever read."""

    def __init__(self) -> None:
        super().__init__()
        self.words = {state: str(label) for state, label in STATES.items()}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(str(value), "")


class RoleName(Widget):
    """Whom somebody manages, in words; only ever read."""

    def __init__(self) -> None:
        super().__init__()
        self.words = {str(role): str(label) for role, label in AccountLink.Role.choices}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(str(value), "")


class ProfileName(Widget):
    """The profile that somebody follows or copied, by its name."""


class Kind(Widget):
    """The kind of user, in words."""

    def __init__(self) -> None:
        super().__init__()
        self.words = {str(kind): str(label) for kind, label in AccountLink.Kind.choices}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(str(value), "")

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return one_of(KINDS, value, _("Write advanced user or standard user."))


class Title(Widget):
    """Ms or Mr."""

    def __init__(self) -> None:
        super().__init__()
        self.words = {"": "", **{str(civility): str(label) for civility, label in Civility.choices}}

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.words.get(str(value), "")


class Word(Widget):
    """One of a few words, each written in several ways; what it says is only ever read."""

    def __init__(self, meanings: Mapping[str, set[str]], reason: str) -> None:
        super().__init__()
        self.meanings, self.reason = meanings, reason

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return one_of(self.meanings, value, self.reason)


def one_of(meanings: Mapping[str, set[str]], value: Any, reason: str) -> str:
    """What this word means, whatever its case and accents. Raises ValueError with the reason when it means nothing."""
    word = fold(str(value or ""))
    for meaning, words in meanings.items():
        if word in words:
            return meaning
    raise ValueError(reason)


class Column(Field):
    """A column: the heading it is written under, and the other names under which it is read in a file."""

    def __init__(self, attribute: str, heading: Any, widget: Widget, *, names: str = "", **kwargs: Any) -> None:
        self.names = [name.strip() for name in names.split(",") if name.strip()]
        super().__init__(attribute, heading, widget, **kwargs)


class ReadColumn(Column):
    """A column that a file may bring and an export does not write."""


class PlaceColumn(Column):
    """A column that says where people belong; an export writes it for an account that has places."""


class RightField(Column):
    """One right: whether it is among those of the row."""

    def __init__(self, right: catalogue.Right) -> None:
        super().__init__(right.code, right.full_label, YesNo())
        self.names = [str(name) for name in (right.standard_label, right.label) if name]
        if right.variant:
            service = _("%(right)s with customer service"), _("%(right)s without customer service")
            self.names.append(service[right.variant == catalogue.Variant.WITHOUT_SERVICE] % {"right": right.label})
        self.names += OTHER_NAMES.get(right.code, [])

    def get_value(self, instance: dict[str, Any]) -> bool:
        return self.attribute in instance["given"]


class PeopleResource(resources.Resource):
    """A person a row: who they are, their tags and state, then each right. No user name, no secret."""

    last_name = Column(
        "last_name", gettext_lazy("Last Name"), CharWidget(), names="Nom de famille, Surname, Family name"
    )
    first_name = Column("first_name", gettext_lazy("First Name"), CharWidget(), names="Given name, Forename")
    function = Column("function", gettext_lazy("Job title"), CharWidget(), names="Function, Poste, Job, Position")
    email = Column(
        "shown_email", gettext_lazy("Email"), CharWidget(),
        names="Mail, Courriel, Adresse e-mail, Adresse mail, Adresse électronique, E-mail address",
    )  # fmt: skip
    phone = Column(
        "phone", gettext_lazy("Telephone"), CharWidget(),
        names="Tel, Phone, Phone number, Telephone number, Numéro de téléphone, Mobile, Portable",
    )  # fmt: skip
    fax = Column("fax", gettext_lazy("Fax"), CharWidget(), names="Télécopie, Fax number")
    address_1 = Column(
        "address_1", gettext_lazy("Postal address"), CharWidget(),
        names="Adresse, Address, Adresse postale, Adresse 1, Adresse ligne 1, Address 1, Address line 1, Street, Rue",
    )  # fmt: skip
    address_2 = Column(
        "address_2", gettext_lazy("Address, line 2"), CharWidget(), names="Adresse 2, Address 2, Complément d’adresse"
    )
    address_3 = Column("address_3", gettext_lazy("Address, line 3"), CharWidget(), names="Adresse 3, Address 3")
    postcode = Column("postcode", gettext_lazy("Postcode"), CharWidget(), names="CP, Zip, Zip code, Postal code")
    town = Column("town", gettext_lazy("Town"), CharWidget(), names="City, Commune, Localité")
    country = Column("country", gettext_lazy("Country"), CharWidget())

    IDENTITY = (
        "last_name", "first_name", "function", "phone", "fax", "address_1", "address_2", "address_3", "postcode",
        "town", "country",
    )  # fmt: skip

    def __init__(self, rights: Iterable[catalogue.Right], contract: str = "") -> None:
        """With what the contract of the account is called, the columns that say where people belong are written."""
        super().__init__()
        self.contract = contract
        self.fields["kind"] = Column("kind", pgettext("of user", "Type"), Kind(), names="User type, Type d’utilisateur")
        self.fields["civility"] = Column("civility", _("Title"), Title(), names="Civilité, Civility")
        self.fields["tags"] = Column("tags", _("Tags"), Words(), names="Tag, User tag, Tag utilisateur, Étiquette")
        self.fields["profile"] = Column(
            "profile__name", _("Profile"), ProfileName(), names="Profil web, Web profile, Rights profile"
        )
        self.fields["state"] = Column("shown_state", _("Status"), State(), readonly=True, names="State, État")
        self.fields["role"] = Column("role", _("Role"), RoleName(), readonly=True)
        self.fields["starts_on"] = Column(
            "starts_on", _("Start date"), Day(), names="Starts on, Begins on, Valid from, Date de début d’accès, Début"
        )
        self.fields["ends_on"] = Column(
            "ends_on",
            _("End date"),
            Day(),
            names="Ends on, Valid until, Expires on, Date de fin d’accès, Fin",
        )
        self.fields["contract"] = PlaceColumn("contract", _("Contract name"), CharWidget(), readonly=True)
        self.fields["sub_accounts"] = PlaceColumn(
            "sub_accounts", _("Sub-account"), Several(),
            names="Sub-account number, Numéro de sous-compte, N° sous-compte, Sous-comptes, Sub-accounts, Subaccount",
        )  # fmt: skip
        self.fields["sites"] = PlaceColumn("sites", _("Site"), Several(), names="Sites, Site name, Nom du site")
        self.fields |= {right.code: RightField(right) for right in rights}
        self.fields["action"] = ReadColumn(
            "act", _("Action"), Word(ACTIONS, _("Write create, update, suspend or unlink."))
        )
        self.fields["language"] = ReadColumn("language", _("Language"), Word(LANGUAGES, _("Write fr or en.")))
        self.columns: list[Field] = self.get_export_fields()
        self.plain = [
            field.attribute
            for field in self.columns
            if isinstance(field.widget, CharWidget) and not isinstance(field, PlaceColumn)
        ]
        self.codes = [field.attribute for field in self.columns if isinstance(field, RightField)]
        self.kinds, self.titles = Kind().words, Title().words
        self.states, self.roles = State().words, RoleName().words
        self.shipped = {code: str(shipped.name) for code, shipped in shipped.BY_CODE.items()}
        self.yes, self.no = _("yes"), _("no")

    def get_export_fields(self, selected_fields: Any = None) -> list[Field]:
        """The columns that an export writes."""
        columns: list[Field] = super().get_export_fields(selected_fields)
        left_out = (ReadColumn,) if self.contract else (ReadColumn, PlaceColumn)
        return [column for column in columns if not isinstance(column, left_out)]

    @property
    def headers(self) -> list[str]:
        """The first line of the file."""
        return [str(field.column_name) for field in self.columns]

    def line(self, row: dict[str, Any]) -> list[str]:
        """One person as texts, in the order of the headers: what the fields render, without asking each of them."""
        given = set(row["given"])
        line = [str(row[name] or "") for name in self.plain]
        profile = self.shipped.get(row["profile__shipped"]) or row["profile__name"] or ""
        line += [self.kinds[row["kind"]], self.titles[row["civility"]], ", ".join(row["tags"]), profile]
        line.append(self.states[row["shown_state"]])
        line.append(self.roles[row["role"]])
        line += [day.isoformat() if (day := row[name]) else "" for name in DAYS]
        if self.contract:
            line += [self.contract, " | ".join(row["sub_accounts"]), " | ".join(row["sites"])]
        return line + [self.yes if code in given else self.no for code in self.codes]

    def lines(self, by: AccountLink, asked: Asked, held: frozenset[str]) -> Iterator[list[str]]:
        """Everybody asked for, in a reach of its own, and read as they are written: memory does not grow with them."""
        everything = catalogue.widest(held)
        with transaction.atomic(), tenancy.scope(accounts=[by.account_id]):
            links = matching(by, asked, held).order_by("kind", "sort_key", "pk")
            for row in facts(links, places=bool(self.contract)).iterator(chunk_size=AT_ONCE):
                if row["role"] in AccountLink.ADMINISTRATORS:
                    row["given"] = everything
                yield self.line(row)


def facts(links: Any, *, places: bool = False) -> Any:
    """What a line is made of, as dictionaries: a model and its parsed telephone would cost more than the rest."""
    attached = places_written() if places else {}
    return links.annotate(**attached, **in_words()).values(*PeopleResource.IDENTITY, *SAID, *attached)


def in_words() -> dict[str, Any]:
    """What stands in no column of a link as a file tells it: the address and the state shown, the rights given."""
    return {
        "shown_email": Coalesce(NullIf("email", Value("")), F("masked_email"), output_field=CharField()),
        "shown_state": Case(*(When(in_state(state), then=Value(state)) for state in STATES)),
        "given": rights_given(),
    }


def exported(kinds: Iterable[str], held: Iterable[str]) -> list[catalogue.Right]:
    """The rights that have a column: those of these kinds of user that the account holds."""
    codes = set(held)
    found = {right.code: right for kind in kinds for right in catalogue.suiting(kind) if right.code in codes}
    return list(found.values())
