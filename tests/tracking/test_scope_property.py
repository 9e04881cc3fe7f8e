"""Whoever asks: the definition, the pages, the file, the claims and the web service show what plain SQL says."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rights import catalogue
from rights.access import rights_of
from rights.models import AccountLink, Entitlement, Grant
from tests.tracking.calls import IDSHIPS, Software, make_key
from tests.tracking.conftest import make_parcel
from tracking import exports
from tracking.filters import Asked
from tracking.models import Claim, Parcel
from tracking.newest import Place, newest
from tracking.scopes import Scope, scopes_of, service_scopes
from users.models import User

TAGS = ["", "Lyon", "LYON", "lyon", "ÉTÉ", "ete", "Œuvre", "oeuvre", "LYON 2", "ß", "SS"]
TOOL = [right.code for right in catalogue.RIGHTS if right.variant]
RIGHTS = [*TOOL, "tracking_ws", "coliship"]
PEOPLE = st.sampled_from(["", "me", "other"])
SHOWS = """
                %(g)s."right" LIKE '%%%%consolidated'
                OR %(g)s."right" LIKE '%%%%\\_key'
                    AND (p.franked_by_id = u.id OR p.user_key <> '' AND p.user_key = u.user_key)
                OR %(g)s."right" LIKE '%%%%\\_tag' AND p.tag <> '' AND EXISTS (
                    SELECT FROM unnest(l.tags) AS tag WHERE lower(unaccent(tag)) = lower(unaccent(p.tag)))
"""
ORACLE = """
    SELECT p.number FROM tracking_parcel p
    WHERE EXISTS (
        SELECT FROM rights_accountlink l JOIN users_user u ON u.id = l.user_id
            JOIN rights_grant g ON g.link_id = l.id
            JOIN rights_entitlement e ON e.account_id = l.account_id AND e."right" = g."right"
        WHERE l.user_id = %(user)s AND l.account_id = p.account_id AND l.state = 'active'
            AND g."right" = ANY(%(rights)s) AND (
                {given}
                OR g."right" = 'tracking_ws' AND NOT EXISTS (
                    SELECT FROM rights_grant t JOIN rights_entitlement h
                        ON h.account_id = t.account_id AND h."right" = t."right"
                    WHERE t.link_id = l.id AND t."right" LIKE 'tool%%')
                AND (
                    NOT EXISTS (SELECT FROM rights_grant t WHERE t.link_id = l.id AND t."right" LIKE 'tool%%')
                    OR EXISTS (SELECT FROM rights_grant t WHERE t.link_id = l.id AND ({lapsed}))
                )
            )
            AND (NOT %(service)s OR EXISTS (
                SELECT FROM rights_grant s JOIN rights_entitlement h
                    ON h.account_id = s.account_id AND h."right" = s."right"
                WHERE s.link_id = l.id AND s."right" = 'tracking_ws'))
    )
