"""One person of an account: add, invite, link by user key, change, suspend, reactivate, invite again, end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from colibox.lib import origin, outbox, throttle
from rights import access, actions, bounds, catalogue
from rights.access import AccountRequest, Ceiling
from rights.actions import reach, roles
from rights.actions.attaching import attached, then_attach
from rights.forms import people as forms
from rights.models import AccountLink, Grant
from rights.people.rows import time_left
from rights.people.standing import standing
from rights.places import Places
from rights.views.answers import attempt, back, deadline
from rights.views.returning import offer, offer_to
from users.models import User
from users.requests import proven

State = AccountLink.State

FOUND = "rights.found"
"""The salt of a user key found, as it travels from the search to the save."""
FOUND_SECONDS = 3600


def find(request: AccountRequest, uuid: UUID) -> AccountLink:
    """The link that bears this identifier among the people one manages, or 404 whatever it is elsewhere."""
    links = bounds.people_of(request.link).select_related("account", "user", "invited_by", "profile")
    return get_object_or_404(links, uuid=uuid)


@access.manager
def add_standard(request: AccountRequest) -> HttpResponseBase:
    """Create a standard user, who chooses their password from the link they are sent."""
    form = forms.NewStandardForm(request.POST or None, ceiling=Ceiling(request.link))
    if offered := offer(request, form):
        return render(request, "rights/people/add_standard.html", {"form": offered.form, "offer": offered})
    if form.is_valid():
        link = _attempt(request, form, actions.create_standard)
        if link:
            return _invited(request, link)
    return render(request, "rights/people/add_standard.html", {"form": form})


@access.manager
def add_advanced(request: AccountRequest) -> HttpResponseBase:
    """Invite an advanced user by e-mail; the answer does not tell whether they exist elsewhere."""
    form = forms.NewAdvancedForm(request.POST or None, ceiling=Ceiling(request.link))
    if offered := offer(request, form):
        return render(request, "rights/people/add_advanced.html", {"form": offered.form, "offer": offered})
    if form.is_valid():
        link = _attempt(request, form, actions.invite_advanced)
        if link:
            return _invited(request, link)
    return render(request, "rights/people/add_advanced.html", {"form": form})


def _attempt(request: AccountRequest, form: forms.AnyPersonForm, act: Callable[..., Any], **facts: Any) -> Any:
    """Do what a form about one person asks, places included; None when it was refused."""
    asked = {"by": request.link, "spots": form.spots(), **form.facts(), **facts}
    return attempt(form, partial(then_attach, act=act), **asked)


def _invited(request: AccountRequest, link: AccountLink) -> HttpResponseBase:
    """Back to the list, with what happened to the new link."""
    if link.state == State.INVITED:
        text = _("Invitation sent to %(email)s; it is good until %(deadline)s.")
        messages.success(request, text % {"email": link.shown_email, "deadline": deadline(link)})
    else:
        text = _("%(person)s is created, inactive: the invitation leaves when you reactivate them.")
        messages.success(request, text % {"person": link})
    return redirect("rights:users", request.account.number)


# By user key: search, recognise, ask.


@access.manager
def link_advanced(request: AccountRequest) -> HttpResponseBase:
    """Find an advanced user by user key, then ask them to take a link with these rights."""
    if "found" in request.POST:
        return _ask_for_link(request)
    form = forms.UserKeyForm(request.POST or None)
    status = 200
    if form.is_valid():
        if not _may_search(request):
            form.add_error("user_key", _("Too many searches. Nothing was searched: wait a minute, then try again."))
            status = 429
        elif person := actions.find_by_key(key=form.cleaned_data["user_key"], by=request.link):
            return _show_found(request, person, forms.LinkForm(ceiling=Ceiling(request.link)))
        else:
            form.add_error("user_key", _("No advanced user can be linked with this key. Ask them to check it."))
    return render(request, "rights/people/link_search.html", {"form": form}, status=status)


def _may_search(request: AccountRequest) -> bool:
    """Whether another search is allowed: a key must not be found by trying."""
    limits = (
        (f"key:user:{request.user.pk}", 10, 60),
        (f"key:account:{request.account.pk}", 60, 3600),
        (f"key:ip:{origin.current().ip}", 300, 3600),
    )
    return all(throttle.allow(key, limit=limit, seconds=seconds, strict=True) for key, limit, seconds in limits)


def _ask_for_link(request: AccountRequest) -> HttpResponseBase:
    person = _read_found(request)
    if person is None:
        messages.error(request, _("This search is too old. Search for the user key again."))
        return redirect("rights:link_advanced", request.account.number)
    form = forms.LinkForm(request.POST, ceiling=Ceiling(request.link))
    if request.POST.get("former") != "take" and form.is_valid():
        link = _attempt(request, form, actions.request_link, person=person)
        if link:
            return _invited(request, link)
    return _show_found(request, person, form)


def _read_found(request: AccountRequest) -> User | None:
    """Whoever this administrator found on this account less than an hour ago."""
    try:
        key, account, user = signing.loads(request.POST["found"], salt=FOUND, max_age=FOUND_SECONDS)
    except (signing.BadSignature, ValueError):
        return None
    if (account, user) != (request.account.pk, request.user.pk):
        return None
    return User.objects.filter(user_key=key, kind=User.Kind.ADVANCED, is_active=True).first()


def _show_found(request: AccountRequest, person: User, form: forms.LinkForm) -> HttpResponseBase:
    """The card of the person found, masked, and the rights to give them."""
    found = signing.dumps([person.user_key, request.account.pk, request.user.pk], salt=FOUND)
    card, offered = AccountLink(**actions.card(person)), offer_to(request, person, form)
    context = {"form": offered.form if offered else form, "found": found, "card": card, "offer": offered}
    return render(request, "rights/people/link_found.html", context)


# One person.


@access.manager
def person(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """One person's state, identity, rights and tags; changed here unless it is one's own or the owner's link."""
    link = find(request, uuid)
    if reason := reach.refusal(link, request.link):
        return _show_person(request, link, reason=reason, rights=_rights_held(link))
    form = forms.person_form(link, Ceiling(request.link), request.POST or None)
    if form.is_valid():
        leads_elsewhere = link.accepted_at is not None and "email" in form.changed_data  # with it, a new password
        return (proven(_save) if leads_elsewhere else _save)(request, link, form)
    return _show_person(request, link, form=form)


