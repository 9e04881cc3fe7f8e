"""A person's own pages about links: what I may do and where, leaving an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from colibox.lib.access import signed_in
from rights import actions, catalogue, holdings, policy, whereabouts
from rights.actions.answers import DeadInvitation
from rights.models import AccountLink
from users.requests import PersonRequest

PAGE = 50
"""Accounts on a page of my rights."""

page_only = require_http_methods(["GET", "HEAD"])
page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@signed_in
@page_only
def my_rights(request: PersonRequest) -> HttpResponseBase:
    """What I may do, by account or by right; who gave it, until when, and why it is suspended."""
    paginator = Paginator(AccountLink.objects.taken_by(request.user), PAGE)
    page: Page[AccountLink] = paginator.get_page(request.GET.get("page"))
    held = holdings.of(page.object_list)
    by = "right" if request.GET.get("by") == "right" else "account"
    context: dict[str, Any] = {"by": by, "page": page, "pages": paginator.get_elided_page_range(page.number)}
    context["asked"] = policy.asked_of(request.user)
    context |= _by_right(held) if by == "right" else _by_account(page, held)
    return render(request, "rights/own/my_rights.html", context)


def _by_account(page: Page[AccountLink], held: dict[int, list[holdings.Holding]]) -> dict[str, Any]:
    where = whereabouts.of(list(page))
    return {
        "accounts": [
            {"link": link, "holdings": held[link.pk], "may_leave": _may_leave(link), "where": where[link.pk]}
            for link in page
        ]
    }


def _by_right(held: dict[int, list[holdings.Holding]]) -> dict[str, Any]:
    """Each right with where I hold it; the accounts that I administer are told once, not under each right."""
    everywhere = [holding for found in held.values() for holding in found]
    given = [holding for holding in everywhere if holding.grant]
    rights = [
        {"right": right, "holdings": rows}
        for right in catalogue.RIGHTS
        if (rows := [holding for holding in given if holding.right == right])
    ]
    administered = {holding.link.pk: holding.link for holding in everywhere if not holding.grant}
    return {"rights": rights, "administered": list(administered.values())}


def _may_leave(link: AccountLink) -> bool:
    """Whether leaving is offered; the action decides."""
    return link.kind == AccountLink.Kind.ADVANCED and link.role != AccountLink.Role.OWNER


@signed_in
@page_or_post
def leave(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """What stops when I leave an account, then leave it."""
    link = get_object_or_404(AccountLink.objects.taken_by(request.user), uuid=uuid)
    error: ValidationError | None = None
    if request.method == "POST":
        try:
            actions.leave(link=link, user=request.user)
        except DeadInvitation:
            return redirect("rights:my_rights")
        except ValidationError as refusal:
            error = refusal
        else:
            messages.success(request, _("You have left the account %(account)s.") % {"account": link.account})
            return redirect("rights:my_rights")
    context = {"link": link, "holdings": holdings.of([link])[link.pk], "may_leave": _may_leave(link), "error": error}
    return render(request, "rights/own/leave.html", context, status=409 if error else 200)
