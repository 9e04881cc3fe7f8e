"""Forms as they are filled in, and what the tests of people and invitations ask of the database."""

from __future__ import annotations

from typing import Any

from accounts.models import AuditEvent
from colibox.lib import keys
from rights.models import AccountLink, ConnectionKey
from tests.conftest import IDENTITY
from users.models import User

ADVANCED_FORM: dict[str, Any] = {
    **IDENTITY,
    "email": "nadia.benali@benali.example",
    "last_name": "Benali",
    "first_name": "Nadia",
    "phone": "02 41 74 20 88",
    "language": "fr",
    "rights": ["shipping_ws"],
    "tool": "tool_consolidated",
    "tags": "",
}
"""The form of an advanced user, filled in."""

STANDARD_FORM: dict[str, Any] = {
    **IDENTITY,
    "civility": "mme",
    "email": "elise.dubreuil@nord.example",
    "last_name": "Dubreuil",
    "first_name": "Élise",
    "phone": "02 41 74 20 88",
    "active": "1",
    "username": "e.dubreuil",
    "language": "fr",
    "rights": ["coliship", "invoices"],
}
"""The form of a standard user, filled in."""

PERSON = {key: value for key, value in IDENTITY.items() if key != "email"} | {"phone": "02 41 74 20 88"}
"""What the person invited types of themselves."""

NEW_PASSWORD = "sept-canards-traversent-la-Loire"
ANSWER = {**PERSON, "username": "n.benali", "password": NEW_PASSWORD, "language": "fr"}
"""The sign-up of an advanced user, filled in."""


def token_of(link: AccountLink) -> str:
    """The token that the newest e-mail of this invitation carries."""
    return keys.invitation_token(str(link.uuid), link.generation)


def verbs(link: AccountLink) -> list[str]:
    """What the trace says happened to a link, oldest first."""
    events = AuditEvent.objects.filter(subject=link.uuid).order_by("pk")
    return list(events.values_list("verb", flat=True))


def rights_of(link: AccountLink) -> list[str]:
    """The codes given on a link, sorted."""
    return sorted(link.grants.values_list("right", flat=True))


def new_key(user: User, **fields: Any) -> tuple[ConnectionKey, str]:
    """A key of this person and its secret."""
    public, secret = keys.new_connection_key()
    facts = {"name": "Shop", "last_four": secret[-4:], "fingerprint": keys.fingerprint(secret), **fields}
    return ConnectionKey.objects.create(user=user, public=public, **facts), secret