def _save(request: AccountRequest, link: AccountLink, form: forms.PersonForm) -> HttpResponseBase:
    try:
        difference = _attempt(request, form, actions.change, link=link)
    except actions.Conflict as conflict:
        return _show_conflict(request, form, conflict.link)
    if difference is None:
        return _show_person(request, link, form=form)
    _say_saved(request, link, difference)
    return redirect("rights:person", request.account.number, link.uuid)


def _show_person(request: AccountRequest, link: AccountLink, **context: Any) -> HttpResponseBase:
    if link.shown_state == State.INVITED and link.expires_at:
        context["left"] = time_left(link.expires_at - timezone.now())
    context["places"] = Places.of(link.account_id).names(attached([link.pk])[link.pk]) if "reason" in context else []
    context["elsewhere"] = bounds.elsewhere([link], request.link).get(link.pk, [])
    context["reach"] = bounds.names(link) if link.is_local else []
    context["may_name"] = (
        link.state == State.ACTIVE and request.link.administers and not roles.refusal(link, request.link)
    )
    context["standing"] = standing(link, Ceiling(request.link))
    context["trouble"] = outbox.trouble([link.uuid]).get(link.uuid)
    return render(request, "rights/people/person.html", {"link": link, **context})


def _rights_held(link: AccountLink) -> list[str]:
    """The labels of what a link opens, for a page that only shows it."""
    return catalogue.labels(access.rights_of([link])[link.pk])


def _say_saved(request: AccountRequest, link: AccountLink, difference: actions.Difference) -> None:
    """The message of a save: what the person gained and lost."""
    text = _("The changes to %(person)s are saved.") % {"person": link}
    if difference.gained:
        text += " " + _("Gained: %(rights)s.") % {"rights": ", ".join(catalogue.labels(difference.gained))}
    if difference.lost:
        text += " " + _("Lost: %(rights)s.") % {"rights": ", ".join(catalogue.labels(difference.lost))}
    messages.success(request, text)


