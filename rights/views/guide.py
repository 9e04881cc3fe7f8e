"""The user guide, in the reader's language."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import translation

from colibox.lib.access import public

GUIDES = {"fr": "guide/guide_fr.html", "en": "guide/guide_en.html"}
"""The guide is a text of its own in each language, not a translation word for word."""


@public
def guide(request: HttpRequest) -> HttpResponseBase:
    """How to manage people and rights, and how to frank and follow parcels, with pictures."""
    return render(request, GUIDES[translation.get_language() or "fr"])
