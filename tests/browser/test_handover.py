"""The journey of an account from one owner to the next, on a telephone: named, offered, accepted, done."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.acts import (
    expect_message,
    finish_sign_up,
    invite_advanced,
    open_mail,
    press_in_mail,
    prove,
    save,
    search,
    sign_in,
    someone,
)
from tests.browser.conftest import PHONE, Portal, Visit
from tests.browser.looks import expect_sound

ACCOUNT = "330879"
A_DAY_LATER = (
    "from datetime import timedelta; from django.db import transaction; from django.db.models import F;"
    "from colibox.lib import tenancy; from rights import tasks; from rights.models import Handover\n"
    "with transaction.atomic(), tenancy.everything():\n"
    "    accepted = Handover.objects.filter(account__number='330879', state='accepted')\n"
    "    accepted.update(due_at=F('due_at') - timedelta(days=2))\n"
    "tasks.hand_over()"
)


def test_an_account_is_handed_over(portal: Portal, visit: Visit) -> None:
    owner, next_owner, lou = visit(viewport=PHONE), visit(viewport=PHONE), someone("Lou")
    sign_in(owner, ACCOUNT)
    invite_advanced(owner, lou, "Web Service suivi", number=ACCOUNT)
    finish_sign_up(next_owner, lou)

    owner.goto(f"/accounts/{ACCOUNT}/administration/")
    owner.get_by_role("link", name="Administrateurs").click()
    expect_sound(owner)
    search(owner, lou.last_name)
    expect_sound(owner)
    owner.get_by_role("link", name="Donner un rôle").click()
    expect_sound(owner)
    owner.get_by_label("Gestionnaire des membres").check()
    save(owner)
    prove(owner)
    expect_message(owner, "gestionnaire des membres, dès maintenant")

    search(owner, lou.last_name)
    owner.get_by_role("link", name="Lui transmettre").click()
    prove(owner)
    expect(owner.get_by_role("heading", level=1)).to_contain_text(lou.full_name)
    expect(owner.locator("main")).to_contain_text(f"L’identifiant {ACCOUNT} reste le vôtre")
    expect_sound(owner)
    save(owner, "Proposer le compte")
    expect_message(owner, "7 jours pour accepter")
    expect_sound(owner)

    open_mail(next_owner, lou.email, f"vous propose le compte {ACCOUNT}")
    press_in_mail(next_owner, "Voir la proposition")
    expect_sound(next_owner)
    save(next_owner, "Accepter")
    prove(next_owner)
    expect_message(next_owner, "24 heures")

    owner.reload()
    owner.get_by_role("link", name="Voir ou annuler").click()
    expect(owner.get_by_role("button", name="Annuler le changement")).to_be_visible()
    expect_sound(owner)
    portal.manage("shell", "-c", A_DAY_LATER)
    owner.goto(f"/accounts/{ACCOUNT}/administrators/")
    expect(owner).to_have_url(re.compile("/auth/login/"))
    next_owner.goto(f"/accounts/{ACCOUNT}/administrators/")
    expect(next_owner.get_by_role("row").filter(has_text=lou.last_name)).to_contain_text("Propriétaire")
    open_mail(next_owner, lou.email, f"désormais propriétaire du compte {ACCOUNT}")
