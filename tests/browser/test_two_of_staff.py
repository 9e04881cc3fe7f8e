"""What takes two members of staff: an account given another owner, who objects by mail; a second factor reset."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.acts import open_mail, press_in_mail, prove, save, sign_in
from tests.browser.conftest import PHONE, Portal, Visit
from tests.browser.looks import expect_sound
from tests.browser.test_second_factor import is_home

ACCOUNT, FORMER, NEXT = "470011", "470011@forge.example", "rose.vent@forge.example"
PEOPLE = """
from allauth.mfa.models import Authenticator
from django.db import transaction
from colibox.lib import sealed, tenancy
from tests.conftest import make_account, make_link, make_person
with transaction.atomic(), tenancy.everything():
    account = make_account("470011", "Forge du Vent")
    owner = dict(last_name="ADMIN", first_name="470011", email="470011@forge.example")
    make_link(account, make_person("470011", kind="standard", **owner), role="owner")
    rose = make_person("r.vent", last_name="Vent", first_name="Rose", email="rose.vent@forge.example")
    make_link(account, rose, rights=["tracking_ws"])
    Authenticator.objects.create(user=rose, type="totp", data={"secret": sealed.seal("JBSWY3DPEHPK3PXP")})
"""
LEFT_ALONE = """
from django.contrib.sessions.models import Session
from colibox.lib.sessions import SessionStore
from users.models import User
key = str(User.objects.get(username="470011").pk)
for kept in Session.objects.all():
    data = kept.get_decoded()
    if data.get("_auth_user_id") == key:
        data["seen"] -= 3600
        for record in data["account_authentication_methods"]:
            record["at"] -= 3600
        kept.session_data = SessionStore().encode(data)
        kept.save()
"""


@pytest.fixture(scope="module")
def forge(portal: Portal) -> Iterator[Portal]:
    """An account that no other test knows."""
    portal.manage("shell", "-c", PEOPLE)
    yield portal


def test_an_owner_stops_by_mail_what_two_members_of_staff_agreed(forge: Portal, visit: Visit) -> None:
    first, second, owner = visit(), visit(), visit(viewport=PHONE)
    sign_in(first, "operateur")
    first.goto("/operator/rights/handover/ask/")
    prove(first)
    first.get_by_label("Numéro de compte").fill(ACCOUNT)
    first.get_by_role("button", name="Rechercher").click()
    first.get_by_label("Nouvel administrateur").select_option(label="Rose Vent")
    first.get_by_label("Motif").fill("M. Forge est parti en juin, courrier de la direction.")
    first.get_by_label("Justificatif").set_input_files(
        {"name": "courrier.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}
    )
    first.get_by_role("button", name="Demander").click()
    expect(first.get_by_text("Un autre agent doit maintenant")).to_be_visible()
    expect(first.get_by_role("button", name="Confirmer")).to_have_count(0)

    sign_in(second, "operateur2")
    second.goto("/operator/rights/handover/")
    second.get_by_role("row").filter(has_text="Rose Vent").get_by_role("link").first.click()
    with second.expect_download() as proof:
        second.get_by_role("link", name="Télécharger le justificatif").click()
    assert proof.value.path().read_bytes() == b"%PDF-1.7\n%%EOF"
    second.get_by_role("button", name="Confirmer").click()
    prove(second)
    expect(second.get_by_text("72 heures pour s’opposer").first).to_be_visible()

    open_mail(owner, FORMER, f"Le compte {ACCOUNT} passe à Rose Vent")
    press_in_mail(owner, "Voir et s’opposer")
    expect(owner.get_by_role("heading", level=1)).to_have_text("Administrez-vous toujours ce compte ?")
    expect_sound(owner)
    owner.get_by_role("button", name="Je m’oppose").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("C’est annulé : rien n’a changé")
    expect_sound(owner)
    open_mail(owner, "odile.perez@", "est abandonné")
    second.reload()
    expect(second.get_by_role("button", name="Retirer la demande")).to_have_count(0)


def test_a_second_factor_is_reset_by_two_and_its_owner_told_twice(forge: Portal, visit: Visit) -> None:
    first, second, rose = visit(), visit(), visit(viewport=PHONE)
    sign_in(first, "operateur")
    first.goto("/operator/users/user/?q=r.vent")
    first.get_by_role("row").filter(has_text="r.vent").get_by_role("link").first.click()
    first.get_by_role("link", name="Réinitialiser la double authentification").click()
    prove(first)
    first.get_by_label("Motif").fill("Rappelée au numéro connu : téléphone volé.")
    first.get_by_role("button", name="Demander").click()
    expect(first.get_by_text("Un autre agent doit maintenant")).to_be_visible()

    open_mail(rose, NEXT, "Est-ce vous qui demandez")
    press_in_mail(rose, "Ce n’était pas moi")
    expect(rose.get_by_role("button", name="Ce n’était pas moi")).to_be_visible()
    expect_sound(rose)

    sign_in(second, "operateur2")
    second.goto("/operator/users/factorreset/")
    second.get_by_role("row").filter(has_text="Rose Vent").get_by_role("link").first.click()
    second.get_by_role("button", name="Confirmer").click()
    prove(second)
    expect(second.get_by_text("est réinitialisée").first).to_be_visible()

    rose.reload()
    expect(rose.get_by_role("button", name="Ce n’était pas moi")).to_have_count(0)
    expect_sound(rose)
    open_mail(rose, NEXT, "a été réinitialisée")
    sign_in(rose, "r.vent")
    is_home(rose)


def test_a_form_that_was_left_alone_is_shown_after_the_password_and_sent_by_a_button(
    forge: Portal, visit: Visit
) -> None:
    page = visit(viewport=PHONE)
    sign_in(page, ACCOUNT)
    page.goto("/profile/")
    page.get_by_role("radio").first.check()
    page.get_by_label("Fonction").fill("Maître de forge")
    forge.manage("shell", "-c", LEFT_ALONE)
    save(page)
    expect(page.locator("main")).to_contain_text("Rien ne s’est passé pendant 30 minutes")
    expect_sound(page)
    prove(page)
    expect(page.locator("main")).to_contain_text("Maître de forge")
    expect_sound(page)
    save(page, "C’était moi\u202f: envoyer")
    expect(page.locator("#messages")).to_contain_text("enregistrées")
    expect(page.get_by_label("Fonction")).to_have_value("Maître de forge")
