"""The pages of « Administration »: in which order they stand, and who may open them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from colibox.lib.text import Text
from rights.access import AccountRequest

Rule = Callable[[AccountRequest], bool]


def _manages(request: AccountRequest) -> bool:
    return request.link.manages


def _keeps_contacts(request: AccountRequest) -> bool:
    return request.link.keeps_contacts


def _administers(request: AccountRequest) -> bool:
    return request.link.administers


def _reads_the_group(request: AccountRequest) -> bool:
    return "groups" in request.rights and bool(request.account.group_id) and hasattr(request.account, "heads")


@dataclass(frozen=True)
class Page:
    """One of them: what it is called, what it is for, and whose it is."""

    name: str
    label: Text
    sentence: Text
    icon: str
    rule: Rule


PAGES = (
    Page(
        "rights:users", _("User management"),
        _("Who works with this account, and the level of access they require."), "users", _manages,
    ),
    Page(
        "rights:contacts", _("Contacts"),
        _("Whom to talk to at your company: details, job titles and roles, with or without web access."),
        "id", _keeps_contacts,
    ),
    Page(
        "accounts:sites", _("Sub-accounts and sites"),
        _("How your company is divided, and who is attached where."), "map-pin", _administers,
    ),
    Page(
        "rights:profiles", _("Profiles"),
        _("Named sets of rights, which people follow or copy: change one, and all who follow it change."),
        "list-check", _administers,
    ),
    Page(
        "rights:administrators", _("Administrators"),
        _("Who manages whom, and the change of administrator."), "shield-check", _manages,
    ),
    Page(
        "rights:group", _("Group"),
        _("Who works with which account of your group."), "building", _reads_the_group,
    ),
    Page(
        "rights:account_security", _("Security"),
        _("Require two-factor authentication, and see who does not have it."), "lock", _administers,
    ),
    Page(
        "rights:reviews", _("Access reviews"),
        _("Look at everybody’s access before a deadline: keep it, reduce it or suspend it."),
        "list-check", _administers,
    ),
    Page(
        "accounts:history", _("History"),
        _("Who did what, on whom and when."), "history", _administers,
    ),
)  # fmt: skip
BESIDE = "rights:users"
"""Has a tab of its own beside that of administration."""


@dataclass(frozen=True)
class Shown:
    """A page as one person finds it."""

    page: Page
    url: str
    here: bool
    """Whether the present page is this one, or one below it."""


def shown(request: AccountRequest) -> list[Shown]:
    """The pages that this person may open on this account."""
    return list(_open_to(request))


def around(request: AccountRequest) -> list[Shown]:
    """On a page of administration, those beside it; nothing on any other page."""
    if not request.link.manages:
        return []
    beside = [place for place in shown(request) if place.page.name != BESIDE]
    return beside if any(place.here for place in beside) else []


def _open_to(request: AccountRequest) -> Iterator[Shown]:
    for page in PAGES:
        if page.rule(request):
            url = reverse(page.name, args=[request.account.number])
            yield Shown(page, url, here=request.path.startswith(url))
