"""People as operators see them: found by the beginning of their user name, e-mail or last name."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from colibox.lib.operators.showing import Waiting
from colibox.lib.operators.showing import link as link_to
from colibox.lib.operators.site import ReadOnly
from users import resetting
from users.models import FactorReset, User
from users.requests import proven, staff_of

MOST = 500
"""How many people whose names begin alike are listed."""
SHOWN = 50
page_or_post = require_http_methods(["GET", "HEAD", "POST"])


class ResetForm(forms.Form):
    """Why the second factors of somebody are to be taken away, and how it was made sure that it is them who asks."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"size": 60, "autocomplete": "off"}),
        help_text=_(
            "Who asked, and how you made sure that it is them. Your colleague reads it, and the history keeps it."
        ),
        error_messages={"required": _("Say who asked, and how you made sure that it is them.")},
    )


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("username", "last_name", "first_name", "email", "kind", "is_active", "last_login")
    list_filter = ("kind", "is_active")
    search_fields = ("username", "email", "last_name")
    search_help_text = _("The beginning of a user name, an e-mail or a last name.")
    fields = (
        "username", "kind", "is_active", "factor", "accounts", "language", *User.IDENTITY, "last_login", "date_joined",
    )  # fmt: skip
    labels = {"is_active": _("May sign in"), "last_login": _("Last sign-in"), "date_joined": _("Known since")}
    change_form_template = "admin/users/user/person.html"

    def found(self, rows: QuerySet[User], term: str) -> QuerySet[User]:
        return rows.filter(pk__in=User.objects.beginning(term, most=MOST))

    def trace_of(self, row: User) -> str:
        return row.username

    @admin.display(description=_("Second factor"))
    def factor(self, person: User) -> str:
        return gettext("yes") if person.second_factor else gettext("none")

    @admin.display(description=_("Accounts"))
    def accounts(self, person: User) -> str:
        """Each account with the role and the state of the link, which leads on."""
        links = person.links.exclude(state="ended").select_related("account").order_by("account__number")[:SHOWN]
        lines = [(link_to(each.account), each.get_role_display(), each.get_state_display()) for each in links]
        return format_html_join("", "<div>{} – {}, {}</div>", lines) if lines else "–"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(proven(page_or_post(self.ask_reset)))
        return [path("<int:pk>/factors/", view, name="users_user_factors"), *super().get_urls()]

    def ask_reset(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Ask for somebody's second factors to be taken away; a colleague confirms it."""
        staff, person = staff_of(request), get_object_or_404(User, pk=pk)
        if waiting := resetting.waiting_for(person):
            return redirect("admin:users_factorreset_change", waiting.pk)
        form = ResetForm(request.POST or None)
        if form.is_valid():
            try:
                reset = resetting.ask(person=person, by=staff, reason=form.cleaned_data["reason"])
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, gettext("Asked. Another member of staff must now confirm it."))
                return redirect("admin:users_factorreset_change", reset.pk)
        title = gettext("Reset the second factors of %(person)s") % {"person": person}
        context = {**self.admin_site.each_context(request), "title": title, "person": person, "form": form}
        return render(request, "admin/users/user/reset_factors.html", context)


@admin.register(FactorReset)
class FactorResetAdmin(ReadOnly):
    """The resets of second factors: what waits for a second member of staff, and what came of the others."""

    list_display = ("person", "state", "asked_by", "confirmed_by", "created_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("person", "asked_by", "confirmed_by")
    search_fields = ("person__username__istartswith",)
    search_help_text = _("The beginning of a user name.")
    ordering = ("-pk",)
    fields = (
        "person", "user_name", "state", "reason", "asked_by", "confirmed_by", "created_at", "due_at", "ended_at",
    )  # fmt: skip
    change_form_template = "admin/users/factorreset/reset.html"

    def waiting(self, request: HttpRequest) -> Iterator[Waiting]:
        asked = FactorReset.objects.filter(state=FactorReset.State.ASKED, due_at__gt=Now())
        if n := asked.exclude(asked_by=request.user.pk).exclude(person=request.user.pk).count():
            url = f"{reverse('admin:users_factorreset_changelist')}?state__exact={FactorReset.State.ASKED}"
            yield Waiting(_("resets of second factors to confirm"), n, url, urgent=True)

    def trace_of(self, row: FactorReset) -> str:
        return row.person.username

    def found(self, rows: QuerySet[FactorReset], term: str) -> QuerySet[FactorReset]:
        return rows.filter(person__username__istartswith=term)

    @admin.display(description=_("user name"))
    def user_name(self, reset: FactorReset) -> str:
        return reset.person.username

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.decide))
        return [path("<int:pk>/decide/", view, name="users_factorreset_decide"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """One reset; a confirmation is for somebody other than who asked, and than whose it is."""
        reset: FactorReset = context["original"]
        others = request.user.pk not in (reset.asked_by_id, reset.person_id)
        shown = {"reset": reset, "may_confirm": reset.waits and others, "may_withdraw": reset.waits}
        return super().render_change_form(request, {**context, **shown}, *args, **kwargs)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Confirm what somebody else asked, after the password, or take it back."""
        decide = proven(self._decide) if "confirm" in request.POST else self._decide
        return decide(request, pk)

    def _decide(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        staff, reset = staff_of(request), get_object_or_404(FactorReset, pk=pk)
        confirming = "confirm" in request.POST
        try:
            (resetting.confirm if confirming else resetting.withdraw)(reset=reset, by=staff)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            done = gettext("The second factors of %(person)s are reset; they are told by e-mail.")
            said = done % {"person": reset} if confirming else gettext("Withdrawn.")
            messages.success(request, said)
        return redirect("admin:users_factorreset_change", pk)
