"""People as operators see them: found by the beginning of their user name or e-mail."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from colibox.lib.operators.site import ReadOnly
from users import actions
from users.models import User
from users.requests import proven

page_or_post = require_http_methods(["GET", "HEAD", "POST"])


class ResetForm(forms.Form):
    """Why the second factor of somebody is taken away, and how it was made sure that it is them who asks."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"size": 60, "autocomplete": "off"}),
        help_text=_("Who asked, and how you made sure that it is them. It is kept in the history."),
        error_messages={"required": _("Say who asked, and how you made sure that it is them.")},
    )


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("username", "last_name", "first_name", "email", "kind", "is_active", "last_login")
    list_filter = ("kind", "is_active")
    search_fields = ("username", "email")
    search_help_text = _("The beginning of a user name or of an e-mail.")
    exclude = ("password", "groups", "user_permissions", "is_superuser", "user_key")
    change_form_template = "admin/users/user/person.html"

    def found(self, rows: QuerySet[User], term: str) -> QuerySet[User]:
        return rows.filter(Q(username__istartswith=term) | Q(email__istartswith=term))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(proven(page_or_post(self.reset_factors)))
        return [path("<int:pk>/factors/", view, name="users_user_factors"), *super().get_urls()]

    def reset_factors(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Take the second factors of somebody away who has proved by other means that it is them."""
        if not (isinstance(request.user, User) and self.has_view_permission(request)):
            raise PermissionDenied
        person = get_object_or_404(User, pk=pk)
        form = ResetForm(request.POST or None)
        if form.is_valid():
            try:
                actions.reset_factors_by_staff(user=person, by=request.user, reason=form.cleaned_data["reason"])
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                text = gettext("The second factors of %(person)s are reset; they are told by e-mail.")
                messages.success(request, text % {"person": person})
                return redirect("admin:users_user_change", pk)
        return self._reset_page(request, person, form)

    def _reset_page(self, request: HttpRequest, person: User, form: ResetForm) -> HttpResponse:
        title = gettext("Reset the second factors of %(person)s") % {"person": person}
        context: dict[str, Any] = {**self.admin_site.each_context(request), "title": title}
        return render(request, "admin/users/user/reset_factors.html", {**context, "person": person, "form": form})
