"""Who administers an account: who manages whom, roles given and taken, and the change of owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from colibox.lib import tenancy
from colibox.lib.access import signed_in
from colibox.lib.text import line
from rights import access, bounds, succession
from rights.access import AccountRequest
from rights.actions import handovers, roles
from rights.forms.handovers import RoleForm
from rights.managers import managers
from rights.models import AccountLink, AccountLinkQuerySet, Handover
from rights.people.filters import Asked
from rights.people.matching import matching
from rights.views.people import find
from users.requests import PersonRequest, proven

State = Handover.State

FOUND = 10
"""How many people a search shows."""

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@access.manager
def administrators(request: AccountRequest) -> HttpResponseBase:
    """Who manages whom; to administrators, somebody to name; to the owner, who is to take over."""
    words = line(request.GET.get("q"), 60)
    context: dict[str, Any] = {
        "managers": managers(request.link),
        "change": succession.under_way(request.account),
        "named": (named := succession.named(request.account)),
        "may_succeed": named is not None
        and succession.candidates(request.account).filter(pk=named.successor_id).exists(),
        "is_owner": request.link.role == AccountLink.Role.OWNER,
        "words": words,
    }
    if words and request.link.administers:
        found = Paginator(_found(request, words), FOUND).get_page(request.GET.get("page"))
        context |= {"found": found, "page": found, "pages": found.paginator.get_elided_page_range(found.number)}
    return render(request, "rights/administrators/administrators.html", context)


def _found(request: AccountRequest, words: str) -> AccountLinkQuerySet:
    """The people in whom these words are found and whose role may be changed."""
    links = matching(
        request.link, Asked(words=words, states=(AccountLink.State.ACTIVE, AccountLink.PAUSED)), frozenset()
    )
    others = links.exclude(pk=request.link.pk).exclude(role=AccountLink.Role.OWNER)
    return others.order_by("sort_key", "pk")


@access.administrator
@page_or_post
def role(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """The role of one person: what each means, then the one chosen."""
    link = find(request, uuid)
    if reason := roles.refusal(link, request.link):
        messages.error(request, reason)
        return redirect("rights:administrators", request.account.number)
    form = RoleForm(request.POST or None, link=link, by=request.link)
    if form.is_valid():
        return proven(_set_role)(request, link, form)
    return _role_page(request, link, form)


def _role_page(request: AccountRequest, link: AccountLink, form: RoleForm) -> HttpResponseBase:
    context = {"link": link, "form": form, "reach": bounds.names(link), "people": bounds.would_manage(link)}
    return render(request, "rights/administrators/role.html", context)


def _set_role(request: AccountRequest, link: AccountLink, form: RoleForm) -> HttpResponseBase:
    try:
        link = roles.set_role(link=link, by=request.link, role=form.cleaned_data["role"])
    except ValidationError as error:
        form.add_error("role", error)
        return _role_page(request, link, form)
    named = {"person": link, "role": link.get_role_display()}
    messages.success(request, _("%(person)s: %(role)s, from now on.") % named)
    return redirect("rights:administrators", request.account.number)


@access.owner
@page_or_post
def hand_over(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """What changes when somebody takes over; then the offer, or only their name for later."""
    if request.method != "POST" and succession.under_way(request.account):
        messages.error(request, _("Another change of administrator is under way: it must end first."))
        return redirect("rights:administrators", request.account.number)
    return _hand_over(request, get_object_or_404(AccountLink.objects.for_account(request.account), uuid=uuid))


@proven
def _hand_over(request: AccountRequest, link: AccountLink) -> HttpResponseBase:
    acts: dict[str, Callable[[], Any]] = {
        "offer": lambda: handovers.offer(to=link, by=request.link),
        "name": lambda: handovers.name_successor(to=link, by=request.link),
        "forget": lambda: handovers.forget_successor(by=request.link),
    }
    if request.method == "POST" and (act := request.POST.get("act", "")) in acts:
        try:
            acts[act]()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _said(act, link))
        return redirect("rights:administrators", request.account.number)
    context = {"link": link, "may": succession.candidates(request.account).filter(pk=link.pk).exists()}
    return render(request, "rights/administrators/hand_over.html", context)


def _said(act: str, link: AccountLink) -> str:
    sentences = {
        "offer": _("%(person)s has 7 days to accept; you are told when they do."),
        "name": _("%(person)s is named as your successor; nothing else changes."),
        "forget": _("Nobody is named as your successor any more."),
    }
    return sentences[act] % {"person": link}


# The page of a change of owner, for the two whom it is about, whatever they may open on the account.


@signed_in
@page_or_post
def handover(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """A change of owner: what it is, what it waits for, and what I may do about it."""
    mine = AccountLink.objects.filter(user=request.user).exclude(state=AccountLink.State.ENDED)
    with tenancy.scope(accounts=list(mine.values_list("account", flat=True)), user=request.user.pk):
        change = _of_mine(request, uuid)
        answer = request.POST.get("act", "")
        if request.method == "POST" and answer in ("accept", "refuse", "cancel"):
            ask = proven(_answer) if answer == "accept" else _answer
            return ask(request, change, answer)
        return render(request, "rights/administrators/handover.html", _context(request, change))


def _of_mine(request: PersonRequest, uuid: UUID) -> Handover:
    """The change of owner that I am one side of; any other is as absent as none."""
    changes = Handover.objects.select_related("account", "former", "successor")
    change = changes.filter(uuid=uuid).exclude(state__in=(State.NAMED, State.ASKED)).first()
    sides = (change.former, change.successor) if change else ()
    if change is None or not any(side and side.user_id == request.user.pk for side in sides):
        raise Http404
    return change


def _answer(request: PersonRequest, change: Handover, answer: str) -> HttpResponseBase:
    acts = {
        "accept": (
            handovers.accept_account,
            _("You accepted. The account is yours in 24 hours, unless it is cancelled."),
        ),
        "refuse": (handovers.refuse_account, _("You declined; the administrator is told.")),
        "cancel": (handovers.cancel, _("It is called off: the account stays yours.")),
    }
    act, said = acts[answer]
    try:
        act(change=change, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("rights:handover", change.uuid)


def _context(request: PersonRequest, change: Handover) -> dict[str, Any]:
    mine = change.former and change.former.user_id == request.user.pk
    return {
        "change": change,
        "is_owner": mine,
        "may_answer": not mine and change.state == State.OFFERED and not change.is_late,
        "may_withdraw": not mine and change.state == State.ACCEPTED,
        "may_cancel": mine and change.state in Handover.UNDER_WAY,
    }
