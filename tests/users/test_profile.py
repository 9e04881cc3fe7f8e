"""My data: what I may change of myself, and what a form cannot."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from colibox.lib import keys
from colibox.lib.outbox.models import Mail
from rights.models import AccountLink
from tests.conftest import PASSWORD
from users.models import User

PROFILE = "/profile/"


def data(person: User, **changes: str) -> dict[str, str]:
    """The form of my data as the browser would send it back."""
    known = {**person.identity(), "phone": "02 41 74 20 88", "language": person.language, "civility": "mme"}
    known.pop("email")
    return {**known, **changes}


def test_the_form_shows_what_is_known(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    page = client.get(PROFILE).content.decode()
    for shown in ("Berlioz", "Aline", "02 41 74 20 88", "44000", "Nantes", "a.berlioz", cast.partner.shown_user_key):
        assert shown in page
    assert "Civilité" not in page and "Fax" not in page


def test_a_change_reaches_every_account_and_is_traced(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    response = client.post(PROFILE, data(cast.partner, town="  Saint-Malo ", postcode="35 400"))
    assert response.headers["Location"] == PROFILE
    links = AccountLink.objects.filter(user=cast.partner).values_list("town", "postcode")
    assert list(links) == [("Saint-Malo", "35400")] * 2
    event = AuditEvent.objects.get()
    assert (event.verb, event.actor, event.subject) == ("profile changed", cast.partner.uuid, cast.partner.uuid)
    assert (event.before, event.after) == (
        {"town": "Nantes", "postcode": "44000"},
        {"town": "Saint-Malo", "postcode": "35400"},
    )


def test_saving_what_was_there_already_leaves_no_trace(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    client.post(PROFILE, data(cast.partner))
    assert not AuditEvent.objects.exists()


def test_a_standard_user_has_a_title_and_a_fax_and_no_user_key(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.colleague)
    page = client.get(PROFILE).content.decode()
    assert "Civilité" in page and "Fax" in page and "Clé utilisateur" not in page
    client.post(PROFILE, data(cast.colleague, civility="m", fax="02 41 74 20 89"))
    saved = User.objects.get(pk=cast.colleague.pk)
    assert (saved.civility, str(saved.fax)) == ("m", "+33241742089")


def test_fields_that_the_form_does_not_have_are_not_bound(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    before: dict[str, Any] = {**User.objects.filter(pk=cast.partner.pk).values().get()}
    forged = {
        "email": "thief@example.com", "username": "900138x", "kind": "staff", "is_staff": "on", "is_superuser": "on",
        "is_active": "", "user_key": keys.new_user_key(), "password": "x", "uuid": str(cast.owner.uuid),
        "id": str(cast.owner.pk), "user": str(cast.owner.pk), "civility": "m", "fax": "02 41 74 20 89",
    }  # fmt: skip
    client.post(PROFILE, data(cast.partner, **forged, town="Brest"))
    after: dict[str, Any] = {**User.objects.filter(pk=cast.partner.pk).values().get()}
    assert {name for name in before if before[name] != after[name]} == {"town"}


def test_an_error_keeps_what_was_typed_and_saves_nothing(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    page = client.post(PROFILE, data(cast.partner, town="Brest", postcode="4400")).content.decode()
    assert "Un code postal français a cinq chiffres, par exemple 44000." in page
    assert 'value="Brest"' in page
    assert "<title>Erreur" in page
    assert User.objects.get(pk=cast.partner.pk).town == "Nantes"


@pytest.mark.parametrize("payload", ['"><svg onload=alert(1)>', "{{7*7}}", "<script>", "=cmd|' /C calc'!A0"])
def test_what_is_typed_is_shown_and_never_run(cast: SimpleNamespace, client: Client, payload: str) -> None:
    client.force_login(cast.partner)
    client.post(PROFILE, data(cast.partner, last_name=payload, function=payload))
    page = client.get(PROFILE).content.decode()
    assert "<svg onload" not in page and "<script>" not in page and ">49<" not in page


def test_the_language_chosen_is_the_one_of_the_answer(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    page = client.post(PROFILE, data(cast.partner, language="en"), follow=True).content.decode()
    assert "Your data is saved." in page and '<html lang="en"' in page


def test_the_language_button_speaks_to_the_person_from_now_on(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    response = client.post("/language/", {"language": "en", "next": "/profile/rights/?by=right"})
    assert response.headers["Location"] == "/profile/rights/?by=right"
    assert User.objects.get(pk=cast.partner.pk).language == "en"


def test_who_is_led_astray_by_keys_of_one_letter_does_without_them(cast: SimpleNamespace, client: Client) -> None:
    page, key, switch = "/accounts/900138/users/", "data-search-key", "/profile/shortcuts/"
    client.force_login(cast.owner)
    assert key in client.get(page).content.decode()
    answer = client.post(switch, {"shortcuts": "off"}, follow=True).content.decode()
    assert "Les raccourcis clavier sont désactivés." in answer and "Activer les raccourcis" in answer
    assert key not in client.get(page).content.decode()
    assert client.get(switch).status_code == 405
    client.post(switch, {"shortcuts": "on"})
    assert key in client.get(page).content.decode()


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_the_language_button_leads_nowhere_else(client: Client, db: None, back: str) -> None:
    assert client.post("/language/", {"language": "en", "next": back}).headers["Location"] == "/"


def test_a_language_that_is_not_spoken_changes_nothing(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    response = client.post("/language/", {"language": "xx"})
    assert response.status_code == 302 and not response.cookies
    assert User.objects.get(pk=cast.partner.pk).language == "fr"
    assert client.get("/language/").status_code == 405


def prove(client: Client) -> None:
    """Give the password again, as the pages that matter ask."""
    client.post("/auth/reauthenticate/?next=/profile/", {"password": PASSWORD})


def test_renewing_the_user_key_says_what_changes_first_and_is_told(
    cast: SimpleNamespace, client: Client, verbs: Callable[[], list[str]]
) -> None:
    client.force_login(cast.partner)
    prove(client)
    former = cast.partner.user_key
    assert "ne permet plus de vous trouver" in client.get("/profile/user-key/").content.decode()
    assert User.objects.get(pk=cast.partner.pk).user_key == former, "a GET never writes"
    page = client.post("/profile/user-key/", follow=True).content.decode()
    renewed = User.objects.get(pk=cast.partner.pk)
    assert renewed.user_key not in {None, former}
    assert renewed.shown_user_key in page
    assert AccountLink.objects.filter(user=cast.partner, state="active").count() == 2
    assert verbs() == ["user key renewed"]
    assert Mail.objects.get().kind == "users.emails.user_key_renewed"


def test_a_post_without_the_password_renews_no_user_key(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    assert client.post("/profile/user-key/").headers["Location"].startswith("/auth/reauthenticate/")
    assert User.objects.get(pk=cast.partner.pk).user_key == cast.partner.user_key


def test_a_standard_user_has_no_user_key_to_renew(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.colleague)
    prove(client)
    assert client.get("/profile/user-key/").status_code == 403
    assert client.post("/profile/user-key/").status_code == 403


@pytest.mark.parametrize("path", [PROFILE, "/profile/user-key/", "/profile/email/", "/profile/email/x/"])
def test_strangers_are_asked_to_sign_in(client: Client, db: None, path: str) -> None:
    assert client.get(path).headers["Location"] == f"/auth/login/?next={path}"
    assert client.post(path).headers["Location"] == "/auth/login/?next=/"
    assert client.put(path).status_code in {302, 405}


def test_pages_of_one_s_own_are_kept_by_nobody(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.partner)
    assert "no-store" in client.get(PROFILE).headers["Cache-Control"]


def test_the_page_costs_few_queries(cast: SimpleNamespace, client: Client, django_assert_max_num_queries: Any) -> None:
    client.force_login(cast.partner)
    with django_assert_max_num_queries(8):
        client.get(PROFILE)
