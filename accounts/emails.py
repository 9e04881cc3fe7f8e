"""The e-mails about what belongs to an account itself; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Document
from colibox.lib import outbox


def _documents(keys: Collection[int]) -> dict[int, Document]:
    return Document.objects.defer("content").select_related("account").in_bulk(keys)


@outbox.email(document=_documents)
def document_added(*, document: Document | None, to: str, language: str) -> EmailMultiAlternatives | None:
    """To who is told of documents: there is a new invoice, or there are new price conditions."""
    if document is None:
        return None
    is_invoice = document.kind == Document.Kind.INVOICE
    page = "accounts:invoices" if is_invoice else "accounts:prices"
    return outbox.compose(
        template="accounts/emails/document_added",
        to=to,
        language=language,
        context={
            "document": document,
            "account": document.account,
            "is_invoice": is_invoice,
            "button_url": settings.PUBLIC_BASE_URL + reverse(page, args=[document.account.number]),
            "button_label": _("See the invoices") if is_invoice else _("See the price conditions"),
        },
    )
