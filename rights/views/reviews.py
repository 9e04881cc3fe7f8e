"""Reviews of access: those there were, the one that is open, what is decided, its end and its statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from colibox.lib import sheets
from colibox.lib.asking import as_uuid
from rights import access, catalogue
from rights.access import AccountRequest
from rights.actions import reviews as actions
from rights.actions.reviews import CHOSEN, Chosen, Outcome
from rights.forms.reviews import OpenReviewForm
from rights.models import AccountLink, Campaign, Grant, ReviewedLink
from rights.people.rows import ORDER, drawn_rights
from rights.people.selection import MOST_TICKED
from rights.reviews.campaigns import (
    FILTERS,
    ROLES,
    STATUSES,
    SUGGESTED,
    UNDECIDED,
    USES,
    Asked,
    Page,
    progress,
    progress_of,
)
from rights.reviews.statements import Words, lines, paper
from rights.views.answers import attempt, back
from users.requests import proven_for_file

SHOWN = 24
"""How many reviews the page lists, the latest."""
NAMED = 50
"""How many people a page names before an act; it counts the others."""

REVISING = {"reduce_after_all": ReviewedLink.Decision.REDUCE, "suspend_after_all": ReviewedLink.Decision.SUSPEND}
ONE = {**{value: value for value in ReviewedLink.Decision.values}, **REVISING}
"""What the buttons of one row ask for; of who was kept, a reduction or suspension may still be asked for."""

SUGGESTIONS: Mapping[str, catalogue.Text] = {
    ReviewedLink.Decision.REDUCE: gettext_lazy("Suggested: reduce"),
    ReviewedLink.Decision.SUSPEND: gettext_lazy("Suggested: suspend"),
}

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@access.administrator
@page_or_post
def reviews(request: AccountRequest) -> HttpResponseBase:
    """The reviews of the account, and the form that opens one when none is open."""
    form = OpenReviewForm(request.POST or None)
    if form.is_valid():
        name, deadline = form.asked
        if campaign := attempt(form, actions.open_review, by=request.link, name=name, deadline=deadline):
            messages.success(request, _("The review “%(name)s” is open.") % {"name": campaign.name})
            return redirect("rights:review", request.account.number, campaign.uuid)
    found = list(Campaign.objects.for_account(request.account)[:SHOWN])
    done = progress_of(found)
    context = {
        "form": form,
        "open": next((campaign for campaign in found if not campaign.closed_at), None),
        "reviews": [{"campaign": campaign, "progress": done[campaign.pk]} for campaign in found],
    }
    return render(request, "rights/reviews/reviews.html", context)


def _campaign(request: AccountRequest, uuid: UUID) -> Campaign:
    return get_object_or_404(Campaign.objects.for_account(request.account), uuid=uuid)


@access.administrator
def review(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """The rows of a review, with what is decided and what is left."""
    campaign = _campaign(request, uuid)
    asked = Asked.read(request.GET)
    page = Page(campaign, asked)
    context = {
        "campaign": campaign,
        "progress": progress(campaign),
        "asked": asked,
        "chips": asked.chips(),
        "page": page,
        "rows": [_row(request, row) for row in page.rows],
        "statuses": FILTERS.items(),
        "uses": USES.items(),
        "roles": ROLES.items(),
        "here": request.get_full_path(),
    }
    return render(request, "rights/reviews/review.html", context)


def _row(request: AccountRequest, row: ReviewedLink) -> dict[str, Any]:
    """One row with why nothing can be decided about it, where so."""
    chosen = Chosen(row.pk, row.name, row.decision, row.decided_by_name, row.link_id, row.link.role, row.link.state)
    return {
        "item": row,
        "role": ROLES[row.link.role],
        "rights": drawn_rights(_ordered(row.rights), get_language() or ""),
        "decision": STATUSES.get(row.decision, ""),
        "removed": catalogue.labels(row.removed),
        "suggestion": _suggestion(row),
        "invited": chosen.invited,
        "why": "" if row.decision else actions.refusal(chosen, request.link),
    }


def _suggestion(row: ReviewedLink) -> dict[str, Any] | None:
    """What is suggested about a row while it can be done, and why."""
    if not row.suggested or row.decision or row.link.state != AccountLink.State.ACTIVE:
        return None
    if row.suggested == ReviewedLink.Decision.REDUCE:
        rights = ", ".join(catalogue.labels(row.unused))
        reason = _("No connection key used these web services for 90 days: %(rights)s.") % {"rights": rights}
    elif row.last_used_at:
        reason = _("Not used for 90 days.")
    else:
        reason = _("Never used, in more than 90 days.")
    return {"act": row.suggested, "label": SUGGESTIONS[row.suggested], "reason": reason}


def _ordered(codes: list[str]) -> tuple[str, ...]:
    return tuple(sorted((code for code in codes if code in ORDER), key=ORDER.__getitem__))


# Deciding.


@access.administrator
@require_POST
def decide(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Keep at once; before a reduction or a suspension, say for whom and what goes."""
    campaign = _campaign(request, uuid)
    decision, ticked = _asked_decision(request.POST)
    if not decision:
        return redirect(_list(request, campaign))
    rows = _chosen(request.POST, campaign, ticked)
    rights = [code for code in request.POST.getlist("rights") if code in catalogue.BY_CODE]
    if decision == ReviewedLink.Decision.KEEP or ("apply" in request.POST and (rights or decision != "reduce")):
        return _decide(request, campaign, rows, decision, rights)
    return _confirm(request, campaign, rows, decision, ticked)


