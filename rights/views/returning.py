"""What the form of an invitation offers about somebody who was on the account before."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from rights import catalogue
from rights.access import AccountRequest, Ceiling
from rights.forms import people as forms
from rights.models import AccountLink
from rights.returning import Former, by_address, by_person
from users.models import User

NewForm = forms.NewStandardForm | forms.NewAdvancedForm


@dataclass(frozen=True)
class Offer:
    """The form again, before anything is sent: the former rights offered, or already taken up in it."""

    form: NewForm | forms.LinkForm
    former: Former
    taken: bool
    first: bool = True
    """Whether it must be answered before anything is sent: who it is about was typed with all the rest."""


def offer(request: AccountRequest, form: NewForm) -> Offer | None:
    """What is offered about the address typed; nothing once it was answered, or when nobody is known by it."""
    answer = request.POST.get("former", "")
    if request.method != "POST" or answer in ("seen", "leave"):
        return None
    form.is_valid()
    email = form.cleaned_data.get("email", "")
    kind = AccountLink.Kind.STANDARD if isinstance(form, forms.NewStandardForm) else AccountLink.Kind.ADVANCED
    found = by_address(Ceiling(request.link), email, kind) if email else None
    if found is None:
        return None
    if answer != "take":
        return Offer(form, found, taken=False)
    taken = type(form)(_with(request.POST, found), ceiling=Ceiling(request.link))
    return Offer(taken, found, taken=True)


def offer_to(request: AccountRequest, person: User, form: forms.LinkForm) -> Offer | None:
    """What is offered to somebody found by user key, beside the form that gives them their rights."""
    found = by_person(Ceiling(request.link), person)
    if found is None or request.POST.get("former") == "seen":
        return None
    if request.POST.get("former") != "take":
        return Offer(form, found, taken=False, first=False)
    taken = forms.LinkForm(_with(request.POST, found), ceiling=Ceiling(request.link))
    return Offer(taken, found, taken=True)


def _with(typed: QueryDict, found: Former) -> QueryDict:
    """What was typed, with the former rights chosen and those tags put back where none was typed."""
    data = typed.copy()
    rights = [catalogue.BY_CODE[code] for code in found.rights]
    data.setlist("rights", [right.code for right in rights if not right.variant])
    for right in rights:
        if right.variant:
            data[right.variant] = right.code
    if not data.get("tags"):
        data["tags"] = ", ".join(found.link.tags)
    return data
