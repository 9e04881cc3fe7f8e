"""Believable French data: the accounts and people of the demonstration, and as many more as asked."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import CustomerAccount
from colibox.lib import keys, origin, tenancy
from colibox.lib.text import fold
from rights import actions, catalogue
from rights.demo import contacts as demo_contacts
from rights.demo import places as demo_places
from rights.demo import profiles as demo_profiles
from rights.demo import reviews as demo_reviews
from rights.demo import roles as demo_roles
from rights.models import AccountLink, Entitlement, Grant
from users.models import User

State, Role = AccountLink.State, AccountLink.Role


STAFF = (("operateur", "Odile", "Pérez"), ("operateur2", "Maxime", "Delorme"))


@dataclass(frozen=True)
class Company:
    """An account of the demonstration."""

    number: str
    name: str
    address: str
    postcode: str
    town: str
    lacks: tuple[str, ...] = ()


COMPANIES = (
    Company("900138", "Comptoir du Nord", "24 rue Nationale", "59800", "Lille"),
    Company("850061", "Sud Expéditions", "8 quai de Rive-Neuve", "13007", "Marseille", ("dashboard", "chat")),
    Company("910244", "Atelier Lumen", "3 place Sainte-Croix", "45000", "Orléans", ("collection",)),
    Company("770512", "Vélos Pasteur", "41 boulevard Louis-Pasteur", "35000", "Rennes"),
    Company("690033", "Maison Garance", "17 rue de la République", "69002", "Lyon", ("shipping_ws", "pickup_ws")),
    Company("330879", "Caves de l’Estuaire", "5 cours du Médoc", "33300", "Bordeaux"),
)

KEPT = ("pass_partners",)
"""Rights that no contract of the demonstration lets its account pass on."""

# (user name, civility, first name, last name, function, rights, state)
STANDARD = (
    ("c.martin", "mme", "Claire", "Martin", "Responsable d’expédition", ("coliship", "returns"), State.ACTIVE),
    ("s.boumaza", "mme", "Souad", "Boumaza", "Comptable", ("invoices", "tariffs"), State.ACTIVE),
    ("y.tanguy", "m", "Yves", "Tanguy", "Préparateur de commandes", ("coliship", "collection"), State.ACTIVE),
    ("j.lefevre", "m", "Joël", "Lefèvre", "Service après-vente", ("tracking_claims", "chat"), State.ACTIVE),
    ("t.moiret", "m", "Teddy", "Moiret", "Intérimaire", ("coliship",), State.SUSPENDED),
    ("e.dubreuil", "mme", "Élise", "Dubreuil", "Chargée de clientèle", ("tracking_claims", "dashboard"), State.INVITED),
    ("d.nguyen", "m", "Dexter", "Nguyen", "Stagiaire", ("tracking_claims",), State.EXPIRED),
)  # fmt: skip

# (user name, first name, last name, function, town, {account number: (rights, tags)})
ADVANCED: tuple[tuple[str, str, str, str, str, dict[str, tuple[tuple[str, ...], list[str]]]], ...] = (
    ("a.berlioz", "Aline", "Berlioz", "Responsable transport", "Nantes", {
        "900138": (("tool_tag", "shipping_ws", "coliship"), ["LYON", "PARIS SUD"]),
        "850061": (("tool_service_consolidated",), []),
        "910244": (("tool_consolidated", "tracking_ws"), []),
    }),
    ("l.fontaine", "Luc", "Fontaine", "Directeur logistique", "Lille", {
        company.number: (("tool_consolidated", "tracking_ws"), []) for company in COMPANIES
    }),
    ("k.leguilloux", "Kadiatou", "Le Guilloux", "Intégratrice", "Brest", {
        "900138": (("shipping_ws", "pickup_ws", "tracking_ws"), []),
    }),
    ("m.oconnor", "Maeve", "O’Connor", "Prestataire e-commerce", "Paris", {
        "900138": (("coliship", "tool_key"), []), "770512": (("coliship", "tool_key"), []),
    }),
    ("p.aznar", "Paul", "Aznar", "Service client externalisé", "Toulouse", {
        "850061": (("tool_service_consolidated",), []),
    }),
)  # fmt: skip

Invitation = tuple[str, str, str, str, tuple[str, ...], list[str]]
INVITED: tuple[Invitation, ...] = (
    ("Nadia", "Benali", "Chargée de transport", "nadia.benali@benali.example", ("tool_consolidated",), ["ROUBAIX"]),
    ("Gaël", "Le Bihan", "Développeur", "gael.lebihan@integration.example", ("shipping_ws", "tracking_ws"), []),
)  # fmt: skip
EXPIRED: tuple[Invitation, ...] = (
    ("Rémi", "Castel", "Agent d’exploitation", "remi.castel@agence-lille.example", ("tool_tag",), ["LILLE"]),
)

FIRST_NAMES = "Adèle Bruno Camille Denis Éloïse Fabrice Gaëlle Hugo Inès Jérôme Karim Léa Maxime Noémie Océane Pascal Quentin Rachida Sébastien Théo Ursule Valérie William Xavier Yasmine Zoé".split()  # noqa: E501, SIM905
LAST_NAMES = "Arnaud Blanchard Colin Dumont Étienne Faure Garnier Hubert Imbert Jacquet Klein Lambert Mercier Noël Ollivier Perrin Quéméner Renard Simon Thomas Urbain Vasseur Weber Xénakis Yvon Zimmermann".split()  # noqa: E501, SIM905
FUNCTIONS = ("Agent d’exploitation", "Chargé de transport", "Préparateur", "Service client", "Intégrateur")
TAGS = ("LILLE", "LYON", "NANTES", "PARIS SUD", "ROUBAIX", "TOULOUSE")
BATCH = 2000


@dataclass(frozen=True)
class Sign:
    """Who to sign in as, and what they are there to show."""

    username: str
    what: str


def is_empty() -> bool:
    """Whether no account exists yet."""
    with transaction.atomic(), tenancy.everything():
        return not CustomerAccount.objects.exists()


@transaction.atomic
def build(password: str) -> list[Sign]:
    """Make what is missing of the demonstration and give everybody in it this password."""
    hashed = make_password(password)
    with tenancy.everything():
        accounts = {company.number: _account(company, hashed) for company in COMPANIES}
        north = accounts["900138"]
        owner = north.links.get(role=Role.OWNER)
        _advanced_users(accounts, hashed)
        with origin.of(replace(origin.current(), channel="screen")):  # what follows, the owner does
            _standard_users(north, owner, hashed)
            _invitations(north, owner, accounts)
            demo_contacts.build(north)
            demo_profiles.build(owner)
            demo_places.build(north, owner)
            demo_roles.build(owner)
            demo_reviews.build(owner)
        _operators(hashed)
    return [
        Sign("900138", "administrator of 900138 Comptoir du Nord"),
        Sign("850061", "administrator of 850061 Sud Expéditions"),
        Sign("c.martin", "standard user of 900138"),
        Sign("a.berlioz", "advanced user on three accounts"),
        Sign("l.fontaine", f"advanced user on {len(COMPANIES)} accounts"),
        Sign("operateur", "the carrier's staff, at /operator/"),
        Sign("operateur2", "a colleague of theirs: some things take two members of staff"),
    ]


def _account(company: Company, hashed: str) -> CustomerAccount:
    account, created = CustomerAccount.objects.get_or_create(
        number=company.number,
        defaults={
            "company": company.name, "email": f"contact@{_slug(company.name)}.example",
            "address_1": company.address, "postcode": company.postcode, "town": company.town,
        },
    )  # fmt: skip
    if created:
        held = [right.code for right in catalogue.RIGHTS if right.code not in company.lacks]
        Entitlement.objects.bulk_create(
            Entitlement(account=account, right=code, delegable=code not in KEPT) for code in held
        )
        identity = {**_where(company), "last_name": "ADMIN", "first_name": company.number, "function": "Administrateur"}
        user = _person(company.number, hashed, kind="standard", email=account.email, **identity)
        _link(account, user, role=Role.OWNER)
        audit.record("demonstration made", by=None, account_id=account.pk)
    return account


def _where(company: Company) -> dict[str, str]:
    return {"address_1": company.address, "postcode": company.postcode, "town": company.town, "phone": "+33320123456"}


def _standard_users(account: CustomerAccount, owner: AccountLink, hashed: str) -> None:
    for username, civility, first_name, last_name, function, rights, state in STANDARD:
        if User.objects.with_username(username).exists():
            continue
        identity = {
            **_where(COMPANIES[0]), "civility": civility, "first_name": first_name, "last_name": last_name,
            "function": function, "country": "FR", "email": f"{username}@{_slug(account.company)}.example",
        }  # fmt: skip
        if state == State.INVITED:
            actions.create_standard(by=owner, identity=identity, username=username, rights=rights, language="fr")
            continue
        user = _person(username, hashed, kind="standard", **identity)
        if state == State.EXPIRED:
            user.set_unusable_password()
            user.last_login = None
            user.save(update_fields=["password", "last_login"])
        _link(account, user, rights=rights, state=state)


def _advanced_users(accounts: dict[str, CustomerAccount], hashed: str) -> None:
    for username, first_name, last_name, function, town, links in ADVANCED:
        if User.objects.with_username(username).exists():
            continue
        user = _person(
            username, hashed, kind="advanced", first_name=first_name, last_name=last_name, function=function,
            email=f"{_slug(first_name)}.{_slug(last_name)}@partenaire.example", phone="+33612345678",
            address_1="2 rue des Halles", postcode="44000", town=town,
        )  # fmt: skip
        for number, (rights, tags) in links.items():
            _link(accounts[number], user, rights=rights, tags=tags)


def _invitations(north: CustomerAccount, owner: AccountLink, accounts: dict[str, CustomerAccount]) -> None:
    """People on their way: invited, expired, and one who is asked to take a second account."""
    for state, rows in ((State.INVITED, INVITED), (State.EXPIRED, EXPIRED)):
        for first_name, last_name, function, email, rights, tags in rows:
            if AccountLink.objects.filter(account=north, email__iexact=email).exists():
                continue
            identity = {
                **_where(COMPANIES[0]), "first_name": first_name, "last_name": last_name, "function": function,
                "email": email, "country": "FR",
            }  # fmt: skip
            link = actions.invite_advanced(by=owner, identity=identity, rights=rights, tags=tags, language="fr")
            if state == State.EXPIRED:
                AccountLink.objects.filter(pk=link.pk).update(
                    state=state, expires_at=timezone.now() - timedelta(hours=5)
                )
    vinyl, asked = accounts["690033"], User.objects.get(username="a.berlioz")
    if not AccountLink.objects.filter(account=vinyl, invitee=asked).exists():
        actions.request_link(by=vinyl.links.get(role=Role.OWNER), person=asked, rights=["tool_consolidated"], tags=[])


def _operators(hashed: str) -> None:
    for username, first_name, last_name in STAFF:
        if not User.objects.with_username(username).exists():
            email = f"{_slug(first_name)}.{_slug(last_name)}@colibox.example"
            identity = {"first_name": first_name, "last_name": last_name, "email": email}
            _person(username, hashed, kind="staff", is_staff=True, **identity)


def _person(username: str, hashed: str, *, kind: str, **fields: Any) -> User:
    key = keys.new_user_key() if kind == "advanced" else None
    seen = timezone.now() - timedelta(hours=7 * len(username) ** 2)  # some today, some weeks ago, always the same
    return User.objects.create(
        username=username, password=hashed, kind=kind, user_key=key, last_login=seen, **fields
    )  # fmt: skip


def _link(
    account: CustomerAccount,
    user: User,
    *,
    rights: tuple[str, ...] = (),
    tags: list[str] | None = None,
    state: str = State.ACTIVE,
    role: str = Role.MEMBER,
) -> AccountLink:
    now = timezone.now()
    link = AccountLink.objects.create(
        account=account, user=user, kind=user.kind, username=user.username, role=role, state=state, tags=tags or [],
        accepted_at=None if state == State.EXPIRED else now - timedelta(days=30),
        invited_at=now - timedelta(days=31), expires_at=now - timedelta(days=29), **user.identity(),
    )  # fmt: skip
    Grant.objects.bulk_create(_grants(link, rights))
    return link


def _grants(link: AccountLink, rights: tuple[str, ...]) -> Iterator[Grant]:
    for code in rights:
        yield Grant(
            account_id=link.account_id, link=link, right=code, choice=catalogue.BY_CODE[code].choice,
            given_by_name=f"{link.account.number} ADMIN",
        )  # fmt: skip


def crowd(number: str, count: int, password: str) -> int:
    """Bring the advanced users made up on this account to `count`; how many were added."""
    hashed, chance, added = make_password(password), random.Random(number), 0  # noqa: S311
    while True:
        with transaction.atomic(), tenancy.everything():
            account = CustomerAccount.objects.get(number=number)
            have = User.objects.filter(username__startswith=f"demo.{number}.").count()
            size = min(BATCH, count - have)
            if size <= 0:
                return added
            _batch(account, have, size, hashed, chance)
            added += size


def _batch(account: CustomerAccount, first: int, size: int, hashed: str, chance: random.Random) -> None:
    users = User.objects.bulk_create(_made_up(account.number, first + n, hashed, chance) for n in range(size))
    now = timezone.now()
    links = AccountLink.objects.bulk_create(
        AccountLink(
            account=account, user=user, kind="advanced", username=user.username, state=State.ACTIVE,
            tags=chance.sample(TAGS, k=chance.choice((0, 0, 1, 2))), accepted_at=now, **user.identity(),
        )
        for user in users
    )  # fmt: skip
    choices = (("tool_key",), ("tool_consolidated", "tracking_ws"), ("coliship",), ("shipping_ws", "pickup_ws"))
    Grant.objects.bulk_create(grant for link in links for grant in _grants(link, chance.choice(choices)))


def _made_up(number: str, n: int, hashed: str, chance: random.Random) -> User:
    first_name, last_name = chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)
    return User(
        username=f"demo.{number}.{n}", password=hashed, kind="advanced", user_key=keys.new_user_key(),
        first_name=first_name, last_name=last_name, function=chance.choice(FUNCTIONS),
        email=f"{_slug(first_name)}.{_slug(last_name)}.{number}.{n}@demo.example", phone="+33612345678",
        address_1=f"{n % 90 + 1} rue des Lilas", postcode="59000", town="Lille",
        last_login=timezone.now() - timedelta(hours=chance.randrange(2000)) if n % 5 else None,
    )  # fmt: skip


def _slug(name: str) -> str:
    return fold(name).replace("’", "-").replace("'", "-").replace(" ", "-")
