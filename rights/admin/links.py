"""Links, rights of accounts and support visits as operators see them; no digest, no fingerprint."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.admin import finding
from accounts.models import CustomerAccount
from colibox.lib.operators.showing import Waiting, linked, timed
from colibox.lib.operators.site import ReadOnly
from colibox.lib.text import line
from rights import catalogue, middleware
from rights.actions import opening, visits
from rights.forms.operators import EntitlementsForm, ReasonForm
from rights.models import AccountLink, Entitlement, SupportVisit
from users.models import User
from users.requests import proven, staff_of

MOST_PEOPLE = 500
"""Of how many people whose names begin alike the links are listed."""

page_or_post = require_http_methods(["GET", "HEAD", "POST"])
ACCOUNTS = gettext_lazy("The beginning of an account number or of a company.")


@admin.register(AccountLink)
class AccountLinkAdmin(ReadOnly):
    list_display = ("last_name", "first_name", "email", "username", "of_account", "kind", "role", "state")
    list_filter = ("kind", "role", "state")
    list_select_related = ("account",)
    search_fields = ("account", "username", "email", "last_name")
    search_help_text = gettext_lazy("The beginning of an account number, a user name, an e-mail or a last name.")
    fields = (
        "of_account", "person", "kind", "role", "state", "last_name", "first_name", "function", "email", "phone",
        "tags", "profile_named", "starts_on", "ends_on", "invited_by_whom", "invited", "expires_at", "accepted_at",
        "ended_at",
    )  # fmt: skip
    change_form_template = "admin/rights/accountlink/link.html"

    of_account = linked("account", gettext_lazy("Account"))
    person = linked("user", gettext_lazy("Person"))
    invited_by_whom = linked("invited_by", gettext_lazy("Invited by"))
    invited = timed("invited_at", gettext_lazy("Invited on"))

    @admin.display(description=gettext_lazy("Profile"))
    def profile_named(self, link: AccountLink) -> str:
        if link.profile is None:
            return "–"
        way = _("followed") if link.follows_profile else _("copied")
        return f"{link.profile} ({way})"

    def found(self, rows: QuerySet[AccountLink], term: str) -> QuerySet[AccountLink]:
        if term.isdecimal() and (accounts := list(finding.numbered(term).values_list("pk", flat=True)[:MOST_PEOPLE])):
            return rows.filter(account__in=accounts)
        return rows.filter(user__in=User.objects.beginning(term, most=MOST_PEOPLE))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.resend))
        return [path("<int:pk>/resend/", view, name="rights_accountlink_resend"), *super().get_urls()]

    def resend(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send an owner who has not come yet the invitation again, to the same address."""
        staff = staff_of(request)
        link = get_object_or_404(AccountLink.objects.select_related("account"), pk=pk, role=AccountLink.Role.OWNER)
        try:
            opening.invite_owner_again(link=link, email=link.email, by=staff)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        else:
            messages.success(request, _("The invitation was sent again to %(email)s.") % {"email": link.email})
        return redirect("admin:accounts_customeraccount_change", link.account_id)


class OfRight(admin.SimpleListFilter):
    """One of the rights there are, by its name."""

    title, parameter_name = gettext_lazy("right"), "right"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(right.code, right.full_label) for right in catalogue.RIGHTS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entitlement]) -> QuerySet[Entitlement]:
        return queryset.filter(right=self.value()) if self.value() in catalogue.BY_CODE else queryset


@admin.register(Entitlement)
class EntitlementAdmin(ReadOnly):
    list_display = ("label", "of_account", "delegable")
    list_filter = (OfRight, "delegable")
    list_select_related = ("account",)
    search_fields = ("account",)
    search_help_text = ACCOUNTS
    fields = ("of_account", "label", "delegable")
    of_account = linked("account", gettext_lazy("Account"))

    def found(self, rows: QuerySet[Entitlement], term: str) -> QuerySet[Entitlement]:
        return rows.filter(account__in=finding.accounts(term))

    def named(self, row: Entitlement) -> str:
        return f"{self.label(row)} – {row.account}"

    def trace_of(self, row: Entitlement) -> str:
        return row.account.number

    @admin.display(description=gettext_lazy("right"))
    def label(self, held: Entitlement) -> str:
        right = catalogue.BY_CODE.get(held.right)
        return str(right.full_label) if right else held.right

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(proven(page_or_post(self.rights)))
        return [path("of/<digits:number>/", view, name="rights_entitlement_of"), *super().get_urls()]

    def rights(self, request: HttpRequest, number: str) -> HttpResponse:
        """What an account holds; what a change would do is shown before it is made."""
        staff = staff_of(request)
        account = get_object_or_404(CustomerAccount, number=number)
        form = EntitlementsForm(request.POST or None, account=account)
        changes: dict[str, dict[str, bool]] = {}
        if form.is_valid():
            changes = form.held().changes(account)
            if not changes or "confirm" in request.POST:
                opening.entitle(account=account, held=form.held(), by=staff)
                messages.success(request, _("The rights are saved.") if changes else _("Nothing was to be changed."))
                return redirect("admin:accounts_customeraccount_change", account.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Rights of the account %(account)s") % {"account": account},
            "account": account,
            "form": form,
            "changes": _told(account, changes),
        }
        return render(request, "admin/rights/entitlement/of_account.html", context)


