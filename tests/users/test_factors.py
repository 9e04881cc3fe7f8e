"""Second factors: set up, asked for at sign-in, used once, kept by the database, told, removed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from accounts.models import AuditEvent
from colibox.lib import sealed
from rights.models import AccountLink
from tests.conftest import PASSWORD, make_person
from users import resetting
from users.factor_forms import CodeForm
from users.models import FactorReset, User
from users.tasks import lapse_resets

Posted = Callable[[], list[EmailMultiAlternatives]]
LOGIN, STEP, LIST, ACTIVATE = "/auth/login/", "/auth/2fa/authenticate/", "/auth/2fa/", "/auth/2fa/totp/activate/"
CODES = "/auth/2fa/recovery-codes/"


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app of this secret shows, so many half minutes from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


def give_app(person: User) -> str:
    """Set an app up for somebody, without the page; its secret."""
    secret = generate_totp_secret()
    Authenticator.objects.create(user=person, type="totp", data={"secret": sealed.seal(secret)})
    return secret


def give_passkey(person: User, name: str = "Bureau") -> Authenticator:
    key: Authenticator = Authenticator.objects.create(
        user=person, type="webauthn", data={"name": name, "credential": {}}
    )
    return key


def has_factor(person: User) -> tuple[bool, set[bool]]:
    """What the database says of the person, and of their links."""
    links = AccountLink.objects.filter(user=person).values_list("second_factor", flat=True)
    return User.objects.get(pk=person.pk).second_factor, set(links)


def prove(client: Client) -> None:
    """Give the password that a page asks for first."""
    client.post("/auth/reauthenticate/", {"password": PASSWORD})


def give_password(client: Client, username: str = "a.berlioz") -> str:
    return str(client.post(LOGIN, {"login": username, "password": PASSWORD}).headers.get("Location"))


def is_signed_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


@pytest.fixture
def here(cast: SimpleNamespace, client: Client) -> Client:
    """The partner, who has just given their password."""
    client.force_login(cast.partner)
    prove(client)
    return client


# Setting up.


def set_up(client: Client) -> str:
    """Set an app up as people do; its secret."""
    page = client.get(ACTIVATE)
    secret = str(page.context["form"].secret)
    assert client.post(ACTIVATE, {"code": code_of(secret)}).headers["Location"] == CODES
    return secret


def test_an_app_is_set_up_by_a_picture_and_a_code(
    here: Client, cast: SimpleNamespace, posted: Posted, verbs: Callable[[], list[str]]
) -> None:
    page = here.get(ACTIVATE).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page and "otpauth://totp/a.berlioz?secret=" in page
    assert has_factor(cast.partner) == (False, {False})
    secret = set_up(here)
    assert has_factor(cast.partner) == (True, {True})
    assert secret not in str(Authenticator.objects.get(type="totp").data)
    assert verbs()[-1] == "second factor added"
    [letter] = posted()
    assert letter.subject == "Votre double authentification est active" and letter.to == [cast.partner.email]


def test_a_wrong_code_sets_up_nothing(here: Client, cast: SimpleNamespace) -> None:
    here.get(ACTIVATE)
    assert "Ce code est faux" in here.post(ACTIVATE, {"code": "000 000"}).content.decode()
    assert has_factor(cast.partner)[0] is False


def test_the_first_factor_ends_the_sessions_opened_without_it(cast: SimpleNamespace, here: Client) -> None:
    elsewhere = Client()
    give_password(elsewhere)
    assert is_signed_in(elsewhere)
    set_up(here)
    assert is_signed_in(here) and not is_signed_in(elsewhere)


@pytest.mark.parametrize(
    "address", [ACTIVATE, "/auth/2fa/webauthn/add/", CODES, f"{CODES}generate/", f"{CODES}download/"]
)
def test_what_touches_a_factor_asks_who_it_is(cast: SimpleNamespace, client: Client, address: str) -> None:
    give_app(cast.partner)
    Authenticator.objects.create(user=cast.partner, type="recovery_codes", data={"seed": sealed.seal("aa")})
    if address == ACTIVATE:
        Authenticator.objects.filter(type="totp").delete()
    client.force_login(cast.partner)
    assert client.get(address).headers["Location"].startswith("/auth/reauthenticate/")
    refused = client.post(address, {})
    assert refused.status_code == 405 or refused.headers["Location"].startswith("/auth/reauthenticate/")


# Signing in.


def test_a_password_alone_no_longer_signs_in(cast: SimpleNamespace, client: Client) -> None:
    secret = give_app(cast.partner)
    assert give_password(client) == STEP
    assert not is_signed_in(client)
    assert "Deuxième étape" in client.get(STEP).content.decode()
    assert client.post(STEP, {"code": code_of(secret)}).headers["Location"] == "/"
    assert is_signed_in(client)


def test_a_code_serves_once_and_not_much_later(cast: SimpleNamespace) -> None:
    secret = give_app(cast.partner)
    code, old = code_of(secret), code_of(secret, steps=-3)
    answers = []
    for typed in (code, f" {code[:3]} {code[3:]} ", old):
        client = Client()
        give_password(client)
        answers.append(client.post(STEP, {"code": typed}).status_code)
    assert answers == [302, 200, 200]


def test_wrong_codes_are_counted_traced_and_stopped(cast: SimpleNamespace, client: Client) -> None:
    secret = give_app(cast.partner)
    give_password(client)
    for _ in range(10):
        client.post(STEP, {"code": "000000"})
    assert "Trop de tentatives" in client.post(STEP, {"code": code_of(secret)}).content.decode()
    assert AuditEvent.objects.filter(verb="second step refused", subject=cast.partner.uuid).count() == 10


def test_a_recovery_code_serves_once_and_is_told(here: Client, cast: SimpleNamespace, posted: Posted) -> None:
    set_up(here)
    codes = re.findall(r'<li class="mono">(\d{4} \d{4})</li>', here.get(CODES).content.decode())
    assert len(codes) == len(set(codes)) == 10
    posted()
    first, second = Client(), Client()
    give_password(first)
    assert first.post(STEP, {"code": codes[3]}).headers["Location"] == "/"
    [letter] = posted()
    assert letter.subject == "Un code de secours a servi" and "9 codes de secours" in str(letter.body)
    give_password(second)
    assert second.post(STEP, {"code": codes[3]}).status_code == 200
    assert codes[3] not in here.get(CODES).content.decode()
    assert codes[4] in here.get(f"{CODES}download/").content.decode()
    kept = Authenticator.objects.get(type="recovery_codes")
    kept.data["used_mask"] = 2**10 - 1
    kept.save()
    assert "Il ne reste aucun code" in here.get(LIST).content.decode()
    page = here.get(CODES).content.decode()
    assert "Tous vos codes ont servi" in page and "Je les ai" not in page and "Gardez-les" not in page


def test_new_recovery_codes_end_the_former(here: Client, posted: Posted) -> None:
    set_up(here)
    before = here.get(CODES).content.decode()
    posted()
    assert here.post(f"{CODES}generate/").headers["Location"] == CODES
    codes = re.findall(r'<li class="mono">(.*?)</li>', here.get(CODES).content.decode())
    assert len(codes) == 10 and not any(code in before for code in codes)
    assert [letter.subject for letter in posted()] == ["Vos codes de secours sont nouveaux"]


def test_a_reset_password_does_not_go_round_the_second_step(cast: SimpleNamespace, client: Client) -> None:
    give_app(cast.partner)
    cast.partner.set_password("une-autre-phrase-longue")
    cast.partner.save()
    client.post(LOGIN, {"login": "a.berlioz", "password": "une-autre-phrase-longue"})
    assert not is_signed_in(client)


def test_whoever_lost_their_device_is_told_whom_to_ask(cast: SimpleNamespace, client: Client) -> None:
    give_app(cast.partner)
    give_password(client)
    page = client.get("/auth/2fa/lost/").content.decode()
    assert "aucun administrateur" in page and "0 241 742 088" in page
    assert client.get(STEP).status_code == 200  # and the second step still waits
    assert "code" in Client().get("/auth/2fa/lost/").content.decode()


def test_a_code_proves_that_it_is_still_you(cast: SimpleNamespace, client: Client) -> None:
    secret = give_app(cast.partner)
    client.force_login(cast.partner)
    asked = client.get("/profile/user-key/").headers["Location"]
    assert 'href="/auth/2fa/reauthenticate/' in client.get(asked).content.decode()
    answer = client.post("/auth/2fa/reauthenticate/?next=/profile/user-key/", {"code": code_of(secret)})
    assert answer.headers["Location"] == "/profile/user-key/"
    assert client.get("/profile/user-key/").status_code == 200


# What the database keeps.


def test_recovery_codes_alone_are_no_second_factor(cast: SimpleNamespace, client: Client) -> None:
    Authenticator.objects.create(user=cast.partner, type="recovery_codes", data={"seed": sealed.seal("aa")})
    assert has_factor(cast.partner) == (False, {False})
    assert give_password(client) == "/"


def test_the_last_factor_that_goes_is_noticed_whichever_way_it_goes(cast: SimpleNamespace) -> None:
    give_app(cast.partner)
    key = give_passkey(cast.partner)
    Authenticator.objects.filter(type="totp").delete()
    assert has_factor(cast.partner) == (True, {True})
    key.delete()
    assert has_factor(cast.partner) == (False, {False})
    assert has_factor(cast.colleague) == (False, {False})


# Removing.


def test_an_app_is_removed_and_its_codes_with_it(here: Client, cast: SimpleNamespace, posted: Posted) -> None:
    set_up(here)
    posted()
    assert "C’est votre dernier second facteur" in here.get("/auth/2fa/totp/deactivate/").content.decode()
    assert here.post("/auth/2fa/totp/deactivate/").headers["Location"] == LIST
    assert not Authenticator.objects.exists() and has_factor(cast.partner) == (False, {False})
    assert [letter.subject for letter in posted()] == ["Une application d’authentification a été retirée"]


def test_a_passkey_is_renamed_and_removed_by_its_owner_alone(here: Client, cast: SimpleNamespace) -> None:
    mine, theirs = give_passkey(cast.partner), give_passkey(cast.stranger)
    page = f"/auth/2fa/webauthn/keys/{mine.pk}/"
    assert here.post(f"{page}edit/", {"name": "Ordinateur  portable"}).status_code == 302
    assert "Ordinateur portable" in here.get(LIST).content.decode()
    assert here.post(f"{page}edit/", {"name": "www.evil.example"}).status_code == 200
    for act in ("edit", "remove"):
        foreign = f"/auth/2fa/webauthn/keys/{theirs.pk}/{act}/"
        assert here.get(foreign).status_code == here.post(foreign, {"name": "x"}).status_code == 404
    assert here.delete(f"{page}remove/").status_code == 405
    assert "C’est votre dernier second facteur" in here.get(f"{page}remove/").content.decode()
    other = give_passkey(cast.partner)
    assert "vos autres seconds facteurs" in here.get(f"{page}remove/").content.decode()
    other.delete()
    assert here.post(f"{page}remove/").status_code == 302
    assert list(Authenticator.objects.all()) == [theirs]


@pytest.mark.parametrize(
    "credential",
    ["", "x", "{}", "[]", "5", '{"id": "\\u0000"}', '"' + "x" * 20_000 + '"', "null", "[" * 15_000, "1" * 5_000],
    ids=["nothing", "word", "object", "list", "number", "nul", "long", "null", "deep", "figures"],
)
def test_a_passkey_that_is_none_is_refused_in_words(here: Client, cast: SimpleNamespace, credential: str) -> None:
    here.get("/auth/2fa/webauthn/add/")
    answer = here.post("/auth/2fa/webauthn/add/", {"name": "x", "credential": credential})
    assert answer.status_code == 200 and "error-summary" in answer.content.decode()
    assert not Authenticator.objects.exists()
    assert Client().post("/auth/2fa/webauthn/login/", {"credential": credential}).headers["Location"] == LOGIN


def test_a_secret_sealed_under_a_key_that_is_gone_is_said_in_words(here: Client, cast: SimpleNamespace) -> None:
    Authenticator.objects.create(user=cast.partner, type="totp", data={"secret": "x"})
    Authenticator.objects.create(user=cast.partner, type="recovery_codes", data={"seed": "x", "used_mask": 1})
    assert "9 codes" in here.get(LIST).content.decode()
    assert here.get(CODES).headers["Location"] == LIST
    client = Client()
    give_password(client)
    assert "réinitialis" in client.post(STEP, {"code": "123456"}).content.decode()


@pytest.mark.parametrize("address", [LIST, ACTIVATE, "/auth/2fa/webauthn/add/", "/auth/2fa/lost/"])
def test_the_pages_run_nothing_of_their_own(here: Client, address: str) -> None:
    answer = here.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200 and "script-src 'self'" in answer.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script([^>]*)>", page)
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)
    assert not re.search(r'\son\w+="|style="', page)


def test_nobody_signs_in_by_passkey_who_is_not_known(cast: SimpleNamespace, client: Client) -> None:
    options = client.get("/auth/2fa/webauthn/login/").json()["request_options"]["publicKey"]
    assert options["rpId"] == "testserver" and options["userVerification"] == "required"
    forged: dict[str, Any] = {
        "id": "AAAA", "rawId": "AAAA", "type": "public-key",
        "response": {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "MQ"},
    }  # fmt: skip
    assert client.post("/auth/2fa/webauthn/login/", {"credential": str(forged).replace("'", '"')}).status_code == 302
    assert not is_signed_in(client)


def test_who_has_no_app_is_asked_for_a_recovery_code_alone(cast: SimpleNamespace) -> None:
    give_passkey(cast.partner)
    assert CodeForm(user=cast.partner).fields["code"].help_text == "L’un de vos codes de secours."
    give_app(cast.partner)
    assert "Les six chiffres" in str(CodeForm(user=cast.partner).fields["code"].help_text)


# The carrier's staff.


def test_two_members_of_staff_reset_with_a_reason_and_after_proof(
    cast: SimpleNamespace, client: Client, posted: Posted, verbs: Callable[[], list[str]]
) -> None:
    give_app(cast.partner)
    staff, colleague, second = make_person("operator", kind="staff"), make_person("second", kind="staff"), Client()
    client.force_login(staff)
    second.force_login(colleague)
    address = f"/operator/users/user/{cast.partner.pk}/factors/"
    assert client.post(address, {"reason": "x"}).headers["Location"].startswith("/auth/reauthenticate/")
    prove(client)
    assert client.post(address, {"reason": ""}).status_code == 200 and not FactorReset.objects.exists()
    page = client.post(address, {"reason": "Rappelée au numéro connu"}).headers["Location"]
    assert client.get(address).headers["Location"] == page  # one at a time
    [letter] = posted()
    assert (letter.to, letter.subject[:12]) == ([cast.partner.email], "Est-ce vous ")
    assert 'name="confirm"' not in client.get(page).content.decode()
    decide = page.replace("/change/", "/decide/")
    client.post(decide, {"confirm": "1"})
    assert second.post(decide, {"confirm": "1"}).headers["Location"].startswith("/auth/reauthenticate/")
    assert Authenticator.objects.exists()
    prove(second)
    assert 'name="confirm"' in second.get(page).content.decode()
    second.post(decide, {"confirm": "1"})
    assert not Authenticator.objects.exists()
    assert [(letter.to, letter.subject) for letter in posted()] == [
        ([cast.partner.email], "Votre double authentification a été réinitialisée")
    ]
    event = AuditEvent.objects.get(verb="second factor reset")
    assert (event.actor, event.subject) == (colleague.uuid, cast.partner.uuid)
    assert event.after == {"reason": "Rappelée au numéro connu", "asked_by": str(staff)}
    assert "second factor reset asked" in verbs()
    second.post(decide, {"confirm": "1"})
    assert verbs().count("second factor reset") == 1


def test_staff_do_not_reset_their_own_and_nobody_else_does(cast: SimpleNamespace, client: Client) -> None:
    staff, colleague = make_person("operator", kind="staff"), make_person("second", kind="staff")
    give_app(staff)
    for person, whom in ((staff, staff), (cast.owner, staff), (cast.stranger, staff)):
        client.force_login(person)
        prove(client)
        client.post(f"/operator/users/user/{whom.pk}/factors/", {"reason": "x"})
    assert not FactorReset.objects.exists()
    staff.refresh_from_db()
    reset = resetting.ask(person=staff, by=colleague, reason="x")
    for by in (staff, colleague, cast.owner):
        with pytest.raises(ValidationError):
            resetting.confirm(reset=reset, by=by)
    for by in (staff, colleague):
        with pytest.raises(IntegrityError), transaction.atomic():
            FactorReset.objects.filter(pk=reset.pk).update(confirmed_by=by)
    assert Authenticator.objects.count() == 1


@pytest.fixture
def waiting(cast: SimpleNamespace) -> FactorReset:
    """A reset of the partner's second factor that waits for a confirmation."""
    give_app(cast.partner)
    cast.partner.refresh_from_db()
    return resetting.ask(person=cast.partner, by=make_person("operator", kind="staff"), reason="Rappelée")


