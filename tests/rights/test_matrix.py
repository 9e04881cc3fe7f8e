"""Who can do what: people down, rights across."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

from django.test import Client

from rights import catalogue
from rights.models import AccountLink
from tests.conftest import make_link, make_person

URL = "/accounts/900138/users/matrix/"


def lines(client: Client, query: str = "") -> dict[str, list[bool]]:
    """Whether each right is held, by name."""
    html = client.get(URL + query).content.decode()
    rows = re.findall(r'<tr><th scope="row"><a [^>]*>([^<]*)</a>(.*?)</tr>', html, re.S)
    return {name: [cell == "oui" for cell in re.findall(r">(oui|non)</span>", cells)] for name, cells in rows}


def test_each_line_says_which_rights_a_person_has(cast: SimpleNamespace, sign_in: Any) -> None:
    columns = [right.code for right in catalogue.suiting("advanced")]
    [held] = [lines(sign_in(cast.owner), "?kind=advanced")["Aline Berlioz"]]
    assert {code for code, yes in zip(columns, held, strict=True) if yes} == {"tool_tag", "shipping_ws"}


def test_the_administrator_has_all_that_the_account_holds(cast: SimpleNamespace, sign_in: Any) -> None:
    assert all(lines(sign_in(cast.owner))["900138 ADMIN"])


def test_a_right_the_account_does_not_hold_has_no_column(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    before = len(lines(client)["Claire Martin"])
    cast.north.entitlements.filter(right="invoices").delete()
    assert len(lines(client)["Claire Martin"]) == before - 1


def test_who_has_a_right_is_asked_by_its_column(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    assert 'href="?kind=standard&amp;right=chat' in client.get(URL).content.decode()
    assert list(lines(client, "?kind=standard&right=chat")) == ["900138 ADMIN"]


def test_fifty_people_are_on_a_page(cast: SimpleNamespace, sign_in: Any) -> None:
    for n in range(52):
        make_link(cast.north, make_person(f"u{n:02}", last_name=f"Nom {n:02}"))
    client = sign_in(cast.owner)
    assert len(lines(client, "?kind=advanced")) == 50
    assert len(lines(client, "?kind=advanced&page=2")) == 3


def test_whose_access_is_not_open_is_marked(cast: SimpleNamespace, sign_in: Any) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="suspended")
    assert "Suspendu" in sign_in(cast.owner).get(URL + "?kind=advanced").content.decode()


def test_nobody_of_another_account_is_in_it(cast: SimpleNamespace, sign_in: Any) -> None:
    assert "ZZB" not in sign_in(cast.owner).get(URL).content.decode()
    assert sign_in(cast.stranger).get(URL).status_code == 404


def test_the_matrix_opens_on_the_kind_of_user_that_matches(cast: SimpleNamespace, sign_in: Any) -> None:
    page = sign_in(cast.owner).get("/accounts/900138/users/matrix/?q=berlioz")
    assert [row.last_name for row, _cells in page.context["lines"]] == ["Berlioz"]
    kinds = [(count, url, current) for _label, count, url, current in page.context["kinds"]]
    assert kinds == [
        ("0 personne", "?kind=standard&q=berlioz", False), ("1 personne", "?kind=advanced&q=berlioz", True)
    ]  # fmt: skip
