"""One import on one address, whatever its state; and starting it, calling it off, taking its result away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts import audit
from colibox.lib import sheets
from colibox.lib.numbers import thousands
from imports import actions, lines, results, shown
from imports.lines import Line
from imports.models import ImportJob
from rights import access
from rights.access import AccountRequest
from rights.actions.many import entering
from rights.actions.many.entries import Done, Entry, Status
from rights.people.rows import gains_and_losses

State = ImportJob.State

FIRST = 20
"""How many rows a preview shows."""
UPDATES = 20
"""Of how many people it says what they gain and lose."""
WRONG = 50
"""Of how many refused rows it says what is wrong."""
NAMED = 10
"""How many people it names of those who lose something."""
PAGE = 50


def find(request: AccountRequest, uuid: UUID) -> ImportJob:
    """The import of this account that bears this identifier, or 404 whatever it is elsewhere."""
    return get_object_or_404(ImportJob.objects.for_account(request.account).select_related("account"), uuid=uuid)


@access.administrator
def job(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """The page of an import; while a worker is at it, a script asks for what moves on it."""
    job = find(request, uuid)
    if request.headers.get("HX-Request"):
        return _moving(request, job)
    context: dict[str, Any] = {"job": job, "summary": shown.Summary(job), "most_in_workbook": sheets.MOST_IN_WORKBOOK}
    return render(request, f"imports/job/{job.state}.html", context | CONTEXTS[job.state](request, job))


def _moving(request: AccountRequest, job: ImportJob) -> HttpResponse:
    """What moved on the page, if anything; once it would be another page, that page."""
    context = CONTEXTS[job.state](request, job) if job.state in ImportJob.WORKED_ON else {}
    if not context or request.GET.get("seen") != context["phase"]:
        return HttpResponseClientRefresh()
    if context["phase"] != State.RUNNING:
        return HttpResponse(status=204)
    return render(request, "imports/job/_progress.html", {"job": job, **context})


# What the page of each state shows.


def _reading(request: AccountRequest, job: ImportJob) -> dict[str, Any]:
    return {"phase": State.READING}


def _refused(request: AccountRequest, job: ImportJob) -> dict[str, Any]:
    return {}


def _preview(request: AccountRequest, job: ImportJob) -> dict[str, Any]:
    """What would happen, to whom, and what is wrong with the rows to which nothing would."""
    refused, stopping = job.refused, _stopping(job)
    valid = job.total - refused
    changes = valid - job.planned.get(Done.UNCHANGED, 0)
    first = lines.with_names(job, job.rows.order_by("number")[:FIRST])
    return {
        "figures": shown.planned(job.planned),
        "found": shown.found(job),
        "first": first,
        "placed": any(line.places for line in first),
        "dated": any(line.days for line in first),
        "wrongs": list(lines.wrongs(job.rows.filter(plan=Done.REFUSED).order_by("number")[:WRONG])) if refused else [],
        "unsaid": _unsaid(refused - WRONG),
        "updates": _updates(request, job),
        "valid": valid,
        "announced": _announced(valid),
        "changes": changes,
        "stopping": stopping,
        "same": actions.same_file(job),
        "start": _start_says(job, changes, stopping.get("count", 0)),
    }


def _announced(valid: int) -> str:
    """What starting does, in a sentence."""
    text = ngettext(
        "Nothing is sent yet. If you start now, %(n)s row will be processed; you can leave this page meanwhile.",
        "Nothing is sent yet. If you start now, %(n)s rows will be processed; you can leave this page meanwhile.",
        valid,
    )
    return text % {"n": thousands(valid)}


def _unsaid(n: int) -> str:
    """How many refused rows the table leaves out; nothing when it has them all."""
    if n <= 0:
        return ""
    text = ngettext(
        "The first refused rows; %(n)s more is in the file.", "The first refused rows; %(n)s more are in the file.", n
    )
    return text % {"n": thousands(n)}


def _updates(request: AccountRequest, job: ImportJob) -> dict[str, Any]:
    """What the first people to be updated gain and lose, as things are now; empty when nobody is updated."""
    n = job.planned.get(Done.UPDATE, 0)
    if not n:
        return {}
    rows = list(job.rows.filter(plan=Done.UPDATE, entry__isnull=False).order_by("number")[:UPDATES])
    entries = [Entry.of(row.entry) for row in rows if row.entry]
    foreseen = entering.foreseen(by=request.link, entries=entries)
    prefetch_related_objects([change.link for change in foreseen.values()], "profile")
    told = {place: gains_and_losses(change) for place, change in foreseen.items()}
    for place, moved in entering.moved(by=request.link, entries=entries).items():
        there = told.setdefault(place, {"link": moved.link, "gained": [], "lost": []})
        there["gained"], there["lost"] = there["gained"] + moved.gained, there["lost"] + moved.lost
    listed = [{"row": rows[place], **changes} for place, changes in sorted(told.items())]
    others = ngettext("and %(n)s other", "and %(n)s others", n - UPDATES) % {"n": thousands(n - UPDATES)}
    return {"listed": listed, "others": others if n > UPDATES else ""}


def _stopping(job: ImportJob) -> dict[str, Any]:
    """Who would lose what: the first of them, by name; empty when nobody does."""
    n = sum(job.planned.get(done, 0) for done in (Done.SUSPEND, Done.UNLINK))
    if not n:
        return {}
    found = job.rows.filter(plan__in=[Done.SUSPEND, Done.UNLINK]).order_by("number")[:NAMED]
    others = ngettext("and %(n)s other", "and %(n)s others", n - NAMED) % {"n": thousands(n - NAMED)}
    return {"count": n, "people": [Line(row, job) for row in found], "others": others if n > NAMED else ""}


def _start_says(job: ImportJob, changes: int, stopped: int) -> str:
    """What the button that starts it says: how many invitations leave, else how much changes; and who loses access."""
    n, others = job.planned.get(Done.INVITE, 0), changes - stopped
    if n:
        says = ngettext("Invite %(n)s person", "Invite %(n)s people", n) % {"n": thousands(n)}
    elif others:
        says = ngettext("Apply %(n)s change", "Apply %(n)s changes", others) % {"n": thousands(others)}
    else:
        says = ngettext("Take access from %(n)s person", "Take access from %(n)s people", stopped)
        return says % {"n": thousands(stopped)}
    return _("%(start)s, take access from %(n)s") % {"start": says, "n": thousands(stopped)} if stopped else says


def _running(request: AccountRequest, job: ImportJob) -> dict[str, Any]:
    """How far it has come, and the import it waits for while it has not begun."""
    running = ImportJob.objects.for_account(request.account).filter(state=State.RUNNING, number__lt=job.number)
    waits_for = None if job.applied else running.order_by("number").first()
    return {
        "phase": "waiting" if waits_for else State.RUNNING,
        "progress": shown.Progress(job),
        "figures": shown.achieved(job.tally),
        "waits_for": waits_for,
        "said": request.GET.get("said", ""),
    }


def _result(request: AccountRequest, job: ImportJob) -> dict[str, Any]:
    """Its rows page by page: all of them, or those of one status."""
    counts = lines.verdicts(job) if job.purged_at is None else {}
    wanted = request.GET.get("status", "")
    wanted = wanted if wanted in counts or wanted == "refused" else ""
    rows = _of_status(job, wanted).order_by("number")
    paginator = Paginator(rows, PAGE)
    refused = sum(n for status, n in counts.items() if status not in (Status.OK, lines.WAITING))
    total = {"": sum(counts.values()), "refused": refused}.get(wanted, counts.get(wanted, 0))
    vars(paginator)["count"] = total  # known already: a page costs no count of its own
    page = paginator.get_page(request.GET.get("page"))
    return {
        "figures": shown.achieved(job.tally),
        "choices": _choices(counts, refused, wanted),
        "lines": lines.with_people(job, page),
        "page": page,
        "pages": paginator.get_elided_page_range(page.number),
        "refused": refused,
        "total": sum(counts.values()),
    }


def _of_status(job: ImportJob, wanted: str) -> Any:
    if wanted == "refused":
        return job.rows.filter(plan=Done.REFUSED)
    return job.rows.annotate(verdict=lines.verdict(job)).filter(verdict=wanted) if wanted else job.rows.all()


def _choices(counts: dict[str, int], refused: int, wanted: str) -> list[dict[str, Any]]:
    """All rows, the refused ones, then each status that some row has."""
    labels = {**{status.value: status.label for status in Status}, lines.WAITING: _("Not processed")}
    choices = [("", _("All"), sum(counts.values()))]
    if refused:
        choices.append(("refused", _("Refused"), refused))
    choices += [(status, str(label), counts[status]) for status, label in labels.items() if status in counts]
    return [
        {"value": value, "label": label, "count": thousands(n), "current": value == wanted}
        for value, label, n in choices
    ]


CONTEXTS: dict[str, Callable[[AccountRequest, ImportJob], dict[str, Any]]] = {
    State.READING: _reading,
    State.REFUSED: _refused,
    State.READY: _preview,
    State.RUNNING: _running,
    State.DONE: _result,
    State.CANCELLED: _result,
}


# What is done with it.


@access.administrator
@require_POST
def start(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Apply the valid rows."""
    return _act(request, find(request, uuid), actions.start)


