"""Mon compte: what an account is, and where its pages are."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from rights import access


@access.member
def account(request: access.AccountRequest) -> HttpResponseBase:
    """Company, contract, preferences, and tiles by right."""
    return render(request, "accounts/account.html")
