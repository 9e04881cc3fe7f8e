"""The dashboard: whose figures one sees, that they are right, and that they can be read without the drawings."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rights.models import Grant
from tests.conftest import make_account, make_link, make_person
from tests.tracking.conftest import make_parcel
from tests.tracking.test_pages import happen
from tracking import charts
from tracking.dashboard import figures, period, together

URL = "/tracking/dashboard/"


def page(client: Any, query: str = "") -> str:
    response = client.get(URL + query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_figures_are_for_who_sees_the_whole_account_or_holds_the_right(cast: SimpleNamespace, sign_in: Any) -> None:
    make_parcel(cast.north)
    make_parcel(cast.south)
    reader = make_person("reader", kind="standard")
    make_link(cast.north, reader, rights=["dashboard"])
    assert "900138" in page(sign_in(reader)) and sign_in(reader).get("/tracking/").status_code == 403
    html = page(sign_in(cast.partner))  # by tag on north, all of south
    assert "850061" in html and "Comptoir du Nord" not in html.split("</header>")[1]
    Grant.objects.filter(link=cast.partner_south_link).delete()
    assert sign_in(cast.partner).get(URL).status_code == 403
    assert sign_in(cast.colleague).get(URL).status_code == 403


def test_the_figures_count_days_statuses_and_delivery_times(cast: SimpleNamespace) -> None:
    days = period(30)
    noon = timezone.make_aware(datetime.combine(days[10], datetime.min.time())) + timedelta(hours=12)
    late = noon.replace(hour=23, minute=50)
    for made, after in ((noon, 30), (late, 1), (noon, 0)):
        parcel = make_parcel(cast.north, created_at=made)
        if after:
            happen(parcel, "DI1", (timezone.now() - made).total_seconds() / 3600 - after)
    make_parcel(cast.north, created_at=noon - timedelta(days=40))
    make_parcel(cast.south, created_at=noon)
    counted = figures([cast.north.pk], 30)[cast.north.pk]
    assert dict(counted.by_day) == {days[10]: 3}
    assert dict(counted.by_status) == {"delivered": 2, "announced": 1}
    assert dict(counted.by_time) == {1: 2} and counted.median == 1
    assert together(figures([cast.north.pk, cast.south.pk], 90).values()).total == 5
    assert together([]).median is None


def test_figures_are_kept_for_some_minutes_account_by_account(cast: SimpleNamespace) -> None:
    figures([cast.north.pk], 30)
    make_parcel(cast.north)
    with CaptureQueriesContext(connection) as queries:
        assert figures([cast.north.pk], 30)[cast.north.pk].total == 0
        assert figures([cast.north.pk], 90)[cast.north.pk].total == 1
    assert len(queries) == 1


def test_the_page_costs_the_same_for_any_number_of_accounts(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.partner)

    def cost(days: int) -> int:
        cache.clear()
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client, f"?days={days}")
        return len(queries)

    few = cost(90)
    for n in range(12):
        account = make_account(f"7700{n:02}", f"Client {n}")
        make_link(account, cast.partner, rights=["tool_consolidated"])
        make_parcel(account)
    assert cost(90) == few
    html = page(client, "?days=90")
    assert "3 autres comptes" in html
    assert "770005" in page(client, "?account=770005").split("headline")[0]


def test_each_chart_has_a_name_a_description_and_a_table(cast: SimpleNamespace, sign_in: Any) -> None:
    make_parcel(cast.north)
    html = page(sign_in(cast.owner))
    assert html.count('role="img"') == html.count("</desc>") == html.count('class="chart__table"') == 2
    assert "Colis par jour" in html and "style=" not in html.split("<main")[1]
    rows = html.split('class="chart__table"')[1].split("</details>")[0]
    today = timezone.localdate()
    assert f'<th scope="row">{today.day}/{today:%m}</th><td>1</td>' in rows


def test_bars_stand_under_a_round_number() -> None:
    assert [charts.ceiling(most) for most in (0, 1, 2, 3, 9, 11, 95, 101, 850)] == [2, 2, 2, 4, 10, 20, 100, 200, 1000]
    drawn = charts.bars([("a", 0), ("b", 5), ("c", 10)])
    assert [bar.height for bar in drawn.bars] == [0, charts.HEIGHT // 2, charts.HEIGHT] and drawn.ticks[0] == "10"
    assert charts.bars([]).bars == [] and charts.shares([("k", "l", 0)])[0].width == "0.00%"
