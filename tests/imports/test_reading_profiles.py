"""The column that names a profile: read whatever its case and accents, with what was meant; written as it is read."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace

import pytest
from django.utils import translation

from colibox.lib import sheets
from imports import reading
from imports.reading import Line
from rights import catalogue
from rights.actions import profiles as acts
from rights.actions.many import entering
from rights.actions.many.entries import NO_PROFILE, Done, Entry
from rights.models import AccountLink, Profile
from rights.people.filters import Asked
from rights.people.resources import PeopleResource, exported
from tests.conftest import make_link, make_person

HELD = frozenset(catalogue.BY_CODE)


def read(data: bytes, cast: SimpleNamespace, language: str = "fr") -> list[Line]:
    profiles = Profile.objects.named(cast.north.pk)
    return list(reading.read(BytesIO(data), filename="x", held=HELD, language=language, profiles=profiles).lines)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Expéditeur", "shipper"), ("  EXPEDITEUR ", "shipper"), ("shipper", "shipper"), ("Suivi", "tracking"),
        ("", ""), ("-", NO_PROFILE), ("aucun", NO_PROFILE),
    ],
)  # fmt: skip
def test_a_name_is_understood_however_it_is_typed(cast: SimpleNamespace, typed: str, key: str) -> None:
    [line] = read(f"Email;Action;Profil\nzoe@example.fr;modifier;{typed}\n".encode(), cast)
    assert line.entry and line.entry.profile == key
    assert line.entry.of(line.entry.facts()).profile == key


@pytest.mark.parametrize(("typed", "meant"), [("Expediteurs", "Expéditeur"), ("Agense", "Agence"), ("Zzzz", "")])
def test_a_name_that_nothing_bears_is_told_with_what_is_meant(cast: SimpleNamespace, typed: str, meant: str) -> None:
    acts.create(by=cast.owner_link, name="Agence", description="", rights=["coliship"])
    [line] = read(f"Email;Action;Web profile\nzoe@example.fr;modifier;{typed}\n".encode(), cast)
    [fault] = line.faults
    assert (line.entry, fault.column, fault.value) == (None, "Web profile", typed)
    assert fault.reason == "Ce compte n’a pas de profil de ce nom."
    assert fault.fix == (f"Vouliez-vous dire «\u202f{meant}\u202f»\u202f?" if meant else "")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_export_sent_back_changes_nothing(cast: SimpleNamespace, language: str) -> None:
    """Of whoever follows a profile, copied one and was retouched, or has none."""
    agency = acts.create(by=cast.owner_link, name="Agence", description="", rights=["shipping_ws", "tool_tag"])
    for name, rights, follows in (("p.one", ["shipping_ws"], True), ("p.two", ["coliship", "tool_key"], False)):
        make_link(cast.north, make_person(name), rights=rights, profile=agency, follows_profile=follows)
    entering.apply(by=cast.owner_link, entries=[Entry(cast.partner.email, profile="integrator")])
    before = list(AccountLink.objects.order_by("pk").values())
    with translation.override(language):
        resource = PeopleResource(exported(["advanced"], HELD))
        lines = list(resource.lines(cast.owner_link, Asked(kind="advanced"), HELD))
    word = {"fr": "Intégrateur", "en": "Integrator"}[language]
    assert sorted(line[resource.headers.index(str(resource.fields["profile"].column_name))] for line in lines) == [
        "Agence", "Agence", word,
    ]  # fmt: skip
    data = b"".join(sheets.csv_parts([resource.headers, *lines]))
    entries = [line.entry for line in read(data, cast, language) if line.entry]
    assert [outcome.done for outcome in entering.apply(by=cast.owner_link, entries=entries)] == [Done.UNCHANGED] * 3
    assert list(AccountLink.objects.order_by("pk").values()) == before
