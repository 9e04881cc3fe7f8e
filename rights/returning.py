"""Somebody who comes back to an account: the rights that they had when their link ended, which the trace kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import AuditEvent
from rights import catalogue
from rights.access import Ceiling
from rights.models import AccountLink
from users.models import User

ENDINGS = ("link removed", "link left")


@dataclass(frozen=True)
class Former:
    """What somebody held on the account until their link ended, as far as it may be given again."""

    link: AccountLink
    ended_at: datetime
    rights: list[str]

    @property
    def labels(self) -> list[str]:
        return catalogue.labels(self.rights)


def by_address(ceiling: Ceiling, email: str, kind: str = AccountLink.Kind.ADVANCED) -> Former | None:
    """What a user of this kind and address held here; None when nobody is known, or nothing may be given again.

    The address is compared with what this account knew when the link ended, and with nothing else.
    """
    return _former(ceiling, kind, email__gt="", email__iexact=email)


def by_person(ceiling: Ceiling, person: User) -> Former | None:
    """What somebody found by user key held here; None when they were never here, or nothing may be given again."""
    return _former(ceiling, AccountLink.Kind.ADVANCED, user=person)


def _former(ceiling: Ceiling, kind: str, **which: Any) -> Former | None:
    by = ceiling.link
    if not by.administers:
        return None
    links = AccountLink.objects.filter(account=by.account_id, state=AccountLink.State.ENDED, **which)
    links = links.filter(kind=kind, accepted_at__isnull=False)
    link = links.order_by("-ended_at", "-pk").first()
    if link is None or link.ended_at is None:
        return None
    events = AuditEvent.objects.filter(account_id=by.account_id, subject=link.uuid, verb__in=ENDINGS)
    last = events.order_by("-pk").first()
    held = last.before.get("rights", []) if last else []
    rights = [code for code in held if ceiling.refusal(code, kind) is None]
    return Former(link, link.ended_at, rights) if rights else None
