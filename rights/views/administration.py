"""Where those who manage an account find its pages: a card for each."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render

from rights import access
from rights import administration as pages
from rights.access import AccountRequest


@access.manager
def administration(request: AccountRequest) -> HttpResponseBase:
    """The pages of those who manage people; each card says whether it is for whoever looks."""
    return render(request, "rights/administration.html", {"pages": pages.shown(request)})
