"""Franking: what is refused and why, what a parcel remembers of who franked it, and its cancellation."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import tenancy
from rights.models import AccountLink, ConnectionKey, Entitlement, Grant
from tests.conftest import make_account, make_link, make_person
from tests.together import together
from tests.tracking.conftest import make_parcel
from tracking import allocation, numbers
from tracking.actions import franking
from tracking.actions.franking import Order, Refused, check, frank
from tracking.labels.label import Address, Label
from tracking.models import NumberRange, Parcel, PickupPoint, TrackingEvent

HOME = Address(
    last_name="Durand", first_name="Camille", line2="5 rue du Bellay", postcode="69003", town="Lyon",
    mobile="0612345678", email="camille.durand@example.fr",
)  # fmt: skip
SENDER = Address(company="Comptoir du Nord", line2="12 rue du Port", postcode="59000", town="Lille")


def order(**asked: Any) -> Order:
    return Order(**{"product": "DOS", "weight": 1250, "addressee": HOME, "sender": SENDER, **asked})


def to(**fields: Any) -> Order:
    """An order to another place."""
    return order(addressee=replace(HOME, **fields))


def make_point(identifier: str = "940123", **fields: Any) -> PickupPoint:
    given = {"name": "Tabac de la Gare", "kind": "A2P", "address_1": "1 place de la Gare",
             "postcode": "69003", "town": "LYON", "latitude": 45.76, "longitude": 4.85,
             "hours": ["08:00-12:00 14:00-19:00"] * 7}  # fmt: skip
    return PickupPoint.objects.create(identifier=identifier, **{**given, **fields})


def refusal_of(**given_: Any) -> list[str]:
    """The published ids by which franking an order that is right in itself is refused."""
    with pytest.raises(Refused) as refusal:
        frank(order=order(), **given_)
    return [problem.code for problem in refusal.value.problems]


def label_of(parcel: Parcel) -> Label:
    """The label as the database keeps it."""
    kept = Parcel.objects.get(pk=parcel.pk).label
    assert kept
    return Label.from_dict(kept)


def codes(asked: Order) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in check(asked)]


# What is refused.

YESTERDAY = timezone.localdate() - timedelta(days=1)

REFUSED: list[tuple[str, Order, list[tuple[str, str]]]] = [
    ("no product", order(product=""), [("product", "30014")]),
    ("another product", order(product="XYZ"), [("product", "30015")]),
    ("no weight", order(weight=None), [("weight", "30300")]),
    *((f"a weight of {weight!r}", order(weight=weight), [("weight", "30301")]) for weight in (
        0, -10, 5, 30_010, 31_000, float("nan"), float("inf"), 10**400, True, "1250", 1255, 12.5,
    )),
    ("a day that is over", order(deposit_date=YESTERDAY), [("deposit_date", "30002")]),
    ("a day in another age", order(deposit_date=date.max), [("deposit_date", "30010")]),
    ("a day that is none", order(deposit_date="soon"), [("deposit_date", "30010")]),
    ("nobody", to(last_name="", first_name=""), [("addressee.last_name", "30200")]),
    ("no street", to(line2=" "), [("addressee.line2", "30204")]),
    ("no country", to(country=""), [("addressee.country", "30206")]),
    ("another world", to(country="XX"), [("addressee.country", "30207")]),
    ("no town", to(town=""), [("addressee.town", "30208")]),
    ("no postcode", to(postcode=""), [("addressee.postcode", "30210")]),
    ("a postcode of four digits", to(postcode="6900"), [("addressee.postcode", "30211")]),
    ("Arabic digits", to(postcode="٦٩٠٠٣"), [("addressee.postcode", "30211")]),
    ("a postcode of another town", to(town="Lille"), [("addressee.town", "30211")]),
    ("a postcode overseas", to(postcode="97110", town="Pointe-à-Pitre"), [("addressee.postcode", "30212")]),
    ("home delivery abroad", to(country="BE", postcode="1000", town="Bruxelles"), [("addressee.country", "30213")]),
    ("a British postcode of signs", to(country="GB", postcode="<>", town="London"), [("addressee.postcode", "30211")]),
    ("a landline", to(mobile="0241742088"), [("addressee.mobile", "30221")]),
    ("no e-mail address at all", to(email="camille"), [("addressee.email", "30223")]),
    ("too long a name", to(last_name="D" * 36), [("addressee.last_name", "30600")]),
    ("a control character", to(last_name="Du\x00rand"), [("addressee.last_name", "30600")]),
    ("two lines in one", to(line2="5 rue\r\n^XZ"), [("addressee.line2", "30600")]),
    ("a direction override", to(last_name="\u202edurand"), [("addressee.last_name", "30600")]),
    ("an emoji", to(last_name="Durand 😀"), [("addressee.last_name", "30600")]),
    ("half an emoji", to(last_name="\ud83d"), [("addressee.last_name", "30600")]),
    ("a reference of 31", order(reference="R" * 31), [("reference", "30600")]),
    ("a tag of 41", order(tag="T" * 41), [("tag", "30600")]),
    ("a pickup point for a home", order(pickup_point="940123"), [("pickup_point", "30401")]),
    ("a return to nobody", order(product="CORE"), [("addressee.company", "30089")]),
    ("no sender", order(sender=Address()), [
        ("sender.last_name", "30065"), ("sender.line2", "30100"), ("sender.town", "30104"),
        ("sender.postcode", "30106"),
    ]),
    ("an addressee that is none", order(addressee=None), [
        ("addressee.last_name", "30200"), ("addressee.line2", "30204"), ("addressee.country", "30206"),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "wanted"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_each_limit_has_its_published_id(asked: Order, wanted: list[tuple[str, str]]) -> None:
    assert codes(asked) == wanted


ACCEPTED = {
    "the least weight": order(weight=10), "the most": order(weight=30_000), "a weight as a float": order(weight=1250.0),
    "today": order(deposit_date=timezone.localdate()),
    "a town as people write it": to(town="lyon 3ème"), "a postcode with a space": to(postcode="69 003"),
    "an organisation": to(postcode="69487", town="LYON CEDEX 03", line2="", last_name="", company="Banque du Rhône"),
    "overseas": replace(to(postcode="97400", town="Saint-Denis", country="RE"), product="COM"),
    "abroad": replace(to(country="BE", postcode="1000", town="Bruxelles", mobile="+32470123456"), product="COLI"),
    "abroad without postcodes": replace(to(country="HK", postcode="", town="Kowloon", mobile=""), product="COLI"),
    "Hebrew": to(last_name="כהן", first_name="דוד"), "degrees and numbers": to(line1="Bât. n° 4, 2º étage, № 7"),
}  # fmt: skip


@pytest.mark.parametrize("asked", ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_within_the_limits_is_accepted(asked: Order) -> None:
    assert codes(asked) == []


def test_a_pickup_point_asks_for_what_its_addressee_is_told_by(cast: SimpleNamespace) -> None:
    make_point(heaviest=20_000)
    make_point("940124", active=False)
    bare = replace(HOME, mobile="", email="", first_name="")
    assert codes(order(product="HD", addressee=bare)) == [
        ("commercial_name", "30018"), ("addressee.first_name", "30202"), ("addressee.mobile", "30220"),
        ("addressee.email", "30222"), ("pickup_point", "30400"),
    ]  # fmt: skip
    complete = order(product="A2P", commercial_name="Comptoir", pickup_point="940123")
    assert codes(complete) == []
    assert codes(replace(complete, weight=20_010)) == [("weight", "30301")]
    for unknown in ("940124", "999999", "94012", "٩٤٠١٢٣"):
        assert codes(replace(complete, pickup_point=unknown)) == [("pickup_point", "30401")]


odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=60), st.binary(max_size=5),
    st.lists(st.integers(), max_size=2), st.dates(), st.datetimes(),
    st.sampled_from(["HD", "DOS", "A" * 10**5, "\ud800"]),
)  # fmt: skip


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_order_is_too_odd_to_be_checked(cast: SimpleNamespace, data: st.DataObject) -> None:
    made = {each.name: data.draw(odd) for each in fields(Order)}
    made["addressee"] = Address(**{each.name: data.draw(odd) for each in fields(Address)})
    made["sender"] = data.draw(st.one_of(st.none(), odd))
    assert all(str(problem) and problem.code and problem.field for problem in check(Order(**made)))


def test_what_is_wrong_is_said_in_the_language_of_who_reads() -> None:
    with translation.override("en"):
        assert str(check(to(town="Lille"))[0]).startswith("This town is not one of this postcode. Write a hamlet")
    with translation.override("fr"):
        assert "postcode" not in str(check(to(town="Lille"))[0])


# What is franked.


def test_a_parcel_remembers_who_franked_it_for_whom_and_with_which_key(cast: SimpleNamespace) -> None:
    key = ConnectionKey.objects.create(user=cast.partner, public="abcd1234", last_four="wxyz", fingerprint="f" * 64)
    asked = order(
        tag=" lyon ", reference="CMD-1", instructions="Portail vert", addressee=replace(HOME, company="Atelier")
    )
    parcel = frank(link=cast.partner_link, by=cast.partner, order=asked, key=key)
    assert numbers.is_valid(parcel.number) and parcel.number.startswith("6C")
    assert (parcel.account, parcel.franked_by, parcel.franked_with) == (cast.north, cast.partner, "abcd1234")
    assert parcel.user_key == cast.partner.user_key and parcel.franked_by_name == str(cast.partner)
    assert (parcel.tag, parcel.reference, parcel.addressee) == ("LYON", "CMD-1", "Atelier, Camille Durand")
    label = label_of(parcel)
    assert (label.number, label.account, label.weight, label.tag) == (parcel.number, "900138", 1250, "LYON")
    assert label.product_label == "Domicile avec signature"
    event = TrackingEvent.objects.get(parcel=parcel)
    assert (event.code, event.at, event.account_id) == ("DR1", parcel.created_at, cast.north.pk)
    assert (parcel.status, parcel.step, parcel.may_be_cancelled) == ("announced", 1, True)
    told = AuditEvent.objects.get(verb="parcel franked")
    assert (told.actor, told.subject, told.after["franked_with"]) == (cast.partner.uuid, parcel.uuid, "abcd1234")


def test_the_screen_asks_for_coliship_and_the_service_for_its_own_right(cast: SimpleNamespace) -> None:
    assert frank(link=cast.colleague_link, by=cast.colleague, order=order()).user_key == ""
    assert frank(link=cast.partner_link, by=cast.partner, order=order(), service=True).franked_with == ""
    refused = [
        ({"link": cast.partner_link, "by": cast.partner}, "30008"),  # holds the service, not the screen
        ({"link": cast.colleague_link, "by": cast.colleague, "service": True}, "30008"),
        ({"link": cast.colleague_link, "by": cast.partner}, "30008"),  # somebody else's link
    ]
    for given_, code in refused:
        assert refusal_of(**given_) == [code]
    Grant.objects.filter(link=cast.colleague_link).delete()
    Entitlement.objects.filter(account=cast.north, right="shipping_ws").delete()
    for given_ in ({"link": cast.colleague_link, "by": cast.colleague}, {**refused[0][0], "service": True}):
        assert refusal_of(**given_) == ["30008"]
    CustomerAccount.objects.filter(pk=cast.north.pk).update(state="closed")
    assert refusal_of(link=cast.owner_link, by=cast.owner) == ["30007"]
    assert Parcel.objects.count() == 2


def test_the_account_is_the_sender_unless_it_has_no_address(cast: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refusal:
        frank(link=cast.owner_link, by=cast.owner, order=order(sender=None))
    assert refusal.value.problems[0].field == "sender.line2" and not NumberRange.objects.exists()
    CustomerAccount.objects.filter(pk=cast.north.pk).update(address_1="1 quai", postcode="59000", town="Lille")
    cast.owner_link.account.refresh_from_db()
    parcel = frank(link=cast.owner_link, by=cast.owner, order=order(sender=None))
    assert (label_of(parcel).sender.company, label_of(parcel).sender.postcode) == ("Comptoir du Nord", "59000")


def test_nothing_is_left_of_what_is_refused(cast: SimpleNamespace) -> None:
    with pytest.raises(Refused):
        franking.frank_many(link=cast.owner_link, by=cast.owner, orders=[order(), order(weight=0)])
    assert not Parcel.objects.exists() and not NumberRange.objects.exists() and not AuditEvent.objects.exists()


def test_a_form_sent_twice_franks_once_for_a_person_on_each_account(cast: SimpleNamespace) -> None:
    token = uuid4()
    asked = [
        order(token=token, product="COM", addressee=replace(HOME, postcode="97400", town="Saint-Denis", country="RE"))
    ]
    first = franking.frank_many(link=cast.owner_link, by=cast.owner, orders=asked)
    again = franking.frank_many(link=cast.owner_link, by=cast.owner, orders=[*asked, order()])
    elsewhere = franking.frank_many(link=cast.stranger_link, by=cast.stranger, orders=asked)
    assert again[0] == first[0] and again[1].product == "DOS" and elsewhere[0].account == cast.south
    somebody_elses = frank(link=cast.partner_link, by=cast.partner, order=asked[0], service=True)
    assert somebody_elses.franked_by == cast.partner
    assert Parcel.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_many_who_frank_at_once_get_a_parcel_each_and_one_for_the_same_form() -> None:
    with transaction.atomic(), tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        owner = make_person("900138", kind="standard")
        link = make_link(north, owner, role="owner")
    token, made = uuid4(), []

    def work() -> None:
        for asked in [order(token=token), *(order() for _ in range(5))]:
            with transaction.atomic(), tenancy.scope(accounts=[north.pk], user=owner.pk):
                made.append(frank(link=link, by=owner, order=asked).number)

    together(*[work] * 4)
    assert len(made) == 24 and len(set(made)) == 21
    with transaction.atomic(), tenancy.everything():
        assert Parcel.objects.count() == TrackingEvent.objects.count() == AuditEvent.objects.count() == 21


def test_numbers_that_came_with_a_file_are_passed_over(cast: SimpleNamespace) -> None:
    NumberRange.objects.create(account=cast.north, first=0, last=99_999, next=0)
    for serial in range(5):
        make_parcel(cast.south, number=numbers.national("6C", serial))
    assert frank(link=cast.owner_link, by=cast.owner, order=order()).number > numbers.national("6C", 4)


def test_without_a_number_left_the_published_error_is_said(cast: SimpleNamespace, monkeypatch: Any) -> None:
    def exhausted(*args: Any, **kwargs: Any) -> None:
        raise allocation.Exhausted

    monkeypatch.setattr(allocation, "allot", exhausted)
    assert refusal_of(link=cast.owner_link, by=cast.owner) == ["40014"]


# What is called off.


def test_a_parcel_is_cancelled_until_it_is_handed_over_by_who_may_frank(cast: SimpleNamespace) -> None:
    parcel = frank(link=cast.owner_link, by=cast.owner, order=order())
    with pytest.raises(PermissionDenied):
        franking.cancel(parcel=parcel, by=cast.partner)
    assert franking.cancel(parcel=parcel, by=cast.colleague).status == "cancelled"
    with pytest.raises(ValidationError, match=r"already|déjà"):
        franking.cancel(parcel=parcel, by=cast.colleague)
    assert AuditEvent.objects.get(verb="parcel cancelled").subject == parcel.uuid
    gone = frank(link=cast.owner_link, by=cast.owner, order=order())
    TrackingEvent.objects.create(account_id=cast.north.pk, parcel=gone, code="PC1", at=timezone.now())
    with pytest.raises(ValidationError):
        franking.cancel(parcel=gone, by=cast.owner)
    assert Parcel.objects.get(pk=gone.pk).status == "accepted"


def test_a_cancelled_number_is_never_given_again(cast: SimpleNamespace) -> None:
    parcel = franking.cancel(parcel=frank(link=cast.owner_link, by=cast.owner, order=order()), by=cast.owner)
    assert frank(link=cast.owner_link, by=cast.owner, order=order()).number != parcel.number
    with pytest.raises(IntegrityError), transaction.atomic():
        make_parcel(cast.south, number=parcel.number)


def test_links_may_be_looked_up_by_whoever_calls(cast: SimpleNamespace) -> None:
    link = AccountLink.objects.of(cast.colleague).get()
    far = timezone.localdate() + timedelta(days=365)
    asked = order(deposit_date=far)
    assert label_of(frank(link=link, by=cast.colleague, order=asked)).created == far
