"""Changes of owner as operators see them: those forced by the carrier are asked by one and confirmed by another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from accounts.admin import finding
from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import telling, uploads
from colibox.lib.operators.showing import Waiting, linked, moment, timed
from colibox.lib.operators.site import ReadOnly
from colibox.lib.text import line
from rights import succession
from rights.actions import handovers
from rights.forms.handovers import ForcedForm
from rights.models import Handover
from users.models import User
from users.requests import proven, staff_of


@admin.register(Handover)
class HandoverAdmin(ReadOnly):
    """The list, one change with what may be done about it, and the request for another owner."""

    list_display = ("number", "of_account", "owner_before", "owner_after", "state", "forced", "began", "deadline")
    list_filter = ("state", "forced")
    list_select_related = ("account", "former", "successor")
    search_fields = ("account",)
    search_help_text = gettext_lazy("The beginning of an account number or of a company.")
    ordering = ("-pk",)
    fields = (
        "of_account", "owner_before", "owner_after", "state", "deadline", "what_ended", "forced", "reason",
        "proof_name", "who_asked", "who_confirmed", "began", "ended",
    )  # fmt: skip
    change_form_template = "admin/rights/handover/handover.html"
    change_list_template = "admin/rights/handover/handovers.html"

    of_account = linked("account", gettext_lazy("Account"))
    owner_before = linked("former", gettext_lazy("present owner"))
    owner_after = linked("successor", gettext_lazy("new owner"))
    who_asked = linked("asked_by", gettext_lazy("asked by"))
    who_confirmed = linked("confirmed_by", gettext_lazy("confirmed by"))
    began = timed("created_at", gettext_lazy("began on"))
    ended = timed("ended_at", gettext_lazy("ended on"))

    def found(self, rows: QuerySet[Handover], term: str) -> QuerySet[Handover]:
        return rows.filter(account__in=finding.accounts(term))

    def trace_of(self, row: Handover) -> str:
        return row.account.number

    def waiting(self, request: HttpRequest) -> Iterator[Waiting]:
        asked = Handover.objects.filter(state=Handover.State.ASKED)
        if n := asked.exclude(asked_by=request.user.pk).count():
            url = f"{reverse('admin:rights_handover_changelist')}?state__exact={Handover.State.ASKED}"
            yield Waiting(ngettext("change of owner to confirm", "changes of owner to confirm", n), n, url, urgent=True)

    @admin.display(description=gettext_lazy("number"))
    def number(self, change: Handover) -> int:
        return change.pk

    @admin.display(description=gettext_lazy("deadline"))
    def deadline(self, change: Handover) -> str:
        """What its day is the day of: each state has another, and what is over has none."""
        says = {
            Handover.State.OFFERED: _("lapses without an answer on %(day)s"),
            Handover.State.ASKED: _("lapses without a confirmation on %(day)s"),
            Handover.State.ACCEPTED: _("takes effect on %(day)s"),
        }.get(Handover.State(change.state))
        return says % {"day": moment(change.due_at)} if says else "–"

    @admin.display(description=gettext_lazy("how it ended"))
    def what_ended(self, change: Handover) -> str:
        """The sentence of the trace, which says who."""
        if change.ended_at is None:
            return "–"
        about = AuditEvent.objects.filter(subject=change.successor.uuid, account_id=change.account_id)
        near = (change.ended_at - timedelta(minutes=1), change.ended_at + timedelta(minutes=1))
        last = about.filter(at__range=near).order_by("-pk").first()
        return telling.sentence(last) if last else "–"

    def get_urls(self) -> list[URLPattern]:
        def page(view: Callable[..., HttpResponseBase]) -> Any:
            return self.admin_site.admin_view(view)

        return [
            path("ask/", page(proven(self.ask)), name="rights_handover_ask"),
            path("<int:pk>/proof/", page(self.proof), name="rights_handover_proof"),
            path("<int:pk>/decide/", page(require_POST(self.decide)), name="rights_handover_decide"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """One change; a confirmation is for somebody other than who asked."""
        change: Handover = context["original"]
        shown = {
            "handover": change,
            "may_confirm": change.state == Handover.State.ASKED and change.asked_by_id != request.user.pk,
            "may_withdraw": change.forced and change.state in Handover.UNDER_WAY,
        }
        return super().render_change_form(request, {**context, **shown}, *args, **kwargs)

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Ask for another owner of the account whose number is given, with a reason and a proof."""
        staff, number = staff_of(request), line(request.GET.get("number"), 20)
        account = CustomerAccount.objects.filter(number=number).first()
        context = {**self.admin_site.each_context(request), "title": _("Give an account another owner")}
        context |= {"number": number, "account": account, "opts": self.opts}
        if account:
            named = succession.named(account)
            posted = (request.POST, request.FILES) if request.method == "POST" else ()
            initial = {"to": named.successor.uuid if named else None}
            form = ForcedForm(*posted, account=account, initial=initial, too_large=uploads.is_too_large(request))
            if form.is_valid() and (change := self._asked(form, staff)):
                messages.success(request, _("Asked. Another member of staff must now confirm it."))
                return redirect("admin:rights_handover_change", change.pk)
            context |= {"form": form, "owner": succession.owner_of(account), "named": named}
            context |= {"nobody": not succession.candidates(account).exists()}
        return render(request, "admin/rights/handover/ask.html", context)

    def _asked(self, form: ForcedForm, staff: User) -> Handover | None:
        try:
            return handovers.ask_forced(staff=staff, **form.facts())
        except ValidationError as error:
            by_field = error.update_error_dict({})
            for name, errors in by_field.items():
                form.add_error(name if name in form.fields else None, errors)
            return None

    def decide(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Confirm what somebody else asked, after the password, or take it back."""
        decide = proven(self._decide) if "confirm" in request.POST else self._decide
        return decide(request, pk)

    def _decide(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        staff, change = staff_of(request), get_object_or_404(Handover, pk=pk)
        confirming = "confirm" in request.POST
        try:
            if confirming:
                handovers.confirm_forced(change=change, staff=staff)
            else:
                handovers.withdraw_forced(change=change, staff=staff)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            said = _("Confirmed: the owner has 72 hours to object.") if confirming else _("Withdrawn.")
            messages.success(request, said)
        return redirect("admin:rights_handover_change", pk)

    def proof(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The file that was handed in, to be kept on disk and never shown by the browser as a page of ours."""
        staff_of(request)
        change = get_object_or_404(Handover, pk=pk)
        if change.proof is None:
            raise Http404
        response = HttpResponse(bytes(change.proof), content_type="application/octet-stream")
        response.headers["Content-Disposition"] = content_disposition_header(True, change.proof_name) or "attachment"
        return response
