"""Accounts as operators see them, and put right what is wrong: found by number or by company."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.actions import accounts as actions
from accounts.admin import finding
from accounts.models import CustomerAccount
from colibox.lib.operators.confirming import Question, ReasonForm, confirm
from colibox.lib.operators.site import ReadOnly
from users.requests import proven, staff_of

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


class AccountForm(ReasonForm, forms.ModelForm):  # type: ignore[type-arg]
    """What an account says of itself, and why it is put right."""

    class Meta:
        model = CustomerAccount
        fields = actions.FIELDS
        widgets = {"company": forms.TextInput(attrs={"size": 50}), "email": forms.EmailInput(attrs={"size": 50})}

    field_order = (*actions.FIELDS, "reason")

    def facts(self) -> dict[str, str]:
        return {name: str(self.cleaned_data[name]) for name in actions.FIELDS}


@admin.register(CustomerAccount)
class CustomerAccountAdmin(ReadOnly):
    list_display = ("number", "company", "contract", "town", "state", "created_at")
    list_filter = ("state", "contract")
    search_fields = ("number", "company")
    search_help_text = gettext_lazy("The beginning of an account number or of a company.")
    ordering = ("number",)
    fields = ("number", "state", *actions.FIELDS, "group", "second_factor_from", "created_at")
    change_form_template = "admin/accounts/customeraccount/account.html"

    def found(self, rows: QuerySet[CustomerAccount], term: str) -> QuerySet[CustomerAccount]:
        return rows.filter(pk__in=finding.accounts(term))

    def trace_of(self, row: CustomerAccount) -> str:
        return row.number

    def get_urls(self) -> list[URLPattern]:
        edit, move = (self.admin_site.admin_view(proven(page_or_post(view))) for view in (self.edit, self.move))
        return [
            path("<int:pk>/edit/", edit, name="accounts_customeraccount_edit"),
            path("<int:pk>/state/", move, name="accounts_customeraccount_state"),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """The account with who owns it, which decides what may be done from here."""
        links = context["original"].links.filter(role="owner").exclude(state="ended")
        return super().render_change_form(request, {**context, "owner": links.first()}, *args, **kwargs)

    def edit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put right what an account says of itself."""
        staff, account = staff_of(request), get_object_or_404(CustomerAccount, pk=pk)
        form = AccountForm(request.POST or None, instance=get_object_or_404(CustomerAccount, pk=pk))
        if form.is_valid():
            try:
                changed = actions.change_account(
                    account=account, facts=form.facts(), reason=form.cleaned_data["reason"], by=staff
                )
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                said = _("The account is put right.") if changed else _("Nothing was to be changed.")
                messages.success(request, said)
                return redirect("admin:accounts_customeraccount_change", pk)
        title = _("Put right the account %(account)s") % {"account": account}
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "form": form}
        return render(request, "admin/accounts/customeraccount/edit.html", context)

    def move(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Close an account, or open it again."""
        staff, account = staff_of(request), get_object_or_404(CustomerAccount, pk=pk)
        closing = account.state == CustomerAccount.State.OPEN
        back = reverse("admin:accounts_customeraccount_change", args=[pk])
        act = actions.close_account if closing else actions.reopen_account
        asked = _closing(account, back) if closing else _opening(account, back)
        return confirm(self, request, asked, lambda reason: act(account=account, reason=reason, by=staff))


def _closing(account: CustomerAccount, back: str) -> Question:
    n = account.links.filter(state="active").count()
    people = ngettext("%(n)s person no longer comes in.", "%(n)s people no longer come in.", n) % {"n": n}
    return Question(
        title=_("Close the account %(account)s") % {"account": account},
        losses=[
            people,
            _("Programs get no answer for this account any more; invitations can no longer be accepted."),
            _("Nothing is deleted: opened again, the account is as it was."),
        ],
        button=_("Close the account"),
        done=_("The account is closed."),
        back=back,
    )


def _opening(account: CustomerAccount, back: str) -> Question:
    return Question(
        title=_("Open the account %(account)s again") % {"account": account},
        losses=[_("Everybody comes in again who could when it was closed.")],
        button=_("Open the account again"),
        done=_("The account is open again."),
        back=back,
        danger=False,
    )