def _asked_decision(posted: QueryDict) -> tuple[str, list[str]]:
    """What is asked: by the button of one row, which bears its identifier, or by the bar below for those ticked."""
    for button, decision in ONE.items():
        if one := posted.get(button):
            return str(decision), [one]
    act = posted.get("act", "")
    return (act if act in ReviewedLink.Decision.values else ""), posted.getlist("item")[:MOST_TICKED]


def _chosen(posted: QueryDict, campaign: Campaign, ticked: list[str]) -> QuerySet[ReviewedLink]:
    """The rows chosen, found again within the review."""
    if "all" in posted:
        return Asked.read(QueryDict(posted.get("list", "")[:2000])).rows(campaign)
    return ReviewedLink.objects.filter(campaign=campaign, uuid__in=filter(None, map(as_uuid, ticked)))


def _decide(
    request: AccountRequest, campaign: Campaign, rows: QuerySet[ReviewedLink], decision: str, rights: list[str]
) -> HttpResponseBase:
    revising = _revises(request)
    try:
        outcome = actions.decide(
            campaign=campaign, rows=rows, decision=decision, by=request.link, rights=rights, revising=revising
        )
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(_list(request, campaign))
    _say(request, decision, outcome)
    return redirect(_list(request, campaign))


def _revises(request: AccountRequest) -> bool:
    """Whether somebody who was kept is looked at again."""
    return not {"revising", *REVISING}.isdisjoint(request.POST)


def _list(request: AccountRequest, campaign: Campaign) -> str:
    return back(request, "rights:review", request.account.number, campaign.uuid)


def _say(request: AccountRequest, decision: str, outcome: Outcome, *, quiet: bool = False) -> None:
    """What was decided, and about whom nothing could be."""
    n = outcome.decided
    said = {
        "keep": ngettext("%(n)s person keeps their access.", "%(n)s people keep their access.", n),
        "reduce": ngettext("%(n)s person has fewer rights.", "%(n)s people have fewer rights.", n),
        "suspend": ngettext("%(n)s person is suspended.", "%(n)s people are suspended.", n),
    }
    if n:
        messages.success(request, said[decision] % {"n": n})
    for reason, names in outcome.refused.items():
        named = ", ".join(names[:5]) + ("…" if len(names) > 5 else "")
        messages.warning(request, _("Nothing decided about %(names)s. %(reason)s") % {"names": named, "reason": reason})
    if not n and not outcome.refused and not quiet:
        messages.error(request, _("Tick the people to decide about first."))


def _confirm(
    request: AccountRequest, campaign: Campaign, rows: QuerySet[ReviewedLink], decision: str, ticked: list[str]
) -> HttpResponseBase:
    """Who it is about, who it cannot be about and why; for a reduction, which rights go."""
    revising = _revises(request)
    chosen = [Chosen(*values) for values in rows.order_by("sort_key", "pk").values_list(*CHOSEN)]
    if not chosen:
        messages.error(request, _("Tick the people to decide about first."))
        return redirect(_list(request, campaign))
    outcome, free = Outcome(), list[Chosen]()
    for row in chosen:
        if reason := actions.refusal(row, request.link, revising=revising):
            outcome.refuse(row.name, reason)
        else:
            free.append(row)
    context = {
        "campaign": campaign,
        "decision": decision,
        "names": [(row.name, row.invited, row.state == AccountLink.State.SUSPENDED) for row in free[:NAMED]],
        "invited": any(row.invited for row in free),
        "follow": decision == ReviewedLink.Decision.REDUCE and _follow(free),
        "others": max(0, len(free) - NAMED),
        "refused": [(reason, names[:NAMED], max(0, len(names) - NAMED)) for reason, names in outcome.refused.items()],
        "rights": _rights_of(free) if decision == ReviewedLink.Decision.REDUCE else [],
        "ticked": ticked,
        "revising": revising,
        "posted": request.POST,
        "back": _list(request, campaign),
        "none_chosen": "apply" in request.POST,
    }
    return render(request, "rights/reviews/decide.html", context)


