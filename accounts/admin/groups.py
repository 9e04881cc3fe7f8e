"""Groups of accounts as operators see them: listed, made, changed, taken apart, by the actions there are."""

from __future__ import annotations

import re

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.actions import groups as actions
from accounts.models import NUMBER, AccountGroup, CustomerAccount
from colibox.lib.operators.confirming import Question, confirm
from colibox.lib.operators.site import ReadOnly
from users.forms import LineField
from users.models import User
from users.requests import staff_of


class GroupForm(forms.Form):
    """A group by the numbers of its accounts."""

    name = LineField(
        label=gettext_lazy("Name"), missing=gettext_lazy("Enter a name, for example Comptoir Group."),
        max_length=120, autocomplete="off",
    )  # fmt: skip
    head = forms.CharField(label=gettext_lazy("Account number of the head office"), max_length=6, validators=[NUMBER])
    accounts = forms.CharField(
        label=gettext_lazy("Account numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 40}),
        help_text=gettext_lazy("Of the other accounts, separated by spaces, commas or new lines."),
    )

    def clean_head(self) -> CustomerAccount:
        return self._accounts([self.cleaned_data["head"]])[0]

    def clean_accounts(self) -> list[CustomerAccount]:
        return self._accounts([number for number in re.split(r"[\s,;]+", self.cleaned_data["accounts"]) if number])

    def _accounts(self, numbers: list[str]) -> list[CustomerAccount]:
        found = {account.number: account for account in CustomerAccount.objects.filter(number__in=numbers[:1000])}
        if missing := [number[:20] for number in numbers if number not in found]:
            raise ValidationError(_("No account has this number: %(numbers)s.") % {"numbers": ", ".join(missing[:10])})
        return [found[number] for number in numbers]


@admin.register(AccountGroup)
class AccountGroupAdmin(ReadOnly):
    list_display = ("name", "head")
    list_select_related = ("head",)
    search_fields = ("name",)
    search_help_text = gettext_lazy("The beginning of a name, or a whole account number.")
    ordering = ("name",)
    change_list_template = "admin/accounts/accountgroup/list.html"
    change_form_template = "admin/accounts/accountgroup/group.html"

    def found(self, rows: QuerySet[AccountGroup], term: str) -> QuerySet[AccountGroup]:
        of = CustomerAccount.objects.filter(number=term, group__isnull=False).values("group")
        return rows.filter(pk__in=of) if term.isdecimal() else rows.filter(name__istartswith=term)

    def get_urls(self) -> list[URLPattern]:
        page_or_post = require_http_methods(["GET", "HEAD", "POST"])
        view, dissolve = (self.admin_site.admin_view(page_or_post(each)) for each in (self.edit, self.dissolve))
        return [
            path("<int:pk>/dissolve/", dissolve, name="accounts_accountgroup_dissolve"),
            path("new/", view, name="accounts_accountgroup_new"),
            path("<int:pk>/edit/", view, name="accounts_accountgroup_edit"),
            *super().get_urls(),
        ]

    def edit(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Make a group, or change or dissolve the one that there is."""
        staff = staff_of(request)
        group = get_object_or_404(AccountGroup, pk=pk) if pk else AccountGroup()
        form = GroupForm(request.POST or None, initial=_said(group))
        if form.is_valid() and _save(form, group, staff):
            messages.success(request, _("The group %(group)s is saved.") % {"group": group})
            return redirect("admin:accounts_accountgroup_changelist")
        title = group.name if pk else _("Add a group of accounts")
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context |= {"title": title, "form": form, "group": group}
        return render(request, "admin/accounts/accountgroup/edit.html", context)

    def dissolve(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a group apart."""
        staff, group = staff_of(request), get_object_or_404(AccountGroup.objects.select_related("head"), pk=pk)
        return confirm(
            self, request, _dissolution(group), lambda why: actions.dissolve_group(group=group, reason=why, by=staff)
        )


def _dissolution(group: AccountGroup) -> Question:
    """Who loses by it: those of the head office who read the people of the others."""
    readers = group.head.links.filter(state="active").filter(
        Q(role__in=("owner", "administrator")) | Q(grants__right="groups")
    )
    alone = _("Each account stands alone again: %(accounts)s.")
    n, others = readers.distinct().count(), group.accounts.exclude(pk=group.head_id).order_by("number")
    losing = ngettext(
        "%(n)s person of %(head)s no longer reads the people of the other accounts.",
        "%(n)s people of %(head)s no longer read the people of the other accounts.",
        n,
    ) % {"n": n, "head": group.head}
    return Question(
        title=_("Dissolve the group %(group)s") % {"group": group},
        losses=[
            losing,
            alone % {"accounts": ", ".join(map(str, others)) or group.head},
            _("Their owners are told by e-mail. The only way back is to make the group again."),
        ],
        button=_("Dissolve this group"),
        done=_("The group %(group)s is dissolved.") % {"group": group},
        back=reverse("admin:accounts_accountgroup_changelist"),
    )


def _said(group: AccountGroup) -> dict[str, str]:
    """What the form says of a group that is there."""
    if not group.pk:
        return {}
    others = group.accounts.exclude(pk=group.head_id).order_by("number").values_list("number", flat=True)
    return {"name": group.name, "head": group.head.number, "accounts": "\n".join(others)}


def _save(form: GroupForm, group: AccountGroup, staff: User) -> bool:
    """Whether the group was saved; its refusal is beside the fields that it speaks of."""
    try:
        actions.save_group(group=group, by=staff, **form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return False
    return True
