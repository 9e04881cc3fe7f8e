"""Parcels of the cast."""

from __future__ import annotations

from itertools import count
from typing import Any

from accounts.models import CustomerAccount
from tracking import numbers
from tracking.models import Parcel

SERIALS = count(332376997)


def make_parcel(account: CustomerAccount, **fields: Any) -> Parcel:
    """An announced parcel of an account, with the next number of the tests."""
    given = {
        "number": numbers.national("6C", next(SERIALS)), "product": "DOS", "addressee": "Camille Durand",
        "postcode": "69003", "town": "LYON", "weight": 1250, **fields,
    }  # fmt: skip
    return Parcel.objects.create(account=account, **given)
