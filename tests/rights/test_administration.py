"""The pages of administration: each beside the others, the present one marked, and only those that one may open."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.test import Client

from accounts.actions.groups import save_group
from accounts.models import AccountGroup
from rights.models import Entitlement
from tests.conftest import make_person

SignIn = Callable[..., Client]

ROOT = "/accounts/900138/"
ALL = ["contacts", "sites", "profiles", "administrators", "security", "reviews", "history"]


def beside(client: Client, path: str) -> dict[str, str]:
    """The row of tabs of administration: what each leads to, and how it is marked."""
    page = client.get(ROOT + path).content.decode()
    row = re.search(r'<nav class="tabs tabs--inner".*?</nav>', page, re.DOTALL)
    tabs = re.findall(rf'<a href="{ROOT}(\w+)/"(?: aria-current="(\w+)")?', row[0]) if row else []
    return dict(tabs)


@pytest.mark.parametrize("path", ALL)
def test_each_page_stands_beside_the_others_and_is_marked(cast: SimpleNamespace, sign_in: SignIn, path: str) -> None:
    tabs = beside(sign_in(cast.owner), f"{path}/")
    assert list(tabs) == ALL
    assert {name for name, current in tabs.items() if current} == {path} and tabs[path] == "page"


@pytest.mark.parametrize("path", ["contacts/new/", "sites/new/", "profiles/new/", "contacts/me/"])
def test_a_page_below_keeps_its_place_marked_and_the_tab_above(
    cast: SimpleNamespace, sign_in: SignIn, path: str
) -> None:
    client = sign_in(cast.owner)
    assert beside(client, path)[path.split("/")[0]] == "true"
    assert f'href="{ROOT}administration/" aria-current="true"' in client.get(ROOT + path).content.decode()


@pytest.mark.parametrize("path", ["", "users/", "administration/"])
def test_other_pages_do_not_have_the_row(cast: SimpleNamespace, sign_in: SignIn, path: str) -> None:
    assert beside(sign_in(cast.owner), path) == {}


def test_a_membership_manager_finds_what_is_theirs(tiers: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(tiers.manager)
    assert beside(client, "administrators/") == {"contacts": "", "administrators": "page"}
    hub = client.get(f"{ROOT}administration/").content.decode()
    assert f'href="{ROOT}contacts/"' in hub and f'href="{ROOT}security/"' not in hub


def test_the_group_is_beside_them_for_who_reads_it(cast: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert "group" not in beside(client, "sites/")
    operator = make_person("operateur", kind="staff")
    save_group(group=AccountGroup(), name="Groupe Comptoir", head=cast.north, accounts=[cast.south], by=operator)
    assert beside(client, "group/")["group"] == "page"


def test_a_right_that_one_does_not_have_names_whom_to_ask_for_it(cast: SimpleNamespace, sign_in: SignIn) -> None:
    for path in ("users/", "prices/"):
        page = sign_in(cast.colleague).get(ROOT + path)
        assert page.status_code == 403 and "900138 ADMIN" in page.content.decode()
        assert "mailto:900138@example.com" in page.content.decode()
    Entitlement.objects.filter(account=cast.north, right="tariffs").delete()
    page = sign_in(cast.owner).get(f"{ROOT}prices/")
    assert page.status_code == 403 and "Vous l’administrez" in page.content.decode()
    assert "mailto:" not in sign_in(cast.partner).get("/operator/", follow=True).content.decode().split("</main>")[0]
