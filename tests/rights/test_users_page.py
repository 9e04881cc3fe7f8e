"""The page of the people of an account: its two tables, their rows, their pages, and what they cost."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CustomerAccount, Site, SubAccount
from colibox.lib import keys, outbox
from rights.actions import bulk
from rights.models import AccountLink, Attachment, Grant, Profile
from rights.people import by_place
from rights.people.filters import SORTS, Asked
from rights.people.matching import matching
from rights.people.search import INDEXED
from rights.views import users as users_view
from tests.conftest import IDENTITY, make_link, make_person
from users.models import User

URL = "/accounts/900138/users/"


def crowd(account: CustomerAccount, count: int, **fields: Any) -> list[AccountLink]:
    """So many advanced users, made in bulk: Personne 0000, Personne 0001…"""
    identity = {**IDENTITY, "first_name": "Ada"}
    users = User.objects.bulk_create(
        User(**identity | {"last_name": f"Personne {n:04}", "email": f"p{n}@example.com"}, kind="advanced",
             username=f"p{n}", user_key=keys.new_user_key())
        for n in range(count)
    )  # fmt: skip
    links = AccountLink.objects.bulk_create(
        AccountLink(account=account, user=user, kind="advanced", username=user.username,
                    **{"state": "active", "accepted_at": timezone.now(), **user.identity(), **fields})
        for user in users
    )  # fmt: skip
    Grant.objects.bulk_create(
        Grant(account=account, link=link, right="shipping_ws", given_by_name="ADMIN") for link in links
    )
    return links


def spread(cast: SimpleNamespace, links: list[AccountLink]) -> SimpleNamespace:
    """Three sites, one under a sub-account; of every three people one is at the first two, one at the third."""
    cast.west = SubAccount.objects.create(account=cast.north, number="01", name="Ouest")
    names = ("nantes", "Évreux", "Lille")
    cast.sites = [Site.objects.create(account=cast.north, name=name) for name in names]
    Site.objects.filter(name="Lille").update(sub_account=cast.west)
    Attachment.objects.bulk_create(
        Attachment(account=cast.north, link=link, site=site)
        for number, link in enumerate(links)
        for site in ((cast.sites[:2], cast.sites[2:], ())[number % 3])
    )
    return cast


def names(html: str) -> list[str]:
    """The last names in the order of the rows."""
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', html)


def get(client: Client, query: str = "") -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return response.content.decode()


def test_two_tables_show_who_is_on_the_account(cast: SimpleNamespace, sign_in: Any) -> None:
    html = get(sign_in(cast.owner))
    assert names(html) == ["ADMIN", "Martin", "Berlioz"]
    for word in ("Nom", "Prénom", "Email", "Identifiant", "Statut", "Dernière connexion", "Droits", "Tags"):
        assert word in html
    assert "Utilisateurs standard" in html and "Utilisateurs avancés" in html
    assert "a.berlioz@example.com" in html and "LYON" in html


def test_the_administrator_comes_first_whatever_the_names(cast: SimpleNamespace, sign_in: Any) -> None:
    make_link(cast.north, make_person("z", kind="standard", last_name="Aaron"))
    assert names(get(sign_in(cast.owner), "?kind=standard")) == ["ADMIN", "Aaron", "Martin"]
    assert names(get(sign_in(cast.owner), "?kind=standard&sort=-name"))[0] == "ADMIN"


def test_nobody_of_another_account_is_shown(cast: SimpleNamespace, sign_in: Any) -> None:
    html = get(sign_in(cast.owner))
    assert "ZZB" not in html and "850061" not in html


def test_the_administrators_own_row_has_the_edit_icon_only(cast: SimpleNamespace, sign_in: Any) -> None:
    html = get(sign_in(cast.owner), "?kind=standard")
    rows = re.findall(r"<tr>.*?</tr>", html, re.S)
    own = next(row for row in rows if ">ADMIN</a>" in row)
    other = next(row for row in rows if ">Martin</a>" in row)
    assert "#pencil" in own and "#unlink" not in own and "checkbox" not in own
    assert all(icon in other for icon in ("#pencil", "#player-pause", "#unlink", "checkbox"))


def test_a_row_offers_what_its_state_allows(cast: SimpleNamespace, sign_in: Any) -> None:
    client, link = sign_in(cast.owner), cast.partner_link
    for state, icon in (("suspended", "#player-play"), ("expired", "#mail-forward"), ("invited", "#mail-forward")):
        deadline = timezone.now() + timedelta(hours=31, minutes=30)
        AccountLink.objects.filter(pk=link.pk).update(state=state, expires_at=deadline)
        assert icon in get(client, "?kind=advanced")
    assert "encore 31 h" in get(client, "?kind=advanced")


def test_an_invitation_past_its_deadline_is_shown_as_expired_at_once(cast: SimpleNamespace, sign_in: Any) -> None:
    late = timezone.now() - timedelta(minutes=1)
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="invited", expires_at=late)
    client = sign_in(cast.owner)
    assert "Invitation expirée" in get(client, "?kind=advanced")
    assert names(get(client, "?kind=advanced&status=expired")) == ["Berlioz"]
    assert names(get(client, "?kind=advanced&status=invited")) == []


def test_until_a_person_accepts_only_what_was_typed_is_shown(cast: SimpleNamespace, sign_in: Any) -> None:
    User.objects.filter(pk=cast.partner.pk).update(last_login=timezone.now())
    link = AccountLink.objects.create(
        account=cast.north, invitee=make_person("n.secret", last_login=timezone.now(), town="Villesecrete"),
        kind="advanced", state="invited", last_name="Tapé", first_name="Nom", masked_email="n••••@e••••.com",
        expires_at=timezone.now() + timedelta(hours=5),
    )  # fmt: skip
    html = get(sign_in(cast.owner), "?kind=advanced")
    row = next(row for row in re.findall(r"<tr>.*?</tr>", html, re.S) if str(link.uuid) in row)
    assert "n••••@e••••.com" in row and "jamais" in row
    assert "n.secret" not in html and "Villesecrete" not in html


def test_rights_are_counted_and_named_whole(cast: SimpleNamespace, sign_in: Any) -> None:
    html = get(sign_in(cast.owner), "?kind=advanced")
    assert "2 droits" in html
    assert "Web Service Affranchissement" in html


def test_a_right_the_account_lost_is_not_counted(cast: SimpleNamespace, sign_in: Any) -> None:
    cast.north.entitlements.filter(right="shipping_ws").delete()
    assert "1 droit<" in get(sign_in(cast.owner), "?kind=advanced")


def test_the_trouble_of_a_mail_is_shown_on_the_row(cast: SimpleNamespace, sign_in: Any) -> None:
    outbox.Mail.objects.create(
        kind="x", key="x", account_id=cast.north.pk, about=cast.partner_link.uuid, state="failed", error="550"
    )
    assert outbox.trouble([cast.partner_link.uuid])[cast.partner_link.uuid].explanation in get(
        sign_in(cast.owner), "?kind=advanced"
    ).replace("&#x27;", "'")


def test_each_table_shows_its_first_rows_and_leads_to_the_others(cast: SimpleNamespace, sign_in: Any) -> None:
    crowd(cast.north, 30)
    html = get(sign_in(cast.owner))
    assert len(names(html)) == 2 + 10
    assert "Voir les 21 autres" in html and 'href="?kind=advanced"' in html


@pytest.mark.parametrize("size", [25, 50, 100])
def test_pages_are_numbered(cast: SimpleNamespace, sign_in: Any, size: int) -> None:
    crowd(cast.north, 130)
    client = sign_in(cast.owner)
    whole = [name for page in range(1, 7) for name in names(get(client, f"?kind=advanced&size={size}&page={page}"))]
    expected = ["Berlioz", *(f"Personne {n:04}" for n in range(130))]
    assert list(dict.fromkeys(whole)) == expected
    assert len(names(get(client, f"?kind=advanced&size={size}"))) == size


@pytest.mark.parametrize("sort", ["name", "-name", "email", "-email", "state", "-rights"])
def test_pages_beyond_what_is_numbered_go_by_key(
    cast: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("rights.people.search.COUNTED", 40)
    spread(cast, crowd(cast.north, 70))
    client = sign_in(cast.owner)
    html, seen, places = get(client, f"?kind=advanced&sort={sort}"), [], []
    assert "Plus de 40 personnes" in html
    while True:
        seen += names(html)
        places.append(names(html))
        following = re.search(r'rel="next" href="([^"]*)"', html)
        if following is None:
            break
        html = get(client, following[1].replace("&amp;", "&"))
    assert sorted(seen) == sorted(set(seen)) and len(seen) == 71
    back = re.search(r'rel="prev" href="([^"]*)"', html)
    assert back and names(get(client, back[1].replace("&amp;", "&"))) == places[-2]


def test_a_key_of_somebody_elsewhere_leads_to_the_first_page(
    cast: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rights.people.search.COUNTED", 20)
    crowd(cast.north, 30)
    html = get(sign_in(cast.owner), f"?kind=advanced&after={cast.stranger_link.uuid}")
    assert names(html)[0] == "Berlioz"


def test_an_owner_comes_first_among_users_of_their_kind(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    AccountLink.objects.filter(pk=cast.owner_link.pk).update(role="administrator")
    crowd(cast.north, 3)
    AccountLink.objects.filter(last_name="Personne 0002").update(role="owner")
    standard, advanced = client.get(URL).context["tables"]
    assert [row.last_name for row in advanced.rows][:2] == ["Personne 0002", "Berlioz"]
    assert "Personne 0002" not in {row.last_name for row in standard.rows}


@pytest.mark.parametrize("sort", SORTS)
def test_every_column_sorts_both_ways(cast: SimpleNamespace, sign_in: Any, sort: str) -> None:
    client = sign_in(cast.owner)
    spread(cast, crowd(cast.north, 3))
    up = get(client, f"?kind=advanced&sort={sort}")
    assert up.count('aria-sort="ascending"') == 1
    down = get(client, f"?kind=advanced&sort=-{sort}")
    assert names(down) == names(up)[::-1]
    assert down.count('aria-sort="descending"') == 1


@pytest.mark.parametrize(
    "query",
    [
        "page=1000000000", "page=-1", "page=²", "kind=zzz", "size=7", "sort=password", "sort=--name", "right=nope",
        "status=ended", "idle=-5", "idle=99999999999999999999", "after=x", "before=%00", "q=%25%25%25", "q=%00",
        "q=%5C%27%22", "q=" + "a" * 1_000_000, "tag=" + "b" * 5000, "q=" + "%20x" * 900, "q[]=1", "page[]=2",
    ],
)  # fmt: skip
def test_bad_questions_are_answered(cast: SimpleNamespace, sign_in: Any, query: str) -> None:
    response = sign_in(cast.owner).get(f"{URL}?{query}", follow=True)
    assert response.status_code == 200
    assert len(response.content) < 150_000
    assert len(response.request["QUERY_STRING"]) <= users_view.LONGEST_QUERY


def test_an_account_without_others_says_what_will_be_there(cast: SimpleNamespace, sign_in: Any) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(state="ended", ended_at=timezone.now())
    html = get(sign_in(cast.owner))
    assert "Aucun utilisateur avancé" in html


def test_the_page_is_the_administrators(cast: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(cast.colleague).get(URL).status_code == 403
    assert sign_in(cast.stranger).get(URL).status_code == 404


def test_people_are_sorted_by_their_first_place_and_those_without_one_come_last(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(cast.owner)
    spread(cast, crowd(cast.north, 6))
    assert names(get(client, "?kind=advanced&sort=site")) == [
        "Personne 0000", "Personne 0003", "Personne 0001", "Personne 0004", "Berlioz", "Personne 0002", "Personne 0005",
    ]  # fmt: skip
    AccountLink.objects.filter(last_name="Personne 0004").update(tags=["LYON"])
    assert names(get(client, "?kind=advanced&sort=sub_account&tag=LYON")) == ["Personne 0004", "Berlioz"]
    foreign = Site.objects.create(account=cast.south, name="Aaa")
    Attachment.objects.create(account=cast.south, link=cast.partner_south_link, site=foreign)
    assert names(get(client, "?kind=advanced&sort=-site"))[-1] == "Personne 0000"


def test_the_sort_by_place_reads_what_the_people_asked_for_have_alone(cast: SimpleNamespace, sign_in: Any) -> None:
    spread(cast, crowd(cast.north, 6))
    links = matching(cast.owner_link, Asked(kind="advanced"), frozenset())
    for sort in by_place.NAMED:
        statement, values = by_place._placed(links, sort, cast.north.pk)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {statement} SELECT id, key FROM ranked", values)  # noqa: S608
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "(link_id = ANY" in plan or ".link_id = ANY" in plan
        assert "Seq Scan on rights_attachment" not in plan


@pytest.mark.parametrize("sort", sorted(set(SORTS) - set(INDEXED)))
def test_more_people_than_are_counted_are_sorted_along_indexes_alone_until_they_are_fewer(
    cast: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr("rights.people.search.COUNTED", 5)
    client = sign_in(cast.owner)
    spread(cast, crowd(cast.north, 6))
    AccountLink.objects.filter(last_name__in=("Personne 0000", "Personne 0001")).update(tags=["LYON"])
    html = get(client, f"?kind=advanced&columns=site&columns=sub_account&sort=-{sort}")
    assert "ne se trie que par" in html and not any(f"sort={each}" in html for each in set(SORTS) - set(INDEXED))
    assert "sort=-email" in html or "sort=email" in html
    assert names(html)[:2] == ["Berlioz", "Personne 0000"] and html.count('aria-sort="ascending"') == 1
    few = get(client, f"?kind=advanced&sort=-{sort}&tag=LYON")
    assert len(names(few)) == 3 and "ne se trie que par" not in few and few.count('aria-sort="descending"') == 1


def test_who_lacks_the_second_factor_that_is_required_is_shown_as_paused(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    User.objects.filter(pk=cast.owner.pk).update(second_factor=True)
    assert "En pause</" not in get(client, "?kind=advanced").replace('for="status-paused">En pause</', "")
    CustomerAccount.objects.filter(pk=cast.north.pk).update(second_factor_from=timezone.localdate())
    html = get(client, "?kind=advanced")
    assert 'class="pill pill--paused"' in html and "#player-pause" in html
    assert names(get(client, "?status=paused")) == ["Martin", "Berlioz"]
    assert names(get(client, "?status=active")) == ["ADMIN"]
    CustomerAccount.objects.filter(pk=cast.north.pk).update(second_factor_from=timezone.localdate() + timedelta(days=1))
    assert names(get(client, "?status=paused")) == []


# Role and profile.


def test_role_and_profile_are_columns_and_filters(tiers: SimpleNamespace, sign_in: Any) -> None:
    client, columns = sign_in(tiers.owner), "columns=role&columns=profile"
    profile = Profile.objects.create(account=tiers.north, name="Agence", rights=["tool_tag"])
    AccountLink.objects.filter(pk=tiers.partner_link.pk).update(profile=profile, follows_profile=True)
    html = get(client, f"?kind=advanced&{columns}")
    for words in ("Administrateur local", "Gestionnaire des membres", "Agence"):
        assert words in html
    AccountLink.objects.filter(pk=tiers.partner_link.pk).update(follows_profile=False)
    assert "Agence (copie)" in get(client, f"?kind=advanced&{columns}")
    assert names(get(client, "?role=administrator")) == ["ADMIN", "Administrator"]
    assert names(get(client, "?role=local&role=manager")) == ["Local", "Manager"]
    assert names(get(client, "?kind=advanced&profile=AGENCE&role=local")) == []
    chips = client.get(f"{URL}?kind=advanced&role=local").context["chips"]
    assert [(str(chip.value), chip.url) for chip in chips] == [("Administrateurs locaux", "?kind=advanced")]


PLACED = "?kind=advanced&sort=site&columns=site&columns=sub_account&columns=role&columns=profile"


COUNTED = (
    "", "?kind=advanced", "?kind=advanced&q=personne", "?kind=advanced&sort=-seen", PLACED, PLACED + "&role=local",
)  # fmt: skip


def test_queries_do_not_grow_with_the_people(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)

    def counts() -> dict[str, int]:
        found = {}
        for query in COUNTED:
            get(client, query)
            with CaptureQueriesContext(connection) as asked:
                get(client, query)
            found[query] = len(asked)
        return found

    spread(cast, crowd(cast.north, 10))
    few = counts()
    more_people(cast.north, 2000)
    assert counts() == few
    assert max(few.values()) <= 22


def more_people(account: CustomerAccount, count: int) -> None:
    """Invitations made in bulk, on top of the crowd."""
    AccountLink.objects.bulk_create(
        AccountLink(
            account=account, kind="advanced", state="invited", last_name=f"Personne {n}", first_name="Bob",
            email=f"i{n}@example.com", expires_at=timezone.now() + timedelta(hours=3),
        )
        for n in range(count)
    )  # fmt: skip


def test_all_that_match_is_offered_only_where_one_act_can_change_them(
    cast: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(cast.north, 30)
    client = sign_in(cast.owner)
    assert 'name="all"' in get(client, "?kind=advanced")
    monkeypatch.setattr(bulk, "MOST", 20)
    assert 'name="all"' not in get(client, "?kind=advanced")
