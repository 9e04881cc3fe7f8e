"""The web access of contacts: the envelope, the arrows, and the people of the account who are no contacts yet."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models.fields.tuple_lookups import TupleGreaterThan
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.models import Contact
from colibox.lib.asking import as_uuid
from colibox.lib.numbers import thousands
from colibox.lib.text import fold
from rights.access import AccountRequest, Ceiling
from rights.actions import contacts as actions
from rights.actions.attaching import then_attach
from rights.contacts import directory
from rights.contacts.directory import Asked
from rights.forms.contacts import AccessForm, begin
from rights.forms.people import NewStandardForm
from rights.models import AccountLink, AccountLinkQuerySet
from rights.people.matching import said
from rights.views.answers import attempt
from rights.views.contacts import asked_from, find, in_place, keeper, page_or_post, show_row

State = AccountLink.State


@keeper
@page_or_post
def give_access(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """The envelope: invite a contact who has no web access."""
    found = find(request, uuid)
    if request.method == "GET" and (refused := _served(request, found)):
        return show_row(request, directory.entry(found, request.link), refused, "error")
    form = AccessForm(request.POST if request.method == "POST" else None, contact=found, by=request.link)
    if form.is_valid():
        chosen = {"email": form.cleaned_data.get("email", ""), "profile": form.chosen()}
        link = attempt(form, actions.give_access, contact=found, by=request.link, **chosen)
        if link:
            return show_row(request, directory.entry(find(request, uuid), request.link), _given(found, link))
    if in_place(request):
        begin(form)
    context = {"form": form, "entry": directory.entry(found, request.link), "here": asked_from(request)}
    return render(request, f"rights/contacts/{'_access_row' if in_place(request) else 'access'}.html", context)


def _served(request: AccountRequest, contact: Contact) -> str:
    """Why nobody can be invited at a contact's address, before anybody fills a form in for it."""
    try:
        actions.find_access(contact, request.link)
    except ValidationError as refusal:
        return " ".join(refusal.messages)
    return ""


def _given(contact: Contact, link: AccountLink) -> str:
    if link.state == State.INVITED:
        return _("Invitation sent to %(email)s.") % {"email": link.email}
    if link.state == State.SUSPENDED:
        return _("%(contact)s is created, inactive: the invitation leaves when you reactivate them.") % {
            "contact": contact
        }
    return _("%(contact)s has access with this address already; it is shown here from now on.") % {"contact": contact}


@keeper
@page_or_post
def give_standard_access(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """The envelope's other way: create a standard user who is this contact."""
    found = find(request, uuid)
    known = {name: getattr(found, name) for name in actions.COPIED}
    form = NewStandardForm(request.POST or None, ceiling=Ceiling(request.link), initial=known)
    if form.is_valid():
        asked = {"contact": found, "by": request.link, "spots": form.spots(), **form.facts()}
        link = attempt(form, partial(then_attach, act=actions.give_standard_access), **asked)
        if link:
            return show_row(request, directory.entry(found, request.link), _given(found, link))
    return render(request, "rights/people/add_standard.html", {"form": form})


@keeper
@require_POST
def renew_access(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """The arrows: send the invitation again, or the link to choose another password."""
    found = find(request, uuid)
    text, level = "", "success"
    try:
        link = actions.renew_access(contact=found, by=request.link)
    except ValidationError as refusal:
        text, level = " ".join(refusal.messages), "error"
    else:
        text = _sent(link)
    return show_row(request, directory.entry(found, request.link), text, level)


def _sent(link: AccountLink) -> str:
    if link.state == State.INVITED:
        return _("Invitation sent to %(email)s. The former link no longer works.") % {"email": link.shown_email}
    return _("A link to choose another password was sent to %(email)s: it works once, for one hour.") % {
        "email": link.email
    }


@keeper
@page_or_post
def people(request: AccountRequest) -> HttpResponseBase:
    """The people of the account who are not in the directory: those ticked, or all that match, are added at once."""
    asked = Asked.read(request.GET)
    found = _unlisted(request, asked)
    if request.method == "POST":
        return _add_people(request, found)
    links = found.order_by("sort_key", "pk")
    if place := directory.place(AccountLink.objects.filter(account=request.account), asked.after):
        links = links.filter(TupleGreaterThan(directory.KEY, place))
    rows = list(links[: directory.PAGE + 1])
    shown = rows[: directory.PAGE]
    next_url = asked.url(after=shown[-1].uuid) if len(rows) > len(shown) else ""
    context = {"links": shown, "asked": asked, "next_url": next_url, "left": found.count()}
    return render(request, "rights/contacts/people.html", context)


def _unlisted(request: AccountRequest, asked: Asked) -> AccountLinkQuerySet:
    """Who is not in the directory and bears what is asked for."""
    links = actions.unlisted(request.link)
    words = fold(asked.q).split()[: directory.MOST_WORDS]
    return links.filter(said(request.account, words)) if words else links


def _add_people(request: AccountRequest, found: AccountLinkQuerySet) -> HttpResponseBase:
    """Add those ticked, or all that match, as many as one act may."""
    ticked = [uuid for value in request.POST.getlist("person") if (uuid := as_uuid(value))]
    chosen = found if "all" in request.POST else actions.unlisted(request.link).filter(uuid__in=ticked)
    links = list(chosen.order_by("sort_key", "pk")[: actions.MOST_AT_ONCE])
    if not links:
        messages.error(request, _("Tick at least one person."))
        return redirect(request.get_full_path())
    count = actions.list_people(by=request.link, links=links)
    text = ngettext("%(n)s person is added to the contacts.", "%(n)s people are added to the contacts.", count)
    messages.success(request, text % {"n": thousands(count)})
    name = "rights:contact_people" if actions.unlisted(request.link).exists() else "rights:contacts"
    return redirect(name, request.account.number)
