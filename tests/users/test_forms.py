"""What people type about themselves: cleaned, and refused with an example."""

from __future__ import annotations

import pytest
from django import forms

from tests.conftest import IDENTITY
from users.forms import IdentityForm, NewUsernameField, StandardIdentityForm
from users.models import Identity


def form(**changes: str) -> IdentityForm:
    return IdentityForm({**IDENTITY, **changes})


def test_an_identity_comes_out_as_actions_take_it() -> None:
    filled = form(phone="02 41 74 20 88")
    assert filled.is_valid(), filled.errors
    assert filled.identity() == {**IDENTITY, "address_2": "", "address_3": ""}


def test_a_standard_user_has_a_title_and_perhaps_a_fax() -> None:
    filled = StandardIdentityForm({**IDENTITY, "civility": "mme"})
    assert filled.is_valid(), filled.errors
    assert set(filled.identity()) == set(Identity.IDENTITY)
    assert "civility" in StandardIdentityForm(IDENTITY).errors
    assert "civility" not in IdentityForm(IDENTITY).fields


@pytest.mark.parametrize(
    "name", ["O’Neil", "d'Aubigné", "Nguyễn Thị Minh-Khai", "Müller-Lüdenscheidt", "Γιώργος", "李"]
)
def test_names_of_everywhere_are_welcome(name: str) -> None:
    assert form(last_name=name).is_valid()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  Martin ", "Martin"), ("de\u00a0la \t Fère", "de la Fère"), ("Zoe\u0301", "Zoé"), ("A\r\nBcc: x", "A Bcc: x")],
)
def test_spaces_and_accents_are_made_regular(typed: str, kept: str) -> None:
    filled = form(last_name=typed)
    assert filled.is_valid()
    assert filled.identity()["last_name"] == kept


@pytest.mark.parametrize("hidden", ["\x00", "\x1b[31m", "\u202e", "\u200b", "\ue000", "\x7f"])
def test_characters_that_cannot_be_seen_are_refused(hidden: str) -> None:
    assert "last_name" in form(last_name=f"Mar{hidden}tin").errors


@pytest.mark.parametrize(
    ("field", "typed", "example"),
    [
        ("last_name", " ", "Martin"),
        ("first_name", "", "Claire"),
        ("function", "", "Responsable logistique"),
        ("phone", "12", "02 41 74 20 88"),
        ("phone", "", "02 41 74 20 88"),
        ("email", "claire@", "claire.martin@example.fr"),
        ("address_1", "", "12 rue du Port"),
        ("postcode", "4400", "44000"),
        ("postcode", "44OOO", "44000"),
        ("postcode", "", "44000"),
        ("town", "", "Nantes"),
        ("country", "XX", "France"),
    ],
)
def test_each_error_shows_what_is_expected(field: str, typed: str, example: str) -> None:
    assert example in str(form(**{field: typed}).errors[field])


def test_a_postcode_abroad_is_what_it_is() -> None:
    filled = form(country="GB", postcode="SW1A 1AA")
    assert filled.is_valid()
    assert filled.identity()["postcode"] == "SW1A 1AA"


def test_a_postcode_with_a_space_is_understood() -> None:
    filled = form(postcode="44 000")
    assert filled.is_valid()
    assert filled.identity()["postcode"] == "44000"


def test_a_telephone_number_abroad_begins_with_its_country() -> None:
    filled = form(phone="+32 2 201 23 45")
    assert filled.is_valid()
    assert filled.identity()["phone"] == "+3222012345"


def test_the_domain_of_an_e_mail_has_no_case() -> None:
    filled = form(email=" Claire.Martin@EXAMPLE.fr ")
    assert filled.is_valid()
    assert filled.identity()["email"] == "Claire.Martin@example.fr"


def test_an_administrator_s_browser_does_not_offer_his_own_data_for_somebody_else() -> None:
    class AboutSomebodyElse(IdentityForm):
        own = False

    assert 'autocomplete="off"' in str(AboutSomebodyElse()["last_name"])
    assert 'autocomplete="family-name"' in str(IdentityForm()["last_name"])
    assert 'type="tel"' in str(IdentityForm()["phone"])
    assert 'type="email"' in str(IdentityForm()["email"])


@pytest.mark.parametrize("username", ["ab", "c martin", "c/martin", "martin!", "x" * 65, "770512", "٧٧٠٥١٢"])
def test_a_user_name_that_cannot_be_is_refused_with_an_example(username: str) -> None:
    class Choice(StandardIdentityForm):
        username = NewUsernameField()

    assert "username" in Choice({**IDENTITY, "civility": "m", "username": username}).errors


@pytest.mark.parametrize("name", ["http://evil.example", "Voir WWW.evil.example", "https://x"])
def test_a_name_that_is_a_web_address_is_refused(name: str) -> None:
    """Mails greet people by their name: the portal is nobody's way to send links."""
    assert form(first_name=name).errors["first_name"] == ["Pas d’adresse de site ici."]


def test_what_is_pasted_is_refused_when_it_is_too_long_and_never_cut_by_the_browser() -> None:
    class Short(forms.Form):
        name = forms.CharField(max_length=5)

    assert "maxlength" not in str(Short()["name"]) and "required" in str(Short()["name"])
    assert Short({"name": "longer"}).errors["name"]
