"""The directory of contacts: the page, a row as a form and as a row again, adding, removing, taking back, export."""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts import audit
from accounts.actions.contacts import Conflict, hold
from accounts.models import Contact
from colibox.lib import sheets
from colibox.lib.access import View
from colibox.lib.numbers import thousands
from rights import access
from rights.access import AccountRequest
from rights.actions import contacts as actions
from rights.contacts import directory
from rights.contacts.directory import Asked, Entry, Page
from rights.contacts.files import headings, lines
from rights.forms.contacts import NewContactForm, begin, contact_form, own_form
from rights.models import AccountLink
from rights.views.answers import attempt, back, local
from users import actions as own
from users.requests import proven

page_only = require_http_methods(["GET", "HEAD"])
page_or_post = require_http_methods(["GET", "HEAD", "POST"])


def keeper(view: View) -> View:
    """Those who keep the account's directory of contacts may open it."""

    @access.manager
    @wraps(view)
    def wrapper(request: AccountRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.link.keeps_contacts:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapper


def find(request: AccountRequest, uuid: UUID) -> Contact:
    """The contact of this account that bears this identifier, removed ones too, or 404 whatever it is elsewhere."""
    return get_object_or_404(Contact.objects.filter(account=request.account), uuid=uuid)


def in_place(request: AccountRequest) -> bool:
    """Whether a part of the page is asked for, to take the place of another."""
    return "HX-Request" in request.headers


def leave(request: AccountRequest, url: str) -> HttpResponseBase:
    """Go to another page, from a page or from a part of one."""
    return HttpResponseClientRedirect(url) if in_place(request) else redirect(url)


def listed(request: AccountRequest, contact: Contact | None = None) -> str:
    """The address of the list that one came from, at a contact."""
    url = back(request, "rights:contacts", request.account.number)
    return f"{url.partition('#')[0]}#c-{contact.uuid}" if contact else url


# The page.


@access.member
@page_only
def contacts(request: AccountRequest) -> HttpResponseBase:
    """The directory, to those who keep it; to anybody else their own card and whom to ask."""
    if not request.link.keeps_contacts:
        return render(request, "rights/contacts/own.html", {"owner": _owner(request)})
    page = Page(request.link, Asked.read(request.GET))
    context = {
        "page": page,
        "asked": page.asked,
        "here": request.get_full_path(),
        "roles": Contact.Role,
        "access": directory.ACCESS,
        "removed": directory.removed(request.account),
    }
    return render(request, "rights/contacts/contacts.html", context)


def _owner(request: AccountRequest) -> AccountLink | None:
    """Whom to ask: the account's own administrator, once they took the account."""
    owners = AccountLink.objects.for_account(request.account).filter(role=AccountLink.Role.OWNER)
    return owners.filter(accepted_at__isnull=False).first()


@access.member
@page_or_post
def own_card(request: AccountRequest) -> HttpResponseBase:
    """What one changes of oneself, saved at once."""
    form = own_form(request.user, request.POST or None)
    if form.is_valid():
        own.change_profile(user=request.user, identity=form.identity(), language=request.user.language)
        request.user.refresh_from_db()
        messages.success(request, _("Your data is saved."))
        return leave(request, resolve_url("rights:contacts", request.account.number))
    if in_place(request):
        part = "_own.html" if "shown" in request.GET else "_own_form.html"
        return render(request, f"rights/contacts/{part}", {"form": begin(form), "focus": True})
    return render(request, "rights/contacts/own_form.html", {"form": form})


# One contact.


@keeper
@page_or_post
def contact(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """A row of the directory as a form, and as a row again."""
    found = find(request, uuid)
    if found.deleted_at or "shown" in request.GET:
        return _as_it_is(request, found)
    form = contact_form(directory.entry(found, request.link), request.link, request.POST or None)
    if form.is_valid():
        typed = {"version": form.cleaned_data["version"], "facts": form.facts(), "profile": form.chosen()}
        try:
            saved = attempt(form, actions.change, contact=found, by=request.link, **typed)
        except Conflict as conflict:
            return _show_conflict(request, conflict.contact)
        if saved:
            text = _("The changes to %(contact)s are saved.") % {"contact": saved}
            return show_row(request, directory.entry(saved, request.link), text)
    return _show_form(request, found, form)


def _as_it_is(request: AccountRequest, found: Contact) -> HttpResponseBase:
    """The row again; where the contact was removed meanwhile, the list that says so."""
    if found.deleted_at:
        _say_removed(request, _("Nothing was saved: %(contact)s was removed meanwhile.") % {"contact": found}, found)
        return leave(request, listed(request))
    return show_row(request, directory.entry(found, request.link))


def show_row(request: AccountRequest, entry: Entry, text: str = "", level: str = "success") -> HttpResponseBase:
    """The row of a contact in its place with what to say; or the list, at this row."""
    if not in_place(request):
        if text:
            getattr(messages, level)(request, text)
        return redirect(listed(request, entry.contact))
    context = {"entry": entry, "here": listed(request), "said": text, "level": level, "focus": True}
    return render(request, "rights/contacts/_row.html", context)


def _show_form(request: AccountRequest, found: Contact, form: Any, **context: Any) -> HttpResponseBase:
    entry = directory.entry(found, request.link)
    context |= {"entry": entry, "form": form, "here": asked_from(request)}
    if in_place(request):
        begin(form)
        return render(request, "rights/contacts/_form_row.html", context)
    return render(request, "rights/contacts/contact.html", context, status=409 if "differences" in context else 200)


def asked_from(request: AccountRequest) -> str:
    """The address of the list, as it is asked for and as it was posted."""
    return local(request, request.GET.get("next", "") or request.POST.get("next", ""))


def _show_conflict(request: AccountRequest, now: Contact) -> HttpResponseBase:
    """Both versions, when somebody else saved in between; nothing is overwritten without a choice."""
    if now.deleted_at:
        return _as_it_is(request, now)
    typed = request.POST.copy()
    typed["version"] = str(now.version)
    form = contact_form(directory.entry(now, request.link), request.link, typed)
    form.is_valid()
    return _show_form(request, now, form, differences=list(form.differences(now)))


@keeper
@page_or_post
def add_contact(request: AccountRequest) -> HttpResponseBase:
    """A new contact, with web access unless it is not wanted."""
    if request.method == "POST":
        hold(request.account)  # the form asks who has the address already
    form = NewContactForm(request.POST or None, by=request.link)
    if form.is_valid():
        wants = {"access": form.cleaned_data["access"], "profile": form.chosen()}
        added = attempt(form, actions.add, by=request.link, facts=form.facts(), **wants)
        if added:
            text = _("%(contact)s is added to the contacts.") % {"contact": added}
            if wants["access"]:
                text += " " + _("Invitation sent to %(email)s.") % {"email": added.email}
            messages.success(request, text)
            url = reverse("rights:contacts", args=[request.account.number])
            return leave(request, f"{url}?at={added.uuid}#c-{added.uuid}")
    if not in_place(request):
        return render(request, "rights/contacts/add.html", {"form": form})
    part = "_more.html" if "shown" in request.GET else "_add.html"
    return render(request, f"rights/contacts/{part}", {"form": begin(form), "focus": True})


@keeper
@page_or_post
def delete_contact(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Remove a contact; where they have web access, after a page that says what becomes of it."""
    found = find(request, uuid)
    link = actions.link_of(found)
    if request.method == "POST":
        with_access = link is not None and "access" in request.POST
        try:
            actions.remove(contact=found, by=request.link, with_access=with_access)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            text = _("%(contact)s is removed from the contacts.") % {"contact": found}
            if with_access:
                text += " " + _("Their web access is removed too.")
            _say_removed(request, text, found)
        return redirect(listed(request))
    entry = directory.entry(found, request.link)
    return render(
        request, "rights/contacts/delete.html", {"contact": found, "entry": entry, "here": asked_from(request)}
    )


def _say_removed(request: AccountRequest, text: str, found: Contact) -> None:
    """That a contact is gone, and the button that brings them back."""
    url = reverse("rights:restore_contact", args=[request.account.number, found.uuid])
    values = {"next": listed(request)}
    undo = render_to_string("components/undo.html", {"text": text, "url": url, "values": values}, request)
    messages.success(request, undo)


@keeper
@require_POST
def restore_contact(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Take the removal of a contact back."""
    found = find(request, uuid)
    try:
        actions.restore(contact=found, by=request.link)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(listed(request))
    messages.success(request, _("%(contact)s is back in the contacts.") % {"contact": found})
    return redirect(listed(request, found))


# Export.


@keeper
@proven
@page_or_post
def export_contacts(request: AccountRequest) -> HttpResponseBase:
    """Say what a file of the contacts asked for holds; once it is asked for, write it and leave a trace."""
    page = Page(request.link, Asked.read(request.GET))
    if request.method == "POST":
        return _file(request, page.asked)
    context = {
        "page": page,
        "asked": page.asked,
        "chips": page.asked.chips(),
        "columns": headings(),
        "too_long": _("Beyond %(most)s contacts, choose CSV.") % {"most": thousands(sheets.MOST_IN_WORKBOOK)}
        if page.count > sheets.MOST_IN_WORKBOOK
        else "",
    }
    return render(request, "rights/contacts/export.html", context)


def _file(request: AccountRequest, asked: Asked) -> HttpResponseBase:
    found = directory.entries(list(directory.matching(request.account, asked)), request.link)
    kind = sheets.kind_for(request.POST.get("format", ""), len(found))
    facts = {"contacts": len(found), "asked": asked.url().removeprefix("?"), "format": kind}
    audit.record("contacts exported", by=request.user, account_id=request.account.pk, after=facts)
    title = _("contacts")
    name = f"{title}-{request.account.number}-{timezone.localdate():%Y-%m-%d}"
    return sheets.download(list(lines(found)), name=name, title=title, kind=kind)
