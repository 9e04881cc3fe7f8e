"""The roles of the demonstration: who manages whom beside the owner of its first account."""

from __future__ import annotations

from rights.actions.roles import set_role
from rights.models import AccountLink

Role = AccountLink.Role

ROLES = {"y.tanguy": Role.LOCAL, "j.lefevre": Role.MANAGER}
"""User name → role: at the warehouse of Roubaix, and for the people of customer service."""


def build(owner: AccountLink) -> None:
    """Give each of them their role, unless roles were given by somebody already."""
    links = AccountLink.objects.for_account(owner.account)
    if links.filter(role__in=AccountLink.MANAGERS).exclude(pk=owner.pk).exists():
        return
    for link in links.filter(username__in=ROLES, state=AccountLink.State.ACTIVE):
        set_role(link=link, by=owner, role=ROLES[link.username])
