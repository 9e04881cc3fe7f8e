"""Documents of accounts as operators see them: listed, added, withdrawn, by the actions there are."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.actions import documents as actions
from accounts.admin import finding
from accounts.forms.documents import DocumentForm
from accounts.models import AuditEvent, Document
from colibox.lib import uploads
from colibox.lib.operators.confirming import Question, confirm
from colibox.lib.operators.showing import linked, timed
from colibox.lib.operators.site import ReadOnly
from users.requests import staff_of


@admin.register(Document)
class DocumentAdmin(ReadOnly):
    list_display = ("title", "number", "kind", "of_account", "issued_on", "amount", "added")
    list_filter = ("kind",)
    list_select_related = ("account",)
    search_fields = ("number", "account")
    search_help_text = gettext_lazy("The beginning of a document number, or a whole account number.")
    ordering = ("-id",)
    fields = ("of_account", "kind", "number", "title", "issued_on", "amount", "filename", "bytes", "added")
    of_account = linked("account", gettext_lazy("Account"))
    added = timed("added_at", gettext_lazy("Added"))
    change_list_template = "admin/accounts/document/list.html"
    change_form_template = "admin/accounts/document/document.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Without the bytes, which no page shows."""
        return super().get_queryset(request).defer("content")

    def found(self, rows: QuerySet[Document], term: str) -> QuerySet[Document]:
        if len(term) == finding.DIGITS and (account := finding.numbered(term).first()):
            return rows.filter(account=account)
        return rows.filter(finding.begins("number", term))

    @admin.display(description=gettext_lazy("Size"))
    def bytes(self, document: Document) -> str:
        return document.shown_size

    def get_urls(self) -> list[URLPattern]:
        page_or_post = require_http_methods(["GET", "HEAD", "POST"])
        upload, withdraw = page_or_post(self.upload), page_or_post(self.withdraw)
        return [
            path("upload/", self.admin_site.admin_view(upload), name="accounts_document_upload"),
            path("<int:pk>/withdraw/", self.admin_site.admin_view(withdraw), name="accounts_document_withdraw"),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Put a document at an account's disposal."""
        staff = staff_of(request)
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
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        context |= {"title": _("Add a document"), "form": form}
        return render(request, "admin/accounts/document/upload.html", context)

    def withdraw(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take back a document that is wrong."""
        staff = staff_of(request)
        document = get_object_or_404(Document.objects.defer("content").select_related("account"), pk=pk)
        asked = _withdrawal(document)
        return confirm(
            self, request, asked, lambda reason: actions.withdraw_document(document=document, reason=reason, by=staff)
        )


def _withdrawal(document: Document) -> Question:
    """Who loses it: whoever may read it, and those who took it, who are named in the trace."""
    events = AuditEvent.objects.filter(subject=document.uuid, verb="document taken")
    n = events.values("actor").distinct().count()
    took = ngettext("%(n)s person downloaded it already.", "%(n)s people downloaded it already.", n) % {"n": n}
    names = {"document": document, "account": document.account}
    return Question(
        title=_("Withdraw %(document)s") % names,
        losses=[
            _("The account %(account)s can no longer read it; it is not kept.") % names,
            took if n else _("Nobody has downloaded it."),
            _("The owner, and the contacts called for invoices, are told by e-mail."),
        ],
        button=_("Withdraw this document"),
        done=_("%(document)s is withdrawn.") % names,
        back=reverse("admin:accounts_document_changelist"),
    )