def _rights_of(rows: list[Chosen]) -> list[dict[str, Any]]:
    """The rights that these people have now, and how many have each."""
    given = Grant.objects.filter(link__in=[row.link for row in rows]).order_by()
    count = dict(given.values_list("right").annotate(Count("pk")))
    held, unused = [right for right in catalogue.RIGHTS if right.code in count], _unused(rows)
    return [{"right": right, "n": count[right.code], "unused": right.code in unused} for right in held]


def _follow(rows: list[Chosen]) -> bool:
    """Whether some of these people follow a profile, which they will not do any more with fewer rights."""
    return AccountLink.objects.filter(pk__in=[row.link for row in rows], follows_profile=True).exists()


def _unused(rows: list[Chosen]) -> set[str]:
    """The rights that seem unused of all these people: chosen already when their reduction is prepared."""
    unused = ReviewedLink.objects.filter(pk__in=[row.pk for row in rows]).values_list("unused", flat=True)
    return set[str].intersection(*map(set, unused)) if rows else set()


@access.administrator
@page_or_post
def suggestions(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """What is suggested and not decided yet, with why; all of it is done at one click."""
    campaign = _campaign(request, uuid)
    if request.method == "POST":
        try:
            for decision, outcome in actions.take_suggestions(campaign=campaign, by=request.link).items():
                _say(request, decision, outcome, quiet=True)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("rights:review", request.account.number, uuid)
    suggested = Asked(status=SUGGESTED).rows(campaign).exclude(link=request.link).select_related("link")
    if campaign.closed_at or not suggested.exists():
        return redirect("rights:review", request.account.number, uuid)
    context = {
        "campaign": campaign,
        "rows": [(row, _suggestion(row)) for row in suggested[:NAMED]],
        "people": (people := suggested.order_by().count()),
        "others": max(0, people - NAMED),
    }
    return render(request, "rights/reviews/suggestions.html", context)


# The end.


@access.administrator
@page_or_post
def close(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Who is undecided still, then close the review."""
    campaign = _campaign(request, uuid)
    if request.method == "POST":
        try:
            actions.close_review(campaign=campaign, by=request.link)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The review “%(name)s” is closed.") % {"name": campaign.name})
        return redirect("rights:review", request.account.number, uuid)
    if campaign.closed_at:
        return redirect("rights:review", request.account.number, uuid)
    undecided = Asked(status=UNDECIDED).rows(campaign)
    count = undecided.order_by().count()
    context = {
        "campaign": campaign,
        "names": list(undecided.values_list("name", flat=True)[:NAMED]),
        "others": max(0, count - NAMED),
    }
    return render(request, "rights/reviews/close.html", context)


def _page_of(request: AccountRequest, campaign: Campaign) -> str:
    return reverse("rights:review", args=[request.account.number, campaign.uuid])


@access.administrator
@require_POST
def statement(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Who decided what about whom, as PDF or as CSV; that it was taken is in the trace."""
    return _statement(request, _campaign(request, uuid))


@proven_for_file(_page_of)
def _statement(request: AccountRequest, campaign: Campaign) -> HttpResponseBase:
    kind = "csv" if request.POST.get("format") == "csv" else "pdf"
    words = Words(request.account.number)
    actions.record("review exported", campaign, request.link, format=kind)
    title = _("access-review")
    name = f"{title}-{request.account.number}-{campaign.opened_at:%Y-%m-%d}"
    if kind == "csv":
        return sheets.download(lines(campaign, words), name=name, title=title, kind="csv")
    disposition = {"Content-Disposition": f'attachment; filename="{name}.pdf"'}
    return HttpResponse(paper(campaign, words), content_type="application/pdf", headers=disposition)
