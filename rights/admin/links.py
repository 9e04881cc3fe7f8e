"""Links, rights of accounts and support visits as operators see them; no digest, no fingerprint."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.admin import numbered
from accounts.models import CustomerAccount
from colibox.lib.operators.site import ReadOnly
from colibox.lib.text import line
from rights import catalogue, middleware
from rights.actions import opening, visits
from rights.forms.operators import EntitlementsForm, ReasonForm
from rights.models import AccountLink, Entitlement, SupportVisit
from users.models import User

MOST_PEOPLE = 500
"""Of how many people whose names begin alike the links are listed."""

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


@admin.register(AccountLink)
class AccountLinkAdmin(ReadOnly):
    list_display = ("last_name", "first_name", "email", "username", "account", "kind", "role", "state")
    list_filter = ("kind", "role", "state")
    list_select_related = ("account",)
    search_fields = ("account", "username", "email")
    search_help_text = gettext_lazy("The beginning of an account number, of a user name or of an e-mail.")
    exclude = ("token_digest", "generation", "invitee")

    def found(self, rows: QuerySet[AccountLink], term: str) -> QuerySet[AccountLink]:
        if term.isdecimal() and (accounts := list(numbered(term).values_list("pk", flat=True)[:MOST_PEOPLE])):
            return rows.filter(account__in=accounts)
        people = User.objects.filter(username__istartswith=term) | User.objects.filter(email__istartswith=term)
        return rows.filter(user__in=list(people.order_by().values_list("pk", flat=True)[:MOST_PEOPLE]))


@admin.register(Entitlement)
class EntitlementAdmin(ReadOnly):
    list_display = ("account", "right", "delegable")
    list_filter = ("right", "delegable")
    list_select_related = ("account",)
    search_fields = ("account",)
    search_help_text = gettext_lazy("The beginning of an account number.")

    def found(self, rows: QuerySet[Entitlement], term: str) -> QuerySet[Entitlement]:
        return rows.filter(account__in=numbered(term))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(page_or_post(self.of_account))
        return [path("of/<digits:number>/", view, name="rights_entitlement_of"), *super().get_urls()]

    def of_account(self, request: HttpRequest, number: str) -> HttpResponse:
        """What an account holds; what a change would do is shown before it is made."""
        staff = _staff(self, request)
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
    list_display = ("began_at", "staff", "person", "account", "reason", "ends_at", "ended_at")
    list_select_related = ("staff", "person", "account")
    ordering = ("-id",)

    def get_urls(self) -> list[URLPattern]:
        begin, end = page_or_post(self.begin), require_POST(self.end)
        return [
            path("begin/", self.admin_site.admin_view(begin), name="rights_supportvisit_begin"),
            path("end/", self.admin_site.admin_view(end), name="rights_supportvisit_end"),
            *super().get_urls(),
        ]

    def begin(self, request: HttpRequest) -> HttpResponse:
        """Ask for the reason, then look at the portal as this person, or as the owner of this account."""
        staff = _staff(self, request)
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
        staff = _staff(self, request)
        uuid = request.session.pop(middleware.KEY, None)
        if uuid and (visit := visits.current(staff=staff, uuid=uuid)):
            visits.end_visit(visit=visit)
            messages.success(request, _("The support visit is over. You are yourself again."))
        return redirect("admin:rights_supportvisit_changelist")


def _staff(page: ReadOnly, request: HttpRequest) -> User:
    """Who acts. Raises PermissionDenied for whoever is no staff."""
    if not (isinstance(request.user, User) and page.has_view_permission(request)):
        raise PermissionDenied
    return request.user


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
