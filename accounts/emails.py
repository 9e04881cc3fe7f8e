"""The e-mails about what belongs to an account itself; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Contact, CustomerAccount, Document
from colibox.lib import outbox

CHANGES = {
    "changed": (_("What we know of your account has changed"), _("Customer service put right what the account says.")),
    "closed": (
        _("Your account is closed"),
        _("Customer service closed the account: nobody comes in any more, keys no longer serve. Nothing is deleted."),
    ),
    "opened": (
        _("Your account is open again"),
        _("Customer service opened the account again: everybody comes in as before it was closed."),
    ),
    "dissolved": (
        _("Your group of accounts is dissolved"),
        _("Customer service dissolved the group: the head office no longer reads the people of the other accounts."),
    ),
}
"""The title and the sentence of what the carrier does to an account itself."""


def owner(account: CustomerAccount) -> Iterator[tuple[str, str]]:
    """The address and the language of who owns an account, once they have come."""
    link = account.links.filter(role="owner", state="active").select_related("user").first()
    if link:
        yield link.recipient, link.recipient_language


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


@outbox.email
def called_for_invoices(
    *, contacts: list[int], count: int, by: str, to: str, language: str
) -> EmailMultiAlternatives | None:
    """To who owns an account: whom e-mails about its documents reach from now on, and who said so; a few by name."""
    called = Contact.objects.filter(pk__in=contacts, deleted_at=None, roles__contains=[Contact.Role.INVOICES])
    named = list(called.exclude(email="").select_related("account").order_by("sort_key", "pk"))
    if not named:
        return None
    account = named[0].account
    return outbox.compose(
        template="accounts/emails/called_for_invoices",
        to=to,
        language=language,
        context={
            "account": account, "contacts": named, "more": count - len(contacts), "by": by,
            "button_url": settings.PUBLIC_BASE_URL + reverse("rights:contacts", args=[account.number]),
            "button_label": _("See the contacts"),
        },
    )  # fmt: skip


@outbox.email
def account_changed(
    *, account: int, change: str, reason: str, to: str, language: str, group: str = ""
) -> EmailMultiAlternatives | None:
    """To who owns an account: what the carrier did to it, and why."""
    found = CustomerAccount.objects.filter(pk=account).first()
    if found is None:
        return None
    title, text = CHANGES[change]
    page = reverse("accounts:account", args=[found.number]) if found.state == CustomerAccount.State.OPEN else ""
    return outbox.compose(
        template="accounts/emails/account_changed",
        to=to,
        language=language,
        context={
            "account": found, "title": title, "text": text, "reason": reason, "group": group,
            "support": settings.SUPPORT,
            "button_url": f"{settings.PUBLIC_BASE_URL}{page}" if page else "",
            "button_label": _("See my account") if page else "",
        },
    )  # fmt: skip


@outbox.email
def document_withdrawn(
    *, account: int, name: str, reason: str, to: str, language: str
) -> EmailMultiAlternatives | None:
    """To who was told of a document: it was wrong, and is gone."""
    found = CustomerAccount.objects.filter(pk=account).first()
    if found is None:
        return None
    return outbox.compose(
        template="accounts/emails/document_withdrawn",
        to=to,
        language=language,
        context={"account": found, "name": name, "reason": reason, "support": settings.SUPPORT},
    )