def test_whose_second_factor_it_is_stops_the_reset_by_the_mail(
    waiting: FactorReset, client: Client, posted: Posted, verbs: Callable[[], list[str]]
) -> None:
    [letter] = posted()
    [address] = re.findall(r"/objections/reset/\S+", str(letter.body))
    for read in (client.get, client.head, client.get):  # scanners of mails open links
        assert read(address).status_code == 200
    waiting.refresh_from_db()
    assert (waiting.state, posted()) == ("asked", [])
    client.post(address)
    told = {letter.to[0]: str(letter.body) for letter in posted()}
    assert set(told) == {waiting.person.email, waiting.asked_by.email}
    assert "arrêtée par le lien" in told[waiting.asked_by.email]
    assert verbs()[-1] == "second factor reset stopped by e-mail"
    client.post(address)
    assert "rien n’a changé" in client.get(address).content.decode() and posted() == []
    with pytest.raises(ValidationError):
        resetting.confirm(reset=waiting, by=make_person("second", kind="staff"))
    assert client.post("/objections/reset/x/").status_code == 410
    assert Authenticator.objects.exists()


@pytest.mark.parametrize("how", ["withdrawn", "lapsed"])
def test_a_reset_that_is_withdrawn_or_not_confirmed_in_a_day_changes_nothing(
    waiting: FactorReset, client: Client, posted: Posted, how: str
) -> None:
    posted()
    second = make_person("second", kind="staff")
    if how == "withdrawn":
        client.force_login(second)
        client.post(f"/operator/users/factorreset/{waiting.pk}/decide/", {"withdraw": "1"})
    else:
        FactorReset.objects.update(due_at=F("due_at") - timedelta(hours=25))
        with pytest.raises(ValidationError):
            resetting.confirm(reset=waiting, by=second)
        assert lapse_resets() == 1
    waiting.refresh_from_db()
    assert waiting.state == how and waiting.ended_at
    readers = {waiting.person.email} | ({waiting.asked_by.email} if how == "lapsed" else set())
    assert {letter.to[0] for letter in posted()} == readers
    assert Authenticator.objects.exists()
    resetting.ask(person=waiting.person, by=second, reason="À nouveau")


def test_staff_may_be_made_to_have_one(cast: SimpleNamespace, client: Client, settings: Any) -> None:
    staff = make_person("operator", kind="staff")
    client.force_login(staff)
    assert client.get("/operator/").status_code == 200
    settings.STAFF_SECOND_FACTOR = True
    assert client.get("/operator/").headers["Location"] == LIST
    assert "pages des opérateurs" in client.get(LIST).content.decode()
    give_app(staff)
    assert client.get("/operator/").status_code == 200


def test_a_new_secret_key_takes_the_secrets_over(
    cast: SimpleNamespace, client: Client, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = give_app(cast.partner)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-is-long-enough-to-be-one"
    call_command("reseal_secrets", "--json")
    assert '"resealed": 1' in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    give_password(client)
    assert client.post(STEP, {"code": code_of(secret)}).headers["Location"] == "/"
