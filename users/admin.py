"""People as operators see them: found by the beginning of their user name, e-mail or last name."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from colibox.lib.operators.confirming import Question, confirm
from colibox.lib.operators.showing import Waiting, timed
from colibox.lib.operators.showing import link as link_to
from colibox.lib.operators.site import ReadOnly
from users import actions, resetting, suspending
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
        "username", "kind", "is_active", "suspended", "factor", "accounts", "language", *User.IDENTITY, "last_login",
        "date_joined",
    )  # fmt: skip
    labels = {
        "is_active": _("May sign in"),
        "function": _("Job title"),
        "last_login": _("Last sign-in"),
        "date_joined": _("Known since"),
    }
    change_form_template = "admin/users/user/person.html"
    suspended = timed("suspended_at", _("Suspended everywhere since"))

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
        acts = {"factors": self.ask_reset, "sessions": self.sign_out, "access": self.move}
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(proven(page_or_post(view))), name=f"users_user_{name}")
            for name, view in acts.items()
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """One person, and whether they are signed in now."""
        signed_in = len(actions.live_sessions(context["original"]))
        return super().render_change_form(request, {**context, "signed_in": signed_in}, *args, **kwargs)

    def sign_out(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End all the sessions of a person, for a reason that they read."""
        staff, person = staff_of(request), _customer(pk)
        return confirm(
            self, request, _signing_out(person), lambda why: suspending.sign_out(person=person, by=staff, reason=why)
        )

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let a person sign in nowhere, or again, for a reason that they read."""
        staff, person = staff_of(request), _customer(pk)
        if person.suspended_at is None and not person.is_active:
            raise Http404
        asked, act = (
            (_suspending(person), suspending.suspend) if person.is_active else (_resuming(person), suspending.resume)
        )
        return confirm(self, request, asked, lambda why: act(person=person, by=staff, reason=why))

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


def _customer(pk: int) -> User:
    """A person of a customer's; colleagues are not looked after here. Raises Http404."""
    return get_object_or_404(User.objects.exclude(kind=User.Kind.STAFF), pk=pk)


READER = _("The person reads it by e-mail, and the history keeps it.")


def _signing_out(person: User) -> Question:
    return Question(
        title=gettext("Sign %(person)s out everywhere") % {"person": person},
        losses=[*_ending(person), gettext("They may sign in again at once: for a stolen password, suspend them.")],
        button=_("End their sessions"),
        done=_("Their sessions are ended; they are told by e-mail."),
        back=_page(person),
        reader=READER,
    )


def _suspending(person: User) -> Question:
    owned = person.links.filter(role="owner").exclude(state="ended").select_related("account")
    whose = [gettext("They own the account %(account)s.") % {"account": link.account} for link in owned[:SHOWN]]
    return Question(
        title=gettext("Suspend %(person)s everywhere") % {"person": person},
        losses=[
            *_ending(person),
            gettext("They sign in nowhere any more, and their connection keys open nothing."),
            gettext("Their links, rights and keys are kept: resumed, they are as they were."),
            *whose,
        ],
        button=_("Suspend everywhere"),
        done=_("They are suspended, and told by e-mail."),
        back=_page(person),
        reader=READER,
    )


def _resuming(person: User) -> Question:
    return Question(
        title=gettext("Let %(person)s sign in again") % {"person": person},
        losses=[gettext("Their password, second factors and keys serve again; so do their links that are open.")],
        button=_("Let them sign in again"),
        done=_("They may sign in again, and are told by e-mail."),
        back=_page(person),
        danger=False,
        reader=READER,
    )


def _ending(person: User) -> list[str]:
    n = len(actions.live_sessions(person))
    return [ngettext("%(n)s open session ends.", "%(n)s open sessions end.", n) % {"n": n}] if n else []


def _page(person: User) -> str:
    return reverse("admin:users_user_change", args=[person.pk])


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
            yield Waiting(
                ngettext("reset of second factors to confirm", "resets of second factors to confirm", n),
                n,
                url,
                urgent=True,
            )

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
