"""Made-up parcels of the demonstration's accounts, with all that happened to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate, islice
from random import Random
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from accounts.models import CustomerAccount
from colibox.lib import database, tenancy
from rights.access import rights_of
from rights.demo import people as demo
from rights.models import AccountLink
from tracking import events, numbers, places, products
from tracking.actions.franking import sender_of
from tracking.demo import words
from tracking.demo.stories import Happening, Journey, Site, hub, tell
from tracking.labels import Address, Label
from tracking.models import Parcel, PickupPoint, TrackingEvent
from tracking.places import Town

PARIS = ZoneInfo("Europe/Paris")
BATCH = 2500
DAYS = 60
FIRST_SERIAL, FIRST_INTERNATIONAL = 9_900_000_000, 99_000_000
"""At the end of what number ranges are dealt from, where they will not come for years."""

SHARES = {"900138": 44, "850061": 25, "330879": 14, "690033": 9, "770512": 6, "910244": 2}
"""Parcels of each account in a hundred."""
PRODUCTS = {"DOM": 46, "DOS": 17, "HD": 24, "COM": 3, "CDS": 2, "COLI": 5, "CORE": 3}
FRANK = frozenset({"coliship", "shipping_ws"})
PARCEL = (
    "id", "account_id", "number", "product", "reference", "is_pass", "addressee", "postcode", "town", "country",
    "weight", "tag", "user_key", "pickup_point", "franked_by_id", "franked_by_name", "created_at", "cancelled_at",
    "event", "event_at", "place", "delivered_at", "label",
)  # fmt: skip
EVENT = ("account_id", "parcel_id", "code", "at", "place", "postcode", "country")


class Franker(NamedTuple):
    """Somebody who may frank for an account."""

    pk: int
    name: str
    user_key: str


@dataclass(frozen=True)
class Shipper:
    """An account that sends parcels, and the people who have to do with them."""

    account: CustomerAccount
    town: Town
    frankers: list[Franker]
    user_keys: list[str]

    @property
    def site(self) -> Site:
        """Where its parcels begin."""
        return Site(self.town.routing, self.town.postcode)


class Target(NamedTuple):
    """Where a parcel goes, and to whom."""

    addressee: str
    site: Site
    kind: str
    pickup_point: str = ""


class Maker:
    """Makes the parcels of a batch, always the same for the same seed, batch and time."""

    def __init__(self, seed: str, now: datetime) -> None:
        self.seed, self.now = seed, now.astimezone(PARIS)
        self.shippers = _shippers()
        self.points = list(PickupPoint.objects.filter(active=True).values_list("identifier", "postcode", "town"))
        self.days = list(accumulate(_weight_of_day(self.now - timedelta(days=ago)) for ago in range(DAYS)))

    def batch(self, number: int) -> Iterator[tuple[dict[str, Any], list[Happening]]]:
        """The parcels of one batch, each with its events."""
        chance = Random(f"{self.seed} {number}")  # noqa: S311
        towns = iter(places.sample(chance, BATCH))
        shares = [SHARES[shipper.account.number] for shipper in self.shippers]
        senders = chance.choices(self.shippers, shares, k=BATCH)
        codes = chance.choices(list(PRODUCTS), list(PRODUCTS.values()), k=BATCH)
        for n, (shipper, code) in enumerate(zip(senders, codes, strict=True), number * BATCH):
            code = "DOM" if code == "HD" and not self.points else code
            yield self._parcel(n, shipper, products.BY_CODE[code], next(towns), chance)

    def _parcel(
        self, n: int, shipper: Shipper, product: products.Product, town: Town, chance: Random
    ) -> tuple[dict[str, Any], list[Happening]]:
        target = self._target(shipper, product, town, chance)
        created = self._created(chance)
        story = tell(_journey(shipper, product, town, target), created, chance, self.now)
        by = chance.choice(shipper.frankers) if shipper.frankers and chance.random() < 0.35 else None
        key = chance.choice(shipper.user_keys) if shipper.user_keys and chance.random() < 0.12 else ""
        parcel = {
            "account_id": shipper.account.pk, "number": _number(product, n), "product": product.code,
            "reference": _reference(n, chance), "is_pass": chance.random() < 0.08, "addressee": target.addressee,
            "postcode": target.site.postcode, "town": target.site.place, "country": target.site.country,
            "weight": min(int(chance.lognormvariate(7, 0.8)) + 50, products.HEAVIEST),
            "tag": _tag(target.site.postcode, chance), "user_key": by.user_key if by and by.user_key else key,
            "pickup_point": target.pickup_point, "franked_by_id": by.pk if by else None,
            "franked_by_name": by.name if by else "", "created_at": created, **self._state(story, chance),
        }  # fmt: skip
        announced = by and story[-1].code == "DR1"
        parcel["label"] = _label(parcel, shipper.account, product, chance) if announced else None
        return parcel, story

    def _target(self, shipper: Shipper, product: products.Product, town: Town, chance: Random) -> Target:
        person = f"{chance.choice(words.FIRST)} {chance.choice(words.LAST)}"
        if product.return_label:
            return Target(shipper.account.company, shipper.site, "home")
        if product.pickup:
            identifier, postcode, name = chance.choice(self.points)
            return Target(person, Site(name, postcode), "pickup", identifier)
        if product.code == "COLI":
            country, place, postcode, free = chance.choice(words.ABROAD)
            return Target(person, Site(place, postcode, country), "abroad" if free else "customs")
        if product.countries == products.OVERSEAS:
            island = chance.choice(_islands())
            return Target(person, Site(island.routing, island.postcode, island.country), "overseas")
        if chance.random() < 0.12:
            person = f"{chance.choice(words.COMPANIES)} {chance.choice(words.LAST)}"
        return Target(person, Site(town.routing, town.postcode), "home")

    def _created(self, chance: Random) -> datetime:
        """Within the last days, in the hours in which people work."""
        (ago,) = chance.choices(range(DAYS), cum_weights=self.days)
        minutes = min(max(chance.gauss(13 * 60, 150), 7 * 60), 19 * 60)
        at = (self.now - timedelta(days=ago)).replace(hour=0, minute=0, second=0, microsecond=0)
        at += timedelta(minutes=int(minutes), seconds=chance.randrange(60))
        return at if at < self.now else at - timedelta(days=1)

    def _state(self, story: list[Happening], chance: Random) -> dict[str, Any]:
        """What the latest event says of the parcel, as the database would keep it."""
        code, at, site = story[-1]
        called_off = at + timedelta(hours=1)
        cancelled = code == "DR1" and called_off < self.now and chance.random() < 0.1
        return {
            "event": code, "event_at": at, "place": site.place, "cancelled_at": called_off if cancelled else None,
            "delivered_at": at if events.BY_CODE[code].step == 5 else None,
        }  # fmt: skip


def build(count: int, progress: Callable[[int], None]) -> int:
    """Bring the made-up parcels to so many; how many were added. Each batch is whole or not there."""
    with transaction.atomic(), tenancy.everything():
        maker = Maker(words.SEED, timezone.now())
    added = 0
    for number in range(-(-count // BATCH)):
        made = list(islice(maker.batch(number), count - number * BATCH))
        with transaction.atomic(), tenancy.everything():
            added += _write(made)
        progress(number * BATCH + len(made))
    return added


def _write(made: list[tuple[dict[str, Any], list[Happening]]]) -> int:
    """Write those that are not there; how many."""
    there = set(
        Parcel.objects.filter(number__in=[parcel["number"] for parcel, _ in made]).values_list("number", flat=True)
    )
    new = [(parcel, story) for parcel, story in made if parcel["number"] not in there]
    keys = database.reserve(Parcel, len(new))
    rows = [{"id": pk, **parcel} for pk, (parcel, _) in zip(keys, new, strict=True)]
    database.insert(Parcel, PARCEL, [[row[column] for column in PARCEL] for row in rows])
    database.insert(
        TrackingEvent, EVENT,
        [
            (row["account_id"], row["id"], code, at, *site)
            for row, (_, story) in zip(rows, new, strict=True)
            for code, at, site in story
        ],
    )  # fmt: skip
    return len(new)


def _shippers() -> list[Shipper]:
    """The accounts of the demonstration with its own people, not with the crowds that were made up."""
    towns = {company.number: places.find(company.postcode, company.town) for company in demo.COMPANIES}
    accounts = CustomerAccount.objects.filter(number__in=SHARES).order_by("number")
    return [_shipper(account, town) for account in accounts if (town := towns[account.number])]


def _shipper(account: CustomerAccount, town: Town) -> Shipper:
    own = {row[0] for row in (*demo.STANDARD, *demo.ADVANCED)}
    links = list(AccountLink.objects.active().filter(account=account, username__in=own).select_related("user"))
    rights = rights_of(links)
    people = sorted((link.user.username, link.user, rights[link.pk]) for link in links if link.user)
    frankers = [Franker(user.pk, user.full_name, user.user_key or "") for _, user, held in people if held & FRANK]
    return Shipper(account, town, frankers, [user.user_key for _, user, _ in people if user.user_key])


def _weight_of_day(day: datetime) -> float:
    """Parcels follow the week, and there are a little more of them of late."""
    return (1.0, 1.1, 1.0, 1.0, 0.9, 0.3, 0.1)[day.weekday()]


def _number(product: products.Product, n: int) -> str:
    if product.international:
        return numbers.international(product.prefix, FIRST_INTERNATIONAL + n % 1_000_000)
    return numbers.national(product.prefix, FIRST_SERIAL + n)


def _label(
    parcel: dict[str, Any], account: CustomerAccount, product: products.Product, chance: Random
) -> dict[str, Any]:
    """What is printed on a parcel that somebody franked and that is still to be handed over."""
    first_name, _, last_name = parcel["addressee"].partition(" ")
    street = f"{chance.randrange(1, 120)} {chance.choice(words.WAYS)} {chance.choice(words.NAMES)}"
    addressee = Address(
        first_name=first_name, last_name=last_name, line2=street,
        postcode=parcel["postcode"], town=parcel["town"], country=parcel["country"],
    )  # fmt: skip
    with override("fr"):
        name = str(product.label)
    return Label(
        number=parcel["number"], product=product.code, product_label=name, account=account.number,
        sender=sender_of(account), addressee=addressee, weight=parcel["weight"], created=parcel["created_at"].date(),
        reference=parcel["reference"], pickup_id=parcel["pickup_point"], tag=parcel["tag"],
        signature=product.signature, return_label=product.return_label,
    ).as_dict()  # fmt: skip


def _reference(n: int, chance: Random) -> str:
    return chance.choice((f"CMD-{26_000 + n}", f"FA{n:07}", f"WEB/{n:06}", ""))


def _tag(postcode: str, chance: Random) -> str:
    """The agency of the region, on half of the parcels."""
    if not postcode[:2].isdigit() or chance.random() < 0.5:
        return ""
    return demo.TAGS[int(postcode[:2]) % len(demo.TAGS)]


def _journey(shipper: Shipper, product: products.Product, town: Town, target: Target) -> Journey:
    """A return begins where its sender lives."""
    own, there = hub(shipper.town.latitude, shipper.town.longitude), hub(town.latitude, town.longitude)
    if product.return_label:
        return Journey(Site(town.routing, town.postcode), shipper.site, there, own, target.kind)
    if target.pickup_point:
        where = places.locate(target.site.postcode, target.site.place)
        there = hub(*where) if where else there
    return Journey(
        shipper.site, target.site, own, there if target.kind in ("home", "pickup") else target.site, target.kind
    )


@lru_cache(maxsize=1)
def _islands() -> list[Town]:
    """The larger towns of the five overseas départements."""
    postcodes = ("97110", "97122", "97200", "97232", "97300", "97310", "97400", "97410", "97460", "97600")
    return [town for postcode in postcodes for town in places.towns(postcode)[:1]]