def _show_conflict(request: AccountRequest, form: forms.PersonForm, now: AccountLink) -> HttpResponseBase:
    """Both versions, when somebody else saved in between; nothing is overwritten without a choice."""
    if now.state == State.ENDED:
        messages.error(
            request, _("Nothing was saved: the link with %(person)s was removed meanwhile.") % {"person": now}
        )
        return redirect("rights:users", request.account.number)
    typed = [(name, value) for name, values in request.POST.lists() for value in values]
    context = {
        "link": now,
        "rows": list(forms.differences(form, now)),
        "typed": [(name, value) for name, value in typed if name not in ("version", "csrfmiddlewaretoken")],
    }
    return render(request, "rights/people/conflict.html", context, status=409)


# What stops, and starts again.


@access.manager
def end_link(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Remove the link, after a page that says what stops."""
    link = find(request, uuid)
    if request.method == "POST" and _act(request, link, actions.end):
        messages.success(request, _("The link with %(person)s is removed.") % {"person": link})
        return redirect("rights:users", request.account.number)
    if reason := reach.staying(link, request.link):
        messages.error(request, reason)
        return redirect("rights:person", request.account.number, link.uuid)
    return _confirm(request, link, "rights/people/end_link.html")


@access.manager
def suspend(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Close what the link opens and keep its rights, after a page that says what stops."""
    link = find(request, uuid)
    if request.method == "POST" and _act(request, link, actions.suspend):
        text = _("%(person)s is suspended, from now on. Rights and tags are kept.") % {"person": link}
        _say_undoable(request, text, "rights:reactivate", link)
        return redirect(back(request, "rights:person", request.account.number, link.uuid))
    return _confirm(request, link, "rights/people/suspend.html")


@access.manager
@require_POST
def reactivate(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Open a suspended link again."""
    link = find(request, uuid)
    if _act(request, link, actions.reactivate):
        if link.accepted:
            text = _("%(person)s is active again, with the same rights.") % {"person": link}
            _say_undoable(request, text, "rights:suspend", link)
        else:
            _say_sent(request, link)
    return redirect(back(request, "rights:person", request.account.number, link.uuid))


@access.manager
@require_POST
def resend(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Invite again, for 48 new hours; the former link is dead."""
    link = find(request, uuid)
    if _act(request, link, actions.resend):
        _say_sent(request, link)
    return redirect(back(request, "rights:person", request.account.number, link.uuid))


def _act(request: AccountRequest, link: AccountLink, act: Callable[..., Any]) -> bool:
    """Do this to a link; a refusal becomes a message."""
    try:
        act(link=link, by=request.link)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return False
    return True


def _say_sent(request: AccountRequest, link: AccountLink) -> None:
    link.refresh_from_db(fields=["expires_at"])
    text = _("Invitation sent to %(email)s; it is good until %(deadline)s. The former link no longer works.")
    messages.success(request, text % {"email": link.shown_email, "deadline": deadline(link)})


def _say_undoable(request: AccountRequest, text: str, reverse_act: str, link: AccountLink) -> None:
    url = reverse(reverse_act, args=[request.account.number, link.uuid])
    values = {"next": request.POST["next"]} if "next" in request.POST else {}
    messages.success(
        request, render_to_string("components/undo.html", {"text": text, "url": url, "values": values}, request)
    )


def _confirm(request: AccountRequest, link: AccountLink, template: str) -> HttpResponseBase:
    """The page that says what stops, for whom, from when; for a link that cannot be touched, back to it."""
    if reach.refusal(link, request.link):
        messages.error(request, reach.refusal(link, request.link) or "")
        return redirect("rights:person", request.account.number, link.uuid)
    rights = catalogue.labels(Grant.objects.filter(link=link).values_list("right", flat=True))
    others = bounds.elsewhere([link], request.link).get(link.pk, [])
    context = {"link": link, "rights": rights, "next": request.GET.get("next", ""), "elsewhere": others}
    return render(request, template, context)
