"""What an account asks of sign-in: the page that requires a second factor, and resetting that of one person."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from colibox.lib.asking import as_uuid
from colibox.lib.numbers import thousands
from rights import access, policy
from rights.access import AccountRequest
from rights.actions import policy as actions
from rights.actions import reach
from rights.forms.policy import PolicyForm
from rights.models import AccountLink
from rights.views.answers import attempt
from rights.views.people import find
from users.requests import proven

NOTICE = timedelta(days=7)
"""How long people are left to set up a second factor without being asked twice."""

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@access.administrator
@page_or_post
def account_security(request: AccountRequest) -> HttpResponseBase:
    """Whether a second factor is required and from when on; who would be, or is, kept out."""
    if "stop" in request.POST:
        return proven(_stop)(request)
    form = PolicyForm(request.POST or None, account=request.account)
    if form.is_valid() and request.user.second_factor:
        if "sure" not in request.POST and (page := _who_is_surprised(request, form.cleaned_data["day"])):
            return page
        return proven(_save)(request, form)
    return _page(request, form)


def _who_is_surprised(request: AccountRequest, day: date) -> HttpResponseBase | None:
    """The page that names who would be kept out before they had a week to read their mail; None when nobody would."""
    links = policy.without(request.account)
    if day >= timezone.localdate() + NOTICE or day == request.account.second_factor_from or not links.exists():
        return None
    people, first = policy.counted(links), list(links[: policy.SHOWN])
    context = {"day": day, "people": people, "shown": thousands(people), "first": first, "more": people - len(first)}
    return render(request, "rights/require_factor.html", context)


def _page(request: AccountRequest, form: PolicyForm) -> HttpResponseBase:
    after = as_uuid(request.GET.get("after"))
    links, more = policy.page(request.account, after)
    day, count = request.account.second_factor_from, policy.counted(policy.without(request.account))
    context = {
        "form": form,
        "day": day,
        "in_force": day is not None and policy.days_until(day) <= 0,
        "links": links,
        "more": more,
        "after": after,
        "people": count,
        "shown": thousands(count) + ("+" if count == policy.MOST else ""),
    }
    return render(request, "rights/account_security.html", context)


def _save(request: AccountRequest, form: PolicyForm) -> HttpResponseBase:
    """Under `proven`: from the day chosen on."""
    told = attempt(form, actions.require_factor, by=request.link, day=form.cleaned_data["day"])
    if told is None:
        return _page(request, form)
    if form.cleaned_data["day"] == request.account.second_factor_from:
        messages.info(request, _("Nothing has changed."))
        return redirect("rights:account_security", request.account.number)
    day = date_format(form.cleaned_data["day"], "SHORT_DATE_FORMAT")
    text = _("A second factor is required from %(day)s on.") % {"day": day}
    mailed = ngettext("%(n)s person is told by e-mail.", "%(n)s people are told by e-mail.", told)
    messages.success(request, f"{text} {mailed % {'n': thousands(told)}}")
    return redirect("rights:account_security", request.account.number)


def _stop(request: AccountRequest) -> HttpResponseBase:
    """Under `proven`: no longer."""
    told = actions.stop_requiring_factor(by=request.link)
    text = _("A second factor is no longer required on this account.")
    mailed = ngettext("%(n)s person is told by e-mail.", "%(n)s people are told by e-mail.", told)
    messages.success(request, f"{text} {mailed % {'n': thousands(told)}}" if told else text)
    return redirect("rights:account_security", request.account.number)


@access.administrator
@page_or_post
def reset_factor(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Take away the second factor of a standard user who lost theirs, after a page that says what stops."""
    link = find(request, uuid)
    if reason := reach.refusal(link, request.link) or actions.reset_refusal(link):
        messages.error(request, reason)
        return redirect("rights:person", request.account.number, link.uuid)
    return proven(_reset)(request, link)


def _reset(request: AccountRequest, link: AccountLink) -> HttpResponseBase:
    if request.method == "POST":
        try:
            actions.reset_factor(link=link, by=request.link)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            text = _("The second factor of %(person)s is reset, and their sessions are over. They are told by e-mail.")
            messages.success(request, text % {"person": link})
        return redirect("rights:person", request.account.number, link.uuid)
    return render(request, "rights/people/reset_factor.html", {"link": link})
