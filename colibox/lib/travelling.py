"""What travels in a page from one of its steps to the next: as we wrote it, for one person on one account."""

from __future__ import annotations

from typing import Any

from django.core import signing

SECONDS = 3600


def sealed(told: Any, *, what: str, account: int, user: int) -> str:
    """A text that holds this, for an hour and for nobody else."""
    return signing.dumps(told, salt=_salt(what, account, user), compress=True)


def opened(text: str, *, what: str, account: int, user: int) -> Any:
    """What sealed() wrote for this person on this account less than an hour ago; None where it is anything else."""
    try:
        return signing.loads(text, salt=_salt(what, account, user), max_age=SECONDS)
    except (signing.BadSignature, ValueError):
        return None


def _salt(what: str, account: int, user: int) -> str:
    return f"{what}:{account}:{user}"