@access.administrator
@require_POST
def cancel(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """Call it off: what is done stays done."""
    return _act(request, find(request, uuid), actions.cancel)


def _act(request: AccountRequest, job: ImportJob, act: Callable[..., Any]) -> HttpResponseBase:
    """Do this with an import, and show it as it is then; a refusal becomes a message."""
    try:
        act(job=job, by=request.link)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("imports:job", request.account.number, job.uuid)


@access.administrator
@require_POST
def result(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """What came of the rows, or the refused ones to correct, as a file; the download leaves a trace."""
    job = find(request, uuid)
    refused_only = request.POST.get("rows") == "refused"
    over = job.state in (State.DONE, State.CANCELLED) or (refused_only and job.state == State.READY)
    if not over or job.purged_at is not None:
        messages.error(request, _("There is no result to download at the moment."))
        return redirect("imports:job", request.account.number, job.uuid)
    count = job.refused if refused_only else job.total
    kind = sheets.kind_for(request.POST.get("format", ""), count)
    facts = {"import": job.number, "rows": "refused" if refused_only else "all", "format": kind}
    audit.record("import result downloaded", by=request.user, account_id=job.account_id, after=facts)
    what = _("rows-to-correct") if refused_only else _("import-result")
    found = results.result_lines(job, refused_only=refused_only)
    return sheets.download(found, name=f"{what}-{job.account.number}-{job.number}", title=what, kind=kind)
