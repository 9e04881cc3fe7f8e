"""Who may do what, where: links, grants, entitlements, connection keys."""

from rights.models.keys import ConnectionKey, ConnectionKeyQuerySet
from rights.models.links import (
    TODAY,
    AccountLink,
    AccountLinkQuerySet,
    Entitlement,
    Grant,
    GrantQuerySet,
)

__all__ = [
    "TODAY",
    "AccountLink",
    "AccountLinkQuerySet",
    "ConnectionKey",
    "ConnectionKeyQuerySet",
    "Entitlement",
    "Grant",
    "GrantQuerySet",
]
