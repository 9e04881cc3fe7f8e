"""Who may do what, where: links, grants, entitlements, connection keys."""

from rights.models.administration import (
    Campaign,
    CampaignQuerySet,
    Handover,
    HandoverQuerySet,
    ReviewedLink,
    SupportVisit,
)
from rights.models.keys import ConnectionKey, ConnectionKeyQuerySet
from rights.models.links import (
    TODAY,
    AccountLink,
    AccountLinkQuerySet,
    Entitlement,
    Grant,
    GrantQuerySet,
)
from rights.models.profiles import Attachment, Profile, ProfileQuerySet

__all__ = [
    "TODAY",
    "AccountLink",
    "AccountLinkQuerySet",
    "Attachment",
    "Campaign",
    "CampaignQuerySet",
    "ConnectionKey",
    "ConnectionKeyQuerySet",
    "Entitlement",
    "Grant",
    "GrantQuerySet",
    "Handover",
    "HandoverQuerySet",
    "Profile",
    "ProfileQuerySet",
    "ReviewedLink",
    "SupportVisit",
]
