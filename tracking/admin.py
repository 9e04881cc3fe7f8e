"""Parcels and claims as operators see them: parcels to read, claims to answer, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from colibox.lib.operators.showing import Waiting, linked
from colibox.lib.operators.site import ReadOnly
from tracking import numbers
from tracking.actions import claims as actions
from tracking.events import Status
from tracking.forms import MessageField
from tracking.models import Claim, Parcel
from users.requests import staff_of


@admin.register(Parcel)
class ParcelAdmin(ReadOnly):
    list_display = ("number", "of_account", "product", "addressee", "postcode", "status_named", "event_at")
    list_select_related = ("account",)
    search_fields = ("number",)
    search_help_text = gettext_lazy("A whole parcel number, spaces allowed.")
    show_full_result_count = False
    exclude = ("label", "slip", "account")
    of_account = linked("account", gettext_lazy("Account"))

    @admin.display(description=gettext_lazy("status"))
    def status_named(self, parcel: Parcel) -> str:
        return str(Status(parcel.status).label)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Parcel], search_term: str
    ) -> tuple[QuerySet[Parcel], bool]:
        """Exactly one: anything looser would read all the parcels there are."""
        found = queryset.filter(number=numbers.read(search_term)) if search_term else queryset
        return found, False


class Queue(admin.SimpleListFilter):
    """The queue unless something else is asked for."""

    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Claim.State.choices, ("all", gettext_lazy("all claims"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        asked = self.value() or Claim.State.OPEN
        for value, label in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == asked, "query_string": query, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        asked = self.value() or Claim.State.OPEN
        return queryset if asked == "all" else queryset.filter(state=asked)


class AnswerForm(forms.Form):
    """What customer service writes, or nothing when it only closes."""

    text = MessageField(label=gettext_lazy("Answer"), required=False)

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("text") and "close" not in self.data:
            raise forms.ValidationError({"text": gettext_lazy("Write the answer, then send it.")})
        return self.cleaned_data


@admin.register(Claim)
class ClaimAdmin(ReadOnly):
    list_display = ("name", "of_account", "of_parcel", "by_name", "state", "changed_at")
    list_filter = (Queue, "reason")
    list_select_related = ("account", "parcel")
    ordering = ("changed_at", "id")
    fields = ("of_account", "number", "of_parcel", "reason", "state", "by_name", "created_at", "changed_at")
    of_account = linked("account", gettext_lazy("Account"))
    of_parcel = linked("parcel", gettext_lazy("Parcel"))
    change_form_template = "admin/tracking/claim/answer.html"

    @admin.display(description=gettext_lazy("Claim"))
    def name(self, claim: Claim) -> str:
        return _("Claim no. %(n)s: %(reason)s") % {"n": claim.number, "reason": claim.get_reason_display()}

    def named(self, row: Claim) -> str:
        return self.name(row)

    def waiting(self, request: HttpRequest) -> Iterator[Waiting]:
        if n := Claim.objects.filter(state=Claim.State.OPEN)[:1000].count():
            yield Waiting(
                ngettext("claim to answer", "claims to answer", n), n, reverse("admin:tracking_claim_changelist")
            )

    def get_urls(self) -> list[URLPattern]:
        answer = self.admin_site.admin_view(require_POST(self.answer))
        return [path("<int:pk>/answer/", answer, name="tracking_claim_answer"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The claim with its messages, and room for the answer."""
        claim = context["original"]
        shown = {"claim": claim, "thread": claim.messages.all(), "answer": AnswerForm()}
        return super().render_change_form(request, {**context, **shown}, *args, **kwargs)

    def answer(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send what staff wrote, or close without a word."""
        staff = staff_of(request)
        claim = get_object_or_404(Claim.objects.select_related("parcel"), pk=pk)
        form, closing = AnswerForm(request.POST), "close" in request.POST
        if not form.is_valid():
            messages.error(request, " ".join(map(str, form.errors["text"])))
            return redirect("admin:tracking_claim_change", pk)
        if text := form.cleaned_data["text"]:
            actions.answer(claim=claim, by=staff, text=text, closing=closing)
        else:
            actions.close_by_staff(claim=claim, by=staff)
        told = _("Claim no. %(n)s is closed.") if closing else _("Claim no. %(n)s is answered.")
        messages.success(request, told % {"n": claim.number})
        return redirect("admin:tracking_claim_changelist")
