"""The cast: two accounts and the people on them; every test that wants somebody takes them from here."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import CustomerAccount
from colibox.lib import keys, tenancy
from rights import catalogue
from rights.models import AccountLink, Entitlement, Grant
from users.models import User

PASSWORD = "lune-bleue-sur-la-colline"

IDENTITY: dict[str, str] = {
    "last_name": "Berlioz",
    "first_name": "Aline",
    "function": "Responsable logistique",
    "phone": "+33241742088",
    "email": "aline.berlioz@agence-oct.example",
    "address_1": "12 rue du Port",
    "postcode": "44000",
    "town": "Nantes",
    "country": "FR",
}
"""A person as a form or an action takes them."""


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def quick_clients(settings: Any) -> None:
    """Static files are looked up when they are asked for: every new client would list all there are."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield


def make_account(number: str, company: str, *, rights: list[str] | None = None) -> CustomerAccount:
    """An account that holds all the rights there are, or those named; all delegable."""
    account = CustomerAccount.objects.create(number=number, company=company, email=f"{number}@client.example")
    codes = [right.code for right in catalogue.RIGHTS] if rights is None else rights
    Entitlement.objects.bulk_create(Entitlement(account=account, right=code) for code in codes)
    return account


def make_person(username: str, *, kind: str = "advanced", **fields: Any) -> User:
    """A person who can sign in with PASSWORD; a standard one needs a link in the same transaction."""
    identity = {**IDENTITY, "email": f"{username}@example.com", "last_name": username.title(), **fields}
    key = keys.new_user_key() if kind == "advanced" else None
    return User.objects.create_user(
        username=username, password=PASSWORD, kind=kind, user_key=key, is_staff=kind == "staff", **identity
    )


def make_link(account: CustomerAccount, user: User, *, rights: list[str] | None = None, **fields: Any) -> AccountLink:
    """An accepted, active link with these rights."""

    link = AccountLink.objects.create(
        **{
            "account": account, "user": user, "kind": user.kind, "username": user.username,
            "state": "active", "accepted_at": timezone.now(), **user.identity(), **fields,
        }
    )  # fmt: skip
    Grant.objects.bulk_create(
        Grant(
            account=account,
            link=link,
            right=code,
            choice=catalogue.BY_CODE[code].choice,
            given_by_name="ADMIN",
        )
        for code in rights or []
    )
    return link


@pytest.fixture
def cast(db: None) -> Iterator[SimpleNamespace]:
    """Everybody, with every account in reach of the test's own queries.

    `north` 900138: `owner` (its administrator), `colleague` (standard, few rights), `partner` (advanced, also
    on `south`). `south` 850061: `stranger` (its administrator), who must see nothing of north.
    """
    with tenancy.everything():
        north = make_account("900138", "Comptoir du Nord")
        south = make_account("850061", "Sud Expéditions")
        people = SimpleNamespace(north=north, south=south)
        people.owner = make_person("900138", kind="standard", last_name="ADMIN", first_name="900138")
        people.owner_link = make_link(north, people.owner, role="owner")
        people.stranger = make_person("850061", kind="standard", last_name="ZZB-ADMIN", first_name="850061")
        people.stranger_link = make_link(south, people.stranger, role="owner")
        people.colleague = make_person("c.martin", kind="standard", last_name="Martin", first_name="Claire")
        people.colleague_link = make_link(north, people.colleague, rights=["coliship", "invoices"])
        people.partner = make_person("a.berlioz", last_name="Berlioz", first_name="Aline")
        people.partner_link = make_link(
            north, people.partner, rights=["tool_tag", "shipping_ws"], tags=["LYON"]
        )  # fmt: skip
        people.partner_south_link = make_link(south, people.partner, rights=["tool_service_consolidated"])
        yield people


@pytest.fixture
def tiers(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, and those who manage people of north beside its owner.

    `administrator` (everything), `local` (the people who bear LYON, which `partner` does), `manager` (people,
    not rights).
    """
    for name, fields in {
        "administrator": {},
        "local": {"tags": ["LYON"], "rights": ["invoices"]},
        "manager": {},
    }.items():
        person = make_person(f"x.{name}", last_name=name.title(), first_name="X")
        setattr(cast, name, person)
        setattr(cast, f"{name}_link", make_link(cast.north, person, role=name, **fields))
    return cast


@pytest.fixture
def sign_in(client: Client) -> Any:
    """A client signed in as this person, without the page."""

    def sign(person: User) -> Client:
        client.force_login(person)
        return client

    return sign
