"""Documents of accounts as operators see them: listed, added, withdrawn, by the actions there are."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import documents as actions
from accounts.document_forms import DocumentForm
from accounts.models import CustomerAccount, Document
from colibox.lib import uploads
from colibox.lib.operators.site import ReadOnly
from users.models import User


@admin.register(Document)
class DocumentAdmin(ReadOnly):
    list_display = ("account", "kind", "number", "title", "issued_on", "amount", "filename", "added_at")
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("account",)
    search_help_text = gettext_lazy("A whole account number.")
    ordering = ("-id",)
    fields = ("account", "kind", "number", "title", "issued_on", "amount", "filename", "size", "added_at")
    change_list_template = "admin/accounts/document/list.html"
    change_form_template = "admin/accounts/document/document.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Without the bytes, which no page shows."""
        return super().get_queryset(request).defer("content")

    def found(self, rows: QuerySet[Document], term: str) -> QuerySet[Document]:
        return rows.filter(account__in=CustomerAccount.objects.filter(number=term))

    def get_urls(self) -> list[URLPattern]:
        upload, withdraw = require_http_methods(["GET", "HEAD", "POST"])(self.upload), require_POST(self.withdraw)
        return [
            path("upload/", self.admin_site.admin_view(upload), name="accounts_document_upload"),
            path("<int:pk>/withdraw/", self.admin_site.admin_view(withdraw), name="accounts_document_withdraw"),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Put a document at an account's disposal."""
        staff = self._staff(request)
        initial = {"account_number": request.GET.get("account", "")[:6]}
        form = DocumentForm(
            request.POST or None, request.FILES or None, initial=initial, too_large=uploads.is_too_large(request)
        )
        if form.is_valid():
            try:
                document = actions.add_document(**form.facts(), by=staff)
            except ValidationError as refusal:
                form.add_error(None, refusal)
            else:
                messages.success(request, _("%(document)s is at the disposal of the account.") % {"document": document})
                return redirect("admin:accounts_document_changelist")
        context = {**self.admin_site.each_context(request), "title": _("Add a document"), "form": form}
        return render(request, "admin/accounts/document/upload.html", context)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back a document that is wrong."""
        staff = self._staff(request)
        document = get_object_or_404(Document.objects.defer("content"), pk=pk)
        actions.withdraw_document(document=document, by=staff)
        messages.success(request, _("%(document)s is withdrawn.") % {"document": document})
        return redirect("admin:accounts_document_changelist")

    def _staff(self, request: HttpRequest) -> User:
        """Who acts. Raises PermissionDenied for whoever is no staff."""
        if not (isinstance(request.user, User) and self.has_view_permission(request)):
            raise PermissionDenied
        return request.user
