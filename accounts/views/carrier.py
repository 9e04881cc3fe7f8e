"""The carrier as an account meets it: its conditions of sale, its customer service."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language

from accounts.models import Service
from rights import access


@access.member
def terms(request: access.AccountRequest) -> HttpResponseBase:
    """The general conditions, with the date of their version, and where their whole text is."""
    language = "en" if (get_language() or "").startswith("en") else "fr"
    context = {"text": f"accounts/terms/{language}.html", "terms": settings.TERMS}
    return render(request, "accounts/terms.html", context)


@access.member
def customer_service(request: access.AccountRequest) -> HttpResponseBase:
    """Whom to call, when and at what price; the chat, for who has the right to it."""
    may_chat = "chat" in request.rights
    chat = Service.objects.filter(right="chat").first() if may_chat else None
    return render(request, "accounts/customer_service.html", {"may_chat": may_chat, "chat": chat})
