"""The days of a person's access to an account: from when until when, and longer in one click."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rights import access
from rights.access import AccountRequest
from rights.actions import Conflict, reach
from rights.actions.dates import MONTHS, change_dates, extend
from rights.forms.dates import DatesForm
from rights.views.answers import attempt, back
from rights.views.people import find


@access.manager
def dates(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """The days of a link and of the rights given on it."""
    link = find(request, uuid)
    reason = reach.refusal(link, request.link)
    form = DatesForm(request.POST or None, link=link)
    if not reason and form.is_valid():
        try:
            changed = attempt(form, change_dates, link=link, by=request.link, **form.facts())
        except Conflict:
            text = _("Somebody saved %(person)s while you were typing. Nothing was saved: look again.")
            messages.error(request, text % {"person": link})
            return redirect("rights:dates", request.account.number, link.uuid)
        if changed is not None:
            messages.success(request, _("The dates of the access of %(person)s are saved.") % {"person": link})
            return redirect("rights:dates", request.account.number, link.uuid)
    over = link.ends_on is not None and link.ends_on < timezone.localdate()
    return render(request, "rights/people/dates.html", {"link": link, "form": form, "reason": reason, "over": over})


@access.manager
@require_POST
def extend_access(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Let an access, or one right of it, last three months or a year longer."""
    link = find(request, uuid)
    typed = request.POST.get("months", "")
    months = int(typed) if typed in map(str, MONTHS) else 0
    try:
        until = extend(link=link, by=request.link, months=months, right=request.POST.get("right", ""))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        facts = {"person": link, "day": date_format(until, "SHORT_DATE_FORMAT")}
        messages.success(request, _("The access of %(person)s is extended until %(day)s.") % facts)
    return redirect(back(request, "rights:dates", request.account.number, link.uuid))
