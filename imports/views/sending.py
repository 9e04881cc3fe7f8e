"""How an import begins: the page of the imports, the template of their file, and the pasted list."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from colibox.lib import sheets, uploads
from imports import actions, reading
from imports.forms import PasteForm, UploadForm
from imports.models import ImportJob
from imports.shown import Summary
from rights import access, catalogue
from rights.access import AccountRequest, Ceiling
from rights.actions.applying import Fitting
from rights.models import AccountLink, Profile
from rights.places import Places
from rights.views.answers import attempt
from users.models import Language

HISTORY = 20


@access.administrator
def imports(request: AccountRequest) -> HttpResponseBase:
    """The three steps, the last result, and the imports so far; a file that is sent becomes one more."""
    form = UploadForm(request.POST or None, request.FILES or None, too_large=uploads.is_too_large(request))
    if request.method == "POST" and form.is_valid():
        facts = {"file": form.cleaned_data["file"], "token": form.cleaned_data["token"], "language": _language()}
        if job := attempt(form, actions.upload, by=request.link, **facts):
            return redirect("imports:job", request.account.number, job.uuid)
    return render(request, "imports/imports.html", {"form": form, **_history(request)})


def _language() -> str:
    """The language of who sends a file: what is wrong with it is said in it."""
    language = (get_language() or "")[:2]
    return language if language in Language.values else Language.FRENCH


def _history(request: AccountRequest) -> dict[str, Any]:
    """The imports of the account page by page, and the latest one of which there is a result."""
    jobs = ImportJob.objects.for_account(request.account).defer("found", "header", "problem")
    results = jobs.filter(state__in=(ImportJob.State.DONE, ImportJob.State.CANCELLED), purged_at=None, applied__gt=0)
    latest = results.filter(keep_until__gt=timezone.now()).order_by("-finished_at").first()
    paginator = Paginator(jobs, HISTORY)
    page = paginator.get_page(request.GET.get("page"))
    return {
        "page": page,
        "pages": paginator.get_elided_page_range(page.number),
        "history": [Summary(job) for job in page],
        "latest": Summary(latest) if latest else None,
        "result_days": settings.IMPORT_RESULT_DAYS,
        "most_in_workbook": sheets.MOST_IN_WORKBOOK,
    }


@access.administrator
def template(request: AccountRequest) -> HttpResponseBase:
    """The file to fill in, with a column for each right that can be given, in the language asked for."""
    kind = "xlsx" if request.GET.get("format") == "xlsx" else "csv"
    asked = request.GET.get("lang", "")
    with override(asked if asked in Language.values else _language()):
        ceiling = Ceiling(request.link)
        given = {right for sort in AccountLink.Kind for right in ceiling.grantable(sort)}
        rights = [right for right in catalogue.RIGHTS if right in given]
        file, name = reading.template(kind, rights=rights, own=_own(ceiling)), _("users-to-import")
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.{kind}", content_type=sheets.XLSX if kind == "xlsx" else sheets.CSV
    )


def _own(ceiling: Ceiling) -> reading.Own:
    """What the account has that the examples of the template speak of."""
    account = ceiling.link.account_id
    places = Places.of(account)
    profiles = (
        str(profile)
        for profile in Profile.objects.offered(account)
        if Fitting(profile.rights, ceiling).gives(kind=AccountLink.Kind.STANDARD)
    )
    sub_accounts, sites = list(map(str, places.sub_accounts)), [site.name for site in places.sites]
    return reading.Own(sub_accounts, sites, next(profiles, ""))


@access.administrator
def paste(request: AccountRequest) -> HttpResponseBase:
    """Invite several people by their addresses: they all get what is chosen here."""
    form = PasteForm(request.POST or None, ceiling=Ceiling(request.link), initial={"language": _language()})
    if form.is_valid():
        values = form.cleaned_data
        facts = {"text": values["addresses"], "asked": form.entry(), "token": values["token"], "language": _language()}
        if job := attempt(form, actions.paste, by=request.link, **facts):
            return redirect("imports:job", request.account.number, job.uuid)
    return render(request, "imports/paste.html", {"form": form})
