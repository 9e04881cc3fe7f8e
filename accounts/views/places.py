"""The sub-accounts and sites of an account: one page that lists them, and what is done to each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.actions import places as actions
from accounts.forms.places import PlaceForm, SiteForm, SubAccountForm, form_of
from accounts.models import Site, SubAccount
from colibox.lib.text import Fold, fold, line
from rights import access

PAGE = 50
LONGEST = 60
ATTACHED = Count("attachments", filter=~Q(attachments__link__state="ended"))


@access.administrator
def sites(request: access.AccountRequest) -> HttpResponseBase:
    """How the company is divided, and how many people are attached where."""
    words = line(request.GET.get("q"), LONGEST)
    sub_accounts = SubAccount.objects.for_account(request.account).annotate(under=Count("sites"))
    found = Site.objects.for_account(request.account).select_related("sub_account")
    if words:
        sub_accounts = sub_accounts.alias(said=Fold(F("number"), F("name"))).filter(said__contains=fold(words))
        found = found.alias(said=Fold(F("name"), F("town"))).filter(said__contains=fold(words))
    page = Paginator(found.order_by(Fold(F("name")), "pk"), PAGE).get_page(request.GET.get("page"))
    part = Paginator(sub_accounts.order_by("number", "pk"), PAGE).get_page(request.GET.get("part"))
    context = {
        "words": words,
        "part": part,
        "sub_accounts": _with_people(request, part),
        "page": page,
        "sites": _sites_with_people(page),
        "pages": page.paginator.get_elided_page_range(page.number),
    }
    return render(request, "accounts/places/sites.html", context)


def _with_people(request: access.AccountRequest, sub_accounts: Iterable[SubAccount]) -> list[Any]:
    """These sub-accounts with how many people are attached to them or to their sites, as a search finds them."""
    links = request.account.links.exclude(state="ended")
    attached = links.annotate(whole=Coalesce("attachments__sub_account", "attachments__site__sub_account"))
    counted = attached.filter(whole__in=[each.pk for each in sub_accounts]).order_by().values_list("whole")
    people = dict(counted.annotate(people=Count("pk", distinct=True)))
    return [{"place": each, "people": people.get(each.pk, 0)} for each in sub_accounts]


def _sites_with_people(sites: Iterable[Site]) -> list[Any]:
    """These sites with how many people are attached to them: those of one page, for an account may have thousands."""
    shown = list(sites)
    counted = Site.objects.filter(pk__in=[site.pk for site in shown]).order_by()
    people = dict(counted.values_list("pk").annotate(people=ATTACHED))
    return [{"place": site, "people": people[site.pk]} for site in shown]


def _people_of(request: access.AccountRequest, place: SubAccount | Site) -> int:
    """How many people are attached to one place."""
    if isinstance(place, SubAccount):
        return int(_with_people(request, [place])[0]["people"])
    return place.attachments.exclude(link__state="ended").count()


@access.administrator
def add_sub_account(request: access.AccountRequest) -> HttpResponseBase:
    """Add a sub-account."""
    return _add(request, SubAccountForm(request.POST or None, account=request.account), SubAccount)


@access.administrator
def add_site(request: access.AccountRequest) -> HttpResponseBase:
    """Add a site."""
    return _add(request, SiteForm(request.POST or None, account=request.account), Site)


def _add(request: access.AccountRequest, form: PlaceForm, sort: type[SubAccount | Site]) -> HttpResponseBase:
    if form.is_valid():
        place = sort(account=request.account, **form.facts())
        if _attempt(form, actions.add, place=place, by=request.user):
            messages.success(request, _added(request, place))
            again = "accounts:add_site" if sort is Site else "accounts:add_sub_account"
            return redirect(again if "another" in request.POST else "accounts:sites", request.account.number)
    return render(request, "accounts/places/place.html", {"form": form, "is_site": sort is Site})


def _added(request: access.AccountRequest, place: SubAccount | Site) -> SafeString:
    """That a place is there, and the way to the people who work at it."""
    people = f"{reverse('rights:users', args=[request.account.number])}?attach={place.uuid}"
    text = _("%(place)s is added.") % {"place": place}
    return format_html('{} <a href="{}">{}</a>', text, people, _("Attach people"))


@access.administrator
def place(request: access.AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Change a sub-account or a site."""
    place = _find(request, uuid)
    form = form_of(place)(request.POST or None, account=request.account, place=place)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            if _attempt(form, actions.change, place=place, by=request.user, version=version, facts=form.facts()):
                messages.success(request, _("The changes to %(place)s are saved.") % {"place": form.facts()["name"]})
                return redirect("accounts:sites", request.account.number)
        except actions.Changed as changed:
            text = _("Nothing was saved: somebody else changed %(place)s meanwhile. This is how it is now.")
            messages.error(request, text % {"place": changed.place})
            return redirect("accounts:place", request.account.number, uuid)
    context = {"form": form, "place": place, "is_site": isinstance(place, Site), "people": _people_of(request, place)}
    return render(request, "accounts/places/place.html", context)


def _find(request: access.AccountRequest, uuid: UUID) -> SubAccount | Site:
    """The place of this account that bears this identifier, or 404 whatever it is elsewhere."""
    sub_account = SubAccount.objects.for_account(request.account).filter(uuid=uuid).first()
    return sub_account or get_object_or_404(Site.objects.for_account(request.account), uuid=uuid)


def _attempt(form: PlaceForm, act: Any, **facts: Any) -> bool:
    """Whether the action was done; its refusal is beside the fields that it speaks of."""
    try:
        act(**facts)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True
