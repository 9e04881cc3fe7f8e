"""Groups of accounts: one list for who holds the right on the head office's account, and for nobody else."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actions.groups import dissolve_group, save_group
from accounts.models import AccountGroup, AuditEvent, CustomerAccount, Site, SubAccount
from rights import groups
from rights.actions.attaching import attach
from rights.models import AccountLink, Grant
from rights.places import SITE
from tests.conftest import PASSWORD, make_account, make_link, make_person
from users.models import User

URL = reverse("rights:group", args=["900138"])


@pytest.fixture
def grouped(cast: SimpleNamespace) -> SimpleNamespace:
    """North heads a group with south; east is nobody's."""
    cast.operator = make_person("operator", kind="staff")
    cast.group = save_group(
        group=AccountGroup(), name="Groupe Comptoir", head=cast.north, accounts=[cast.south], by=cast.operator
    )
    cast.east = make_account("670001", "Est Fret")
    make_link(cast.east, make_person("e.lsass", last_name="Elsass"))
    return cast


def proven(client: Any) -> Any:
    """The same client, who gave their password again."""
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


def names(page: Any) -> list[str]:
    return [f"{row['link'].last_name} {row['link'].account.number}" for row in page.context["rows"]]


def test_the_head_office_reads_the_people_of_all_its_accounts(grouped: SimpleNamespace, sign_in: Any) -> None:
    marseille = Site.objects.create(account=grouped.south, name="Marseille")
    attach(link=grouped.partner_south_link, by=grouped.stranger_link, spots={(SITE, marseille.pk)})
    page = sign_in(grouped.owner).get(URL)
    everybody = ["ADMIN 900138", "Berlioz 900138", "Berlioz 850061", "Martin 900138", "ZZB-ADMIN 850061"]
    assert names(page) == everybody
    html = page.content.decode()
    assert ("Marseille" in html, "Elsass" in html) == (True, False)
    assert reverse("rights:person", args=["900138", grouped.colleague_link.uuid]) in html
    assert str(grouped.stranger_link.uuid) not in html
    assert reverse("accounts:account", args=["850061"]) not in html


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?account=850061", ["Berlioz 850061", "ZZB-ADMIN 850061"]),
        ("?account=670001", None),
        ("?q=berlioz", ["Berlioz 900138", "Berlioz 850061"]),
        ("?q=berlioz&account=850061", ["Berlioz 850061"]),
        ("?q=elsass", []),
        ("?after=not-a-uuid", None),
        ("?kind=advanced", ["Berlioz 900138", "Berlioz 850061"]),
        ("?role=administrator", ["ADMIN 900138", "ZZB-ADMIN 850061"]),
        ("?role=local&status=active", []),
        ("?status=suspended&q=berlioz", []),
        ("?status=active&q=berlioz&account=900138", ["Berlioz 900138"]),
    ],
)
def test_it_is_searched(grouped: SimpleNamespace, sign_in: Any, query: str, found: list[str] | None) -> None:
    page = sign_in(grouped.owner).get(URL + query)
    assert len(names(page)) == 5 if found is None else names(page) == found


