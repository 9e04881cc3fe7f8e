"""Mon compte: what an account is, and where its pages are."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from rights import access


@access.member
def account(request: access.AccountRequest) -> HttpResponseBase:
    """Company, contract, preferences, and tiles by right; whom to ask for more."""
    owner = None if request.link.administers else request.account.links.filter(role="owner").first()
    return render(request, "accounts/account.html", {"owner": owner, "head_office": request.account.head_office})
