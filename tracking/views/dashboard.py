"""The dashboard: parcels a day, how long deliveries took, what has become of them, account by account."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import CustomerAccount
from colibox.lib.numbers import thousands
from tracking import charts
from tracking.dashboard import PERIODS, Figures, figures, period, together
from tracking.events import FINAL, Status
from tracking.seeing import FiguresRequest, analyst

LABELS = 5
"""How many days are named under the chart, so that a phone can show them."""
LONGEST = 7
"""Deliveries that took longer are counted together."""
MOST_ACCOUNTS = 10
"""How many accounts are compared, the busiest; the others are counted together."""


@analyst
def dashboard(request: FiguresRequest) -> HttpResponseBase:
    """The figures of all one's accounts, or of one of them, over the last days."""
    days, chosen = _asked(request.GET, request.accounts)
    counted = figures([account.pk for account in chosen], days)
    total = together(counted.values())
    context = {
        "days": days,
        "periods": [(ngettext("%(n)s day", "%(n)s days", n) % {"n": n}, n) for n in PERIODS],
        "accounts": request.accounts,
        "account": chosen[0] if len(chosen) < len(request.accounts) else None,
        "figures": total,
        "headline": _headline(total),
        "by_day": charts.bars(_days(total, days), labelled=LABELS),
        "by_time": charts.bars(_times(total)),
        "by_status": charts.shares(_statuses(total)),
        "by_account": charts.shares(_accounts(chosen, counted)) if len(chosen) > 1 else [],
    }
    return render(request, "tracking/dashboard.html", context)


def _asked(query: QueryDict, accounts: list[CustomerAccount]) -> tuple[int, list[CustomerAccount]]:
    """Over how many days, and of which accounts; all of them unless one of them is named."""
    days = next((n for n in PERIODS if str(n) == query.get("days")), PERIODS[0])
    return days, [account for account in accounts if account.number == query.get("account")] or accounts


def _headline(total: Figures) -> list[dict[str, Any]]:
    """The few figures that are read first."""
    delivered, problems = total.by_status[Status.DELIVERED], total.by_status[Status.PROBLEM]
    under_way = total.total - sum(total.by_status[status] for status in FINAL)
    url = reverse("tracking:parcels") + "?status=problem"
    return [
        {"label": _("Parcels announced"), "value": thousands(total.total)},
        {
            "label": pgettext("figures", "Delivered"),
            "value": thousands(delivered),
            "note": _share(delivered, total.total),
        },
        {"label": _("Half delivered within"), "value": _within(total.median)},
        {
            "label": pgettext("figures", "Under way"),
            "value": thousands(under_way),
            "note": _share(under_way, total.total),
        },
        {"label": pgettext("figures", "Problems"), "value": thousands(problems), "url": url if problems else ""},
    ]


def _share(part: int, whole: int) -> str:
    return _("%(n)s%% of the parcels") % {"n": round(100 * part / whole)} if whole else ""


def _within(days: int | None) -> str:
    return "–" if days is None else ngettext("%(n)s day", "%(n)s days", days) % {"n": days}


def _days(total: Figures, days: int) -> list[tuple[str, int]]:
    form = pgettext("date format", "j M")
    return [(date_format(day, form), total.by_day[day]) for day in period(days)]


def _times(total: Figures) -> list[tuple[str, int]]:
    """How many were delivered the day they were announced, a day later, and so on."""
    counts = [(str(days), total.by_time[days]) for days in range(LONGEST)]
    return [*counts, (f"{LONGEST}+", sum(n for days, n in total.by_time.items() if days >= LONGEST))]


def _statuses(total: Figures) -> list[tuple[str, str, int]]:
    return [(status.value, str(status.label), total.by_status[status]) for status in Status]


def _accounts(chosen: list[CustomerAccount], counted: dict[int, Figures]) -> list[tuple[str, str, int]]:
    """The busiest accounts, then the others together."""
    busiest = sorted(chosen, key=lambda account: -counted[account.pk].total)
    rows = [(account.number, str(account), counted[account.pk].total) for account in busiest[:MOST_ACCOUNTS]]
    others = busiest[MOST_ACCOUNTS:]
    if not others:
        return rows
    label = ngettext("%(n)s other account", "%(n)s other accounts", len(others)) % {"n": len(others)}
    return [*rows, ("", label, sum(counted[account.pk].total for account in others))]