def test_it_is_read_page_by_page_at_the_same_cost(
    grouped: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(grouped.owner)
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(URL)
    monkeypatch.setattr(groups, "SIZE", 2)
    first = client.get(URL)
    with CaptureQueriesContext(connection) as more:
        second = client.get(f"{URL}?after={first.context['rows'][-1]['link'].uuid}")
    third = client.get(f"{URL}?after={second.context['rows'][-1]['link'].uuid}")
    assert len(names(first) + names(second) + names(third)) == len({*names(first), *names(second), *names(third)}) == 5
    assert not third.context["page"].more
    assert len(more) <= len(few) + 1


def test_an_invitation_past_its_deadline_is_found_as_expired(grouped: SimpleNamespace, sign_in: Any) -> None:
    late = timezone.now() - timedelta(hours=1)
    AccountLink.objects.filter(pk=grouped.partner_south_link.pk).update(
        state="invited", accepted_at=None, user=None, expires_at=late
    )
    client = sign_in(grouped.owner)
    assert names(client.get(URL + "?status=expired")) == ["Berlioz 850061"]
    assert names(client.get(URL + "?status=invited")) == []
    assert "1 personne" in client.get(URL + "?status=expired").content.decode()


def test_what_is_read_leaves_as_a_file_and_each_account_is_told(
    grouped: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "AT_ONCE", 2)
    client, address = proven(sign_in(grouped.owner)), reverse("rights:export_group", args=["900138"])
    assert "5 personnes" in client.get(address).content.decode()
    file = b"".join(client.post(address, {"format": "csv"}).streaming_content).decode("utf-8-sig")
    rows = [line.split(";") for line in file.splitlines()]
    assert rows[0][:6] == ["Compte", "Société", "Nom du contrat", "Nom", "Prénom", "Email"]
    listed = [(row[0], row[3]) for row in rows[1:]]
    assert sorted(name for _number, name in listed) == ["ADMIN", "Berlioz", "Berlioz", "Martin", "ZZB-ADMIN"]
    assert listed == sorted(listed)  # account by account, then by name
    told = AuditEvent.objects.filter(verb="people exported with the group")
    assert set(told.values_list("account_id", flat=True)) == {grouped.north.pk, grouped.south.pk}
    only = b"".join(client.post(address + "?account=850061&q=berlioz", {}).streaming_content).decode("utf-8-sig")
    assert len(only.splitlines()) == 2
    assert told.count() == 3
    assert proven(sign_in(grouped.stranger)).post(reverse("rights:export_group", args=["850061"])).status_code == 302


def test_an_account_that_requires_a_second_factor_is_closed_to_who_has_none(
    grouped: SimpleNamespace, sign_in: Any
) -> None:
    CustomerAccount.objects.filter(pk=grouped.south.pk).update(second_factor_from=timezone.localdate())
    client = sign_in(grouped.owner)
    page = client.get(URL)
    assert {row["link"].account.number for row in page.context["rows"]} == {"900138"}
    assert "850061 Sud Expéditions exige" in page.content.decode()
    assert names(client.get(URL + "?account=850061")) == []
    User.objects.filter(pk=grouped.owner.pk).update(second_factor=True)
    assert len(names(client.get(URL))) == 5


def test_who_does_not_hold_the_right_or_is_elsewhere_reads_nothing(grouped: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(grouped.colleague).get(URL).status_code == 403
    Grant.objects.create(account=grouped.north, link=grouped.colleague_link, right="groups", given_by_name="ADMIN")
    assert len(names(sign_in(grouped.colleague).get(URL))) == 5
    # an account of the group that is not its head reads no other
    page = sign_in(grouped.stranger).get(reverse("rights:group", args=["850061"]))
    assert (page.status_code, page.context["accounts"]) == (200, [])
    assert "Martin" not in page.content.decode()


def test_an_account_is_in_one_group_and_leaves_it_with_it(grouped: SimpleNamespace) -> None:
    with pytest.raises(ValidationError, match="850061"):
        save_group(group=AccountGroup(), name="Autre", head=grouped.east, accounts=[grouped.south], by=grouped.operator)
    grouped.south.refresh_from_db()
    save_group(group=grouped.group, name="Groupe", head=grouped.north, accounts=[], by=grouped.operator)
    assert list(CustomerAccount.objects.filter(group=grouped.group)) == [grouped.north]
    dissolve_group(group=grouped.group, reason="Sold in June", by=grouped.operator)
    assert not CustomerAccount.objects.filter(group__isnull=False).exists()
    told = AuditEvent.objects.filter(account_id=grouped.south.pk, verb__contains="group").order_by("pk")
    assert [event.verb for event in told] == ["account put in a group", "account taken out of its group"]


def test_operators_make_and_dissolve_groups(grouped: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(grouped.operator)
    lone = make_account("670002", "Est Bis")
    typed = {"name": "Groupe Est", "head": "670001", "accounts": "670002, 123456"}
    refused = client.post(reverse("admin:accounts_accountgroup_new"), typed)
    assert "123456" in refused.content.decode()
    client.post(reverse("admin:accounts_accountgroup_new"), {**typed, "accounts": "670002"})
    group = AccountGroup.objects.get(name="Groupe Est")
    assert set(group.accounts.all()) == {grouped.east, lone}
    assert client.get(reverse("admin:accounts_accountgroup_changelist") + "?q=670002").status_code == 200
    url = reverse("admin:accounts_accountgroup_dissolve", args=[group.pk])
    assert "670002" in client.get(url).content.decode()
    client.post(url, {"reason": ""})
    assert AccountGroup.objects.filter(name="Groupe Est").exists()
    client.post(url, {"reason": "Ticket 48213, sold in June"})
    assert not AccountGroup.objects.filter(name="Groupe Est").exists()
    taken = AuditEvent.objects.filter(account_id=lone.pk, verb="account taken out of its group").get()
    assert taken.after == {"reason": "Ticket 48213, sold in June"}


def test_the_number_of_an_account_of_the_group_leads_to_its_people(grouped: SimpleNamespace, sign_in: Any) -> None:
    people = reverse("rights:users", args=["900138"])
    found = sign_in(grouped.owner).get(people, {"account": "850061", "q": "berlioz"})
    assert (found.status_code, found.url) == (302, f"{URL}?account=850061&q=berlioz")
    assert sign_in(grouped.owner).get(people, {"account": "670001"}).status_code == 200


def test_an_account_of_a_group_is_told_who_reads_its_people(grouped: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(grouped.stranger)
    for page in (reverse("accounts:account", args=["850061"]), reverse("rights:group", args=["850061"])):
        assert str(grouped.north) in client.get(page).content.decode()
    assert "Siège" not in sign_in(grouped.owner).get(reverse("accounts:account", args=["900138"])).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?site=l'ete", ["Berlioz 850061"]),
        ("?site=L’ÉTÉ&account=850061", ["Berlioz 850061"]),
        ("?site=L’ÉTÉ&account=900138", []),
        ("?subaccount=01", ["Berlioz 850061"]),
        ("?subaccount=sud&site=quai", ["Berlioz 850061"]),
        ("?site=%25", []),
        ("?subaccount=nord", []),
    ],
)
def test_it_is_searched_by_place(grouped: SimpleNamespace, sign_in: Any, query: str, found: list[str]) -> None:
    south = SubAccount.objects.create(account=grouped.south, number="01", name="Région Sud")
    quay = Site.objects.create(account=grouped.south, name="Quai de l’Été", sub_account=south)
    attach(link=grouped.partner_south_link, by=grouped.stranger_link, spots={(SITE, quay.pk)})
    page = sign_in(grouped.owner).get(URL + query)
    assert names(page) == found
    assert page.context["how_many"].startswith(str(len(found)))
