"""One act on many people: choose what, see who changes and who cannot, then do it; and undo it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from colibox.lib.numbers import thousands
from rights import access, bounds, catalogue
from rights.access import AccountRequest, Ceiling
from rights.actions import bulk as acts
from rights.actions.moving import Move
from rights.forms.dates import EndForSomeForm
from rights.forms.places import PlaceForSomeForm
from rights.forms.profiles import ProfileForSomeForm
from rights.models import AccountLink
from rights.people import acts as sentences
from rights.people.previews import Naming, foretold, previewed
from rights.people.selection import ABOUT_PLACES, ACTS, Selection, read_act
from rights.people.tables import how_many
from rights.views.answers import back

REFERENCE = re.compile(r"bulk:[0-9a-f-]{36}")
"""What an act on many people is called by the button that undoes it; other changes are not undone here."""

MISSING: dict[str, catalogue.Text] = {
    **dict.fromkeys(("give", "withdraw"), gettext_lazy("Choose a right.")),
    **dict.fromkeys(("tag", "untag"), gettext_lazy("Type a tag, for example LYON.")),
    "profile": gettext_lazy("Choose a profile, for example “Shipper”."),
}
"""What is said when what an act is about was asked and not answered."""


@access.manager
def bulk(request: AccountRequest) -> HttpResponseBase:
    """Preview an act on the people chosen, and once it is confirmed, do it."""
    name = request.POST.get("act", "")
    if name == "undo":
        return _undo(request)
    if name not in ACTS:
        return redirect("rights:users", request.account.number)
    selection = Selection.read(request.POST)
    links = selection.links(request.link, access.rights_shown(request))
    count = links.order_by().values("pk")[: acts.MOST + 1].count()
    if refusal := _wrong_number(count):
        messages.error(request, refusal)
        return redirect(back(request, "rights:users", request.account.number))
    try:
        act = read_act(request.POST, by=request.link)
    except ValidationError as fault:
        return _choose(request, selection, count, error=" ".join(fault.messages))
    if act is None:
        return _choose(request, selection, count, error=MISSING.get(name, "") if "chosen" in request.POST else "")
    if "apply" in request.POST:
        return _apply(request, selection, act)
    chosen = list(links.order_by("pk")[: acts.MOST])
    return _preview(request, selection, act, acts.plan(act=act, links=chosen, by=request.link))


def _wrong_number(count: int) -> str:
    if count > acts.MOST:
        text = _("At most %(most)s people can be changed at once: narrow the list with a filter.")
        return text % {"most": acts.MOST}
    return "" if count else _("Tick the people to change first.")


def _choose(
    request: AccountRequest, selection: Selection, count: int, *, error: catalogue.Text = ""
) -> HttpResponseBase:
    """Which right, tag, profile, place or day."""
    name, kind = request.POST["act"], selection.asked.kind
    ceiling = Ceiling(request.link)
    if name == "profile":
        form = ProfileForSomeForm(kind=kind, ceiling=ceiling)
        people = how_many(count)
        return _show(request, selection, "rights/users/bulk_profile.html", form=form, error=error, people=people)
    if name in ABOUT_PLACES:
        form_of_place = PlaceForSomeForm(request.POST if "chosen" in request.POST else None, by=request.link)
        return _show(request, selection, "rights/users/bulk_place.html", form=form_of_place, people=how_many(count))
    if name == "ends":
        form_of_end = EndForSomeForm(request.POST if "chosen" in request.POST else None)
        return _show(request, selection, "rights/users/bulk_end.html", form=form_of_end, people=how_many(count))
    groups: dict[catalogue.Text, list[dict[str, Any]]] = defaultdict(list)
    for right in catalogue.suiting(kind):
        reason = ceiling.refusal(right.code, kind) if name == "give" else None
        groups[right.group.label].append({"right": right, "reason": reason})
    context = {"groups": groups.items(), "error": error, "people": how_many(count), "by_tag": name in ("tag", "untag")}
    return _show(request, selection, "rights/users/bulk_choose.html", **context)


def _preview(
    request: AccountRequest, selection: Selection, act: acts.Act, plan: acts.Plan, **context: Any
) -> HttpResponseBase:
    """Who changes and how, who cannot be changed and why."""
    reasons: dict[str, list[AccountLink]] = defaultdict(list)
    for refusal in plan.refusals:
        reasons[refusal.reason].append(refusal.link)
    changing = [change.link for change in plan.changes]
    naming = Naming([*changing, *(refusal.link for refusal in plan.refusals)])
    elsewhere = bounds.elsewhere(changing, request.link) if isinstance(act, acts.Suspend) else {}
    context |= {
        "plan": plan,
        "place": act.place if isinstance(act, Move) else None,
        "act_says": sentences.to_do(act, len(plan.changes)),
        **previewed(plan, naming),
        "told": foretold(plan),
        "elsewhere": naming.of(link for link in changing if link.pk in elsewhere),
        "reasons": [(reason, naming.of(links)) for reason, links in reasons.items()],
    }
    return _show(request, selection, "rights/users/bulk_preview.html", **context)


def _show(request: AccountRequest, selection: Selection, template: str, **context: Any) -> HttpResponseBase:
    context |= {
        "act": request.POST["act"],
        "act_label": ACTS[request.POST["act"]],
        "selection": selection,
        "posted": request.POST,
        "back": back(request, "rights:users", request.account.number),
    }
    return render(request, template, context)


def _apply(request: AccountRequest, selection: Selection, act: acts.Act) -> HttpResponseBase:
    """Do what was previewed, or show how things are when they changed in between."""
    links = selection.links(request.link, access.rights_shown(request))
    try:
        done, reference = acts.apply(act=act, links=links, by=request.link, digest=request.POST.get("digest", ""))
    except acts.Stale as stale:
        return _preview(request, selection, act, stale.plan, stale=True)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect(back(request, "rights:users", request.account.number))
    text = " ".join([sentences.done(act, len(done.changes)), *_left_out(done)])
    if act.undoable and done.changes:
        _say_undoable(request, text, reference)
    else:
        messages.success(request, text)
    return redirect(back(request, "rights:users", request.account.number))


def _left_out(done: acts.Plan) -> list[str]:
    n = len(done.refusals)
    text = ngettext("%(n)s could not be changed.", "%(n)s could not be changed.", n)
    return [text % {"n": thousands(n)}] if n else []


def _say_undoable(request: AccountRequest, text: str, reference: str) -> None:
    values = {"act": "undo", "reference": reference, "next": back(request, "rights:users", request.account.number)}
    url = reverse("rights:bulk", args=[request.account.number])
    undo = render_to_string("components/undo.html", {"text": text, "url": url, "values": values}, request)
    messages.success(request, undo)


def _undo(request: AccountRequest) -> HttpResponseBase:
    """Put back what an act changed, for those who were not changed since."""
    reference = request.POST.get("reference", "")
    act = acts.undo_of(reference, by=request.link) if REFERENCE.fullmatch(reference) else acts.Undo({})
    links = bounds.people_of(request.link).filter(uuid__in=list(act.events))
    done, _reference = acts.apply(act=act, links=links, by=request.link)
    n = len(done.changes)
    if n:
        text = ngettext("Undone for %(n)s person.", "Undone for %(n)s people.", n) % {"n": thousands(n)}
        messages.success(request, " ".join([text, *_left_out(done)]))
    else:
        messages.error(request, _("There is nothing left to undo."))
    return redirect(back(request, "rights:users", request.account.number))