""".replace("{given}", SHOWS % {"g": "g"}).replace("{lapsed}", SHOWS % {"g": "t"})

links = st.fixed_dictionaries(
    {
        "rights": st.sets(st.sampled_from(RIGHTS), max_size=4),
        "withheld": st.sets(st.sampled_from(RIGHTS), max_size=1),
        "tags": st.lists(st.sampled_from(TAGS[1:]), max_size=2, unique=True),
        "state": st.sampled_from(["active", "active", "active", "suspended"]),
    }
)
parcels = st.lists(
    st.tuples(st.booleans(), st.sampled_from(TAGS), PEOPLE, PEOPLE, st.integers(0, 3)), min_size=4, max_size=9
)


def arrange(link: AccountLink, given: dict[str, Any]) -> None:
    """Give one link of the partner what the example says, one scope a variant."""
    AccountLink.objects.filter(pk=link.pk).update(tags=given["tags"], state=given["state"])
    Entitlement.objects.filter(account=link.account_id, right__in=given["withheld"]).delete()
    Grant.objects.filter(link=link).delete()
    chosen = {catalogue.BY_CODE[code].choice or code: code for code in sorted(given["rights"])}
    Grant.objects.bulk_create(
        Grant(
            account_id=link.account_id, link=link, right=code, choice=catalogue.BY_CODE[code].choice,
            given_by_name="ADMIN",
        ) for code in chosen.values()
    )  # fmt: skip


def oracle(user: int, rights: list[str], *, service: bool = False) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(ORACLE, {"user": user, "rights": rights, "service": service})
        return {row[0] for row in cursor.fetchall()}


def paged(scopes: list[Scope]) -> list[str]:
    """The numbers on all pages of two, in their order."""
    shown: list[Parcel] = []
    page = newest(Parcel.objects.all(), scopes, limit=2)
    while page:
        shown += page
        after = Place.read(str(Place(page[-1].created_at, page[-1].pk)))
        page = newest(Parcel.objects.all(), scopes, limit=2, after=after)
    assert shown == sorted(shown, key=lambda parcel: (parcel.created_at, parcel.pk), reverse=True)
    return [parcel.number for parcel in shown]


def scopes_of_software(user: User) -> list[Scope]:
    links = list(AccountLink.objects.of(user))
    rights = rights_of(links)
    return service_scopes(user, {link: rights[link.pk] for link in links if "tracking_ws" in rights[link.pk]})


def answered(secret: str, numbers: list[str]) -> set[str]:
    """The numbers that the web service knows, to the software of this key."""
    response = Software(secret).get(IDSHIPS + ",".join(numbers))
    if response.status_code == 403:  # no account opens the service
        return set()
    return {one["idShip"] for one in response.json() if one["returnCode"] == 200}


def numbers_of(queryset: Any, field: str = "number") -> set[str]:
    """Without duplicates, which a set would hide."""
    found = list(queryset.values_list(field, flat=True))
    assert len(found) == len(set(found))
    return set(found)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(north=links, south=links, drawn=parcels)
def test_everybody_sees_what_the_oracle_says(
    cast: SimpleNamespace, north: dict[str, Any], south: dict[str, Any], drawn: list[Any]
) -> None:
    with transaction.atomic():
        me, now = cast.partner, timezone.now()
        arrange(cast.partner_link, north)
        arrange(cast.partner_south_link, south)
        keys, frankers = {"": "", "me": me.user_key, "other": "Z" * 13}, {"": None, "me": me, "other": cast.owner}
        made = [
            make_parcel(
                cast.north if northern else cast.south, tag=tag, user_key=keys[bears], franked_by=frankers[franked],
                created_at=now - timedelta(hours=hours),
            ) for northern, tag, bears, franked, hours in drawn
        ]  # fmt: skip
        Claim.objects.bulk_create(
            Claim(account=parcel.account, number=n, parcel=parcel, reason="late", by_name="ADMIN")
            for n, parcel in enumerate(made)
        )
        scopes = scopes_of(me)
        wanted = oracle(me.pk, TOOL)
        assert numbers_of(Parcel.objects.seen(scopes)) == wanted
        pages = paged(scopes)
        assert len(pages) == len(wanted) and set(pages) == wanted
        written = [row[1] for row in exports.rows(Asked(), scopes, exports.Words())]
        assert len(written) == len(wanted) and set(written) == wanted
        parts = b"".join(exports.csv_parts(Asked(), scopes, exports.Words())).decode()
        assert [line.split(";")[1] for line in parts.splitlines()] == written
        served = oracle(me.pk, [code for code in TOOL if code.startswith("tool_service")])
        assert numbers_of(Claim.objects.seen(scopes), "parcel__number") == served
        wanted = oracle(me.pk, [*TOOL, "tracking_ws"], service=True)
        assert numbers_of(Parcel.objects.seen(scopes_of_software(me))) == wanted
        assert answered(make_key(me), [parcel.number for parcel in made]) == wanted
        transaction.set_rollback(True)
