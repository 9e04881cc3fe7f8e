"""How many parcels somebody would see with these rights and tags, asked before they are saved."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from colibox.lib.numbers import thousands
from rights.access import AccountRequest, administrator, rights_of
from rights.forms.rights import TagsField
from rights.models import AccountLink
from tracking.models import Parcel
from tracking.newest import count
from tracking.scopes import TOOL, Scope, scope_of
from users.models import User

COUNTED = 10_000
"""Parcels are counted up to here."""
NOBODY = 0
"""The key of whoever is not there yet: they have franked nothing."""


@administrator
def would_see(request: AccountRequest) -> HttpResponseBase:
    """A sentence for the form that asks, or a page that says the same without JavaScript."""
    link = _link(request)
    fragment = "HX-Request" in request.headers
    proposal = Proposal.read(request) if fragment else Proposal.held(request, link)
    context = {"link": link, "sentence": proposal.sentence(link)}
    return render(request, "tracking/_would_see.html" if fragment else "tracking/would_see.html", context)


def _link(request: AccountRequest) -> AccountLink:
    """Whom it is about: somebody on the account, or whoever the form is for."""
    if not (named := request.GET.get("person")):
        return AccountLink(account=request.account)
    try:
        links = AccountLink.objects.for_account(request.account).select_related("account", "user")
        return links.get(uuid=UUID(named))
    except (ValueError, AccountLink.DoesNotExist):
        raise Http404 from None


@dataclass(frozen=True)
class Proposal:
    """Rights over tracking and tags, as they would be."""

    rights: frozenset[str]
    tags: list[str]

    @classmethod
    def read(cls, request: AccountRequest) -> Proposal:
        """What the form proposes; the account cannot give what it does not hold."""
        chosen = {code for name in ("rights", "tool", "tool_service") for code in request.GET.getlist(name)}
        try:
            tags = TagsField(required=False).clean(request.GET.get("tags", ""))
        except ValidationError:
            tags = []
        return cls(frozenset(chosen) & TOOL & request.rights, tags)

    @classmethod
    def held(cls, request: AccountRequest, link: AccountLink) -> Proposal:
        """What the link has already."""
        rights = rights_of([link])[link.pk] if link.pk else frozenset()
        return cls(rights & TOOL, link.tags)

    def sentence(self, link: AccountLink) -> str:
        """How many parcels they would see, in words."""
        if not self.rights:
            return _("Without a tracking right this person would see no parcel.")
        scope = self._scope(link)
        number = count(Parcel.objects.all(), [scope], most=COUNTED + 1)
        return _everything(number) if scope.everything else _some(number)

    def _scope(self, link: AccountLink) -> Scope:
        person = link.user or User(pk=NOBODY)
        proposed = AccountLink(account=link.account, role=link.role, tags=self.tags)
        return scope_of(proposed, self.rights, person)


def _everything(number: int) -> str:
    return _("This person would see all the parcels of the account: %(parcels)s.") % {"parcels": _parcels(number)}


def _some(number: int) -> str:
    if number == 0:
        return _("This person would see no parcel yet: none bears these tags or their key.")
    return _("This person would see %(parcels)s.") % {"parcels": _parcels(number)}


def _parcels(number: int) -> str:
    if number > COUNTED:
        return _("more than %(n)s parcels") % {"n": thousands(COUNTED)}
    return ngettext("%(n)s parcel", "%(n)s parcels", number) % {"n": thousands(number)}
