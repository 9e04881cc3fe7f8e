"""Deposit slips: each parcel is on one at most, their numbers follow each other, their paper is true."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import AuditEvent
from colibox.lib import tenancy
from rights.models import Grant
from tests.conftest import make_account, make_link, make_person
from tests.together import together
from tests.tracking.conftest import make_parcel
from tests.tracking.test_franking import order
from tracking.actions import deposits, franking
from tracking.actions.deposits import make_slip
from tracking.actions.franking import frank, frank_many
from tracking.models import DepositSlip, Parcel, TrackingEvent

SLIPS = "/accounts/900138/shipping/slips/"


def some(cast: SimpleNamespace, count: int = 1) -> list[Parcel]:
    return frank_many(link=cast.owner_link, by=cast.owner, orders=[order() for _ in range(count)])


def test_slips_are_counted_by_account_and_told(cast: SimpleNamespace) -> None:
    one = make_slip(link=cast.owner_link, by=cast.owner, parcels=some(cast, 2))
    two = make_slip(link=cast.colleague_link, by=cast.colleague, parcels=some(cast))
    theirs = frank(link=cast.stranger_link, by=cast.stranger, order=order())
    other = make_slip(link=cast.stranger_link, by=cast.stranger, parcels=[theirs])
    assert (one.number, two.number, other.number) == (1, 2, 1)
    assert one.parcels.count() == 2 and two.by_name == str(cast.colleague)
    assert AuditEvent.objects.filter(verb="deposit slip made", subject=one.uuid).get().after["parcels"] == 2


def test_what_cannot_be_handed_over_makes_no_slip(cast: SimpleNamespace, monkeypatch: Any) -> None:
    on_slip, cancelled, gone, fine = some(cast, 4)
    make_slip(link=cast.owner_link, by=cast.owner, parcels=[on_slip])
    franking.cancel(parcel=cancelled, by=cast.owner)
    TrackingEvent.objects.create(account_id=cast.north.pk, parcel=gone, code="PC1", at=timezone.now())
    foreign = make_parcel(cast.south)
    for parcels in ([on_slip, fine], [cancelled, fine], [gone, fine], [foreign, fine], []):
        with pytest.raises(ValidationError):
            make_slip(link=cast.owner_link, by=cast.owner, parcels=parcels)
    for link, by in ((cast.partner_link, cast.partner), (cast.colleague_link, cast.owner)):
        with pytest.raises(ValidationError):
            make_slip(link=link, by=by, parcels=[fine])
    monkeypatch.setattr(deposits, "MOST", 1)
    with pytest.raises(ValidationError):
        make_slip(link=cast.owner_link, by=cast.owner, parcels=[fine, foreign])
    assert DepositSlip.objects.count() == 1 and Parcel.objects.get(pk=fine.pk).slip is None


@pytest.mark.django_db(transaction=True)
def test_two_who_make_a_slip_of_the_same_parcels_make_one() -> None:
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        owner = make_person("900138", kind="standard")
        link = make_link(north, owner, role="owner")
        parcels = frank_many(link=link, by=owner, orders=[order() for _ in range(6)])
    made = []

    def work(shared: list[Parcel], own: Parcel) -> None:
        for chosen in (shared, [own]):
            try:
                with transaction.atomic(), tenancy.scope(accounts=[north.pk]):
                    made.append(make_slip(link=link, by=owner, parcels=chosen).number)
            except ValidationError:
                made.append(0)

    together(partial(work, parcels[:4], parcels[4]), partial(work, parcels[3::-1], parcels[5]))
    assert sorted(made) == [0, 1, 2, 3]


def test_the_page_makes_slips_of_what_waits_or_of_what_is_ticked(cast: SimpleNamespace, sign_in: Any) -> None:
    first, second, third = some(cast, 3)
    make_parcel(cast.north)  # came with a file: it has no label of ours
    client = sign_in(cast.colleague)
    assert client.post(SLIPS, {"parcel": [first.number, "x"]}).headers["Location"] == SLIPS
    assert client.post(SLIPS, {"parcel": [first.number]}).headers["Location"] == "/accounts/900138/shipping/"
    assert client.post(SLIPS, {"all": "1"}).headers["Location"] == SLIPS
    assert client.post(SLIPS, {"all": "1"}).headers["Location"] == SLIPS  # nothing waits
    slips = {slip.number: list(slip.parcels.order_by("id")) for slip in DepositSlip.objects.all()}
    assert slips == {1: [first], 2: [second, third]}
    page = client.get(SLIPS).content.decode()
    assert page.count("PDF") >= 2 and "2,50" in page


def test_the_paper_leaves_out_what_was_cancelled_and_is_nobody_elses(cast: SimpleNamespace, sign_in: Any) -> None:
    parcels = some(cast, 3)
    slip = make_slip(link=cast.owner_link, by=cast.owner, parcels=parcels)
    franking.cancel(parcel=parcels[0], by=cast.owner)
    response = sign_in(cast.colleague).get(f"{SLIPS}{slip.uuid}/")
    assert response.content.startswith(b"%PDF") and response.headers["Content-Type"] == "application/pdf"
    assert sign_in(cast.stranger).get(f"{SLIPS}{slip.uuid}/").status_code == 404
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="coliship", given_by_name="ADMIN")
    assert sign_in(cast.partner).get(f"{SLIPS}{slip.uuid}/").status_code == 404  # it is of others' parcels
    assert b"PDF" not in sign_in(cast.partner).get(SLIPS).content
