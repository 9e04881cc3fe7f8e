"""The cast: two accounts and the people on them; every test that wants somebody takes them from here."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.test import Client, override_settings
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


@pytest.fixture(autouse=True, scope="session")
def quick_settings() -> Iterator[None]:
    """Passwords are hashed at once; static files are looked up when asked for: every new client would list them all."""
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"], WHITENOISE_AUTOREFRESH=True
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_memory() -> None:
    """What is imported stays: to go through all of it again and again takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    cache.clear()
    yield


def make_account(number: str, company: str, *, rights: list[str] | None = None) -> CustomerAccount:
    """An account that holds all the rights there are, or those named; all delegable."""
    account = CustomerAccount.objects.create(number=number, company=company, email=f"{number}@client.example")
    entitle(account, rights=rights)
    return account


def entitle(*accounts: CustomerAccount, rights: list[str] | None = None) -> None:
    """Let accounts hold all the rights there are, or those named."""
    codes = [right.code for right in catalogue.RIGHTS] if rights is None else rights
    Entitlement.objects.bulk_create(Entitlement(account=account, right=code) for account in accounts for code in codes)


def new_person(username: str, *, kind: str = "advanced", **fields: Any) -> User:
    """Somebody who is not saved yet."""
    identity = {**IDENTITY, "email": f"{username}@example.com", "last_name": username.title(), **fields}
    key = keys.new_user_key() if kind == "advanced" else None
    identity["email"] = User.objects.normalize_email(identity["email"])
    password = make_password(PASSWORD)
    return User(username=username, password=password, kind=kind, user_key=key, is_staff=kind == "staff", **identity)


def make_person(username: str, *, kind: str = "advanced", **fields: Any) -> User:
    """A person who can sign in with PASSWORD; a standard one needs a link in the same transaction."""
    person = new_person(username, kind=kind, **fields)
    person.save()
    return person


def new_link(account: CustomerAccount, user: User, **fields: Any) -> AccountLink:
    """An accepted, active link that is not saved yet."""
    return AccountLink(
        **{
            "account": account, "user": user, "kind": user.kind, "username": user.username,
            "state": "active", "accepted_at": timezone.now(), **user.identity(), **fields,
        }
    )  # fmt: skip


def grants(link: AccountLink, rights: list[str]) -> list[Grant]:
    """Rights that a link is to have, not saved yet."""
    return [
        Grant(
            account=link.account,
            link=link,
            right=code,
            choice=catalogue.BY_CODE[code].choice,
            given_by_name="ADMIN",
        )
        for code in rights
    ]


def make_link(account: CustomerAccount, user: User, *, rights: list[str] | None = None, **fields: Any) -> AccountLink:
    """An accepted, active link with these rights."""
    link = new_link(account, user, **fields)
    link.save()
    Grant.objects.bulk_create(grants(link, rights or []))
    return link


@contextmanager
def played() -> Iterator[SimpleNamespace]:
    """Everybody, with every account in reach of the queries within; written in five statements, as most tests ask.

    `north` 900138: `owner` (its administrator), `colleague` (standard, few rights), `partner` (advanced, also
    on `south`). `south` 850061: `stranger` (its administrator), who must see nothing of north.
    """
    with tenancy.everything():
        north = CustomerAccount(number="900138", company="Comptoir du Nord", email="900138@client.example")
        south = CustomerAccount(number="850061", company="Sud Expéditions", email="850061@client.example")
        CustomerAccount.objects.bulk_create([north, south])
        entitle(north, south)
        people = SimpleNamespace(
            owner=new_person("900138", kind="standard", last_name="ADMIN", first_name="900138"),
            stranger=new_person("850061", kind="standard", last_name="ZZB-ADMIN", first_name="850061"),
            colleague=new_person("c.martin", kind="standard", last_name="Martin", first_name="Claire"),
            partner=new_person("a.berlioz", last_name="Berlioz", first_name="Aline"),
        )
        User.objects.bulk_create(vars(people).values())
        links = SimpleNamespace(
            owner_link=new_link(north, people.owner, role="owner"),
            stranger_link=new_link(south, people.stranger, role="owner"),
            colleague_link=new_link(north, people.colleague),
            partner_link=new_link(north, people.partner, tags=["LYON"]),
            partner_south_link=new_link(south, people.partner),
        )
        AccountLink.objects.bulk_create(vars(links).values())
        Grant.objects.bulk_create([
            *grants(links.colleague_link, ["coliship", "invoices"]),
            *grants(links.partner_link, ["tool_tag", "shipping_ws"]),
            *grants(links.partner_south_link, ["tool_service_consolidated"]),
        ])  # fmt: skip
        yield SimpleNamespace(north=north, south=south, **vars(people), **vars(links))


@pytest.fixture
def cast(db: None) -> Iterator[SimpleNamespace]:
    """Everybody who is `played`."""
    with played() as everybody:
        yield everybody


@pytest.fixture
def tiers(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, and those who manage people of north beside its owner."""
    return with_tiers(cast)


def with_tiers(cast: SimpleNamespace) -> SimpleNamespace:
    """Add `administrator` (everything), `local` (whoever bears LYON, as `partner`), `manager` (people, not rights)."""
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