def _told(account: CustomerAccount, changes: dict[str, dict[str, bool]]) -> list[dict[str, Any]]:
    """Each right that would change, and how many people were granted it."""
    people = opening.affected(account, [code for some in changes.values() for code in some])
    named = [(what, code) for what, some in changes.items() for code in some]
    return [{"what": what, "right": catalogue.BY_CODE.get(code, code), "people": people[code]} for what, code in named]


@admin.register(SupportVisit)
class SupportVisitAdmin(ReadOnly):
    list_display = ("began", "by", "whom", "of_account", "reason", "ended")
    list_select_related = ("staff", "person", "account")
    ordering = ("-id",)
    fields = ("by", "whom", "of_account", "reason", "began", "until", "ended")
    by = linked("staff", gettext_lazy("Member of staff"))
    whom = linked("person", gettext_lazy("Person"))
    of_account = linked("account", gettext_lazy("Account"))
    began = timed("began_at", gettext_lazy("began on"))
    until = timed("ends_at", gettext_lazy("at the latest until"))
    ended = timed("ended_at", gettext_lazy("ended on"))

    def trace_of(self, row: SupportVisit) -> str:
        return row.person.username

    def waiting(self, request: HttpRequest) -> Iterator[Waiting]:
        if n := SupportVisit.objects.filter(ended_at=None, ends_at__gt=Now()).count():
            what = ngettext("support visit now", "support visits now", n)
            yield Waiting(what, n, reverse("admin:rights_supportvisit_changelist"))

    def get_urls(self) -> list[URLPattern]:
        begin, end = proven(page_or_post(self.begin)), require_POST(self.end)
        return [
            path("begin/", self.admin_site.admin_view(begin), name="rights_supportvisit_begin"),
            path("end/", self.admin_site.admin_view(end), name="rights_supportvisit_end"),
            *super().get_urls(),
        ]

    def begin(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason, then look at the portal as this person, or as the owner of this account."""
        staff = staff_of(request)
        person, account = _whom(request)
        form = ReasonForm(request.POST or None)
        if form.is_valid():
            reason = form.cleaned_data["reason"]
            try:
                visit = visits.begin_visit(staff=staff, person=person, account=account, reason=reason)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                request.session[middleware.KEY] = str(visit.uuid)
                return redirect("home")
        context = {
            **self.admin_site.each_context(request),
            "title": _("See the portal as %(person)s does") % {"person": person},
            "person": person,
            "account": account,
            "form": form,
        }
        return render(request, "admin/rights/supportvisit/begin.html", context)

    def end(self, request: HttpRequest) -> HttpResponse:
        """Be oneself again."""
        staff = staff_of(request)
        uuid = request.session.pop(middleware.KEY, None)
        if uuid and (visit := visits.current(staff=staff, uuid=uuid)):
            visits.end_visit(visit=visit)
            messages.success(request, _("The support visit is over. You are signed in as yourself again."))
        return redirect("admin:rights_supportvisit_changelist")


def _whom(request: HttpRequest) -> tuple[User, CustomerAccount | None]:
    """Whom the page is about: a person, or the owner of an account. Raises Http404."""
    if number := line(request.GET.get("account"), 20):
        account = get_object_or_404(CustomerAccount, number=number)
        owner = visits.owner_of(account)
        if owner is None or owner.user is None:
            raise Http404
        return owner.user, account
    pk = request.GET.get("person", "")
    return get_object_or_404(User, pk=pk if pk.isascii() and pk.isdecimal() else 0), None
