"""The sentences that change who may do what: each keyword-only, atomic, checked against the ceiling, traced."""

from rights.actions.answers import DeadInvitation, accept, accept_as_new_person, ask_again, leave, refuse
from rights.actions.grants import Difference
from rights.actions.invitations import (
    card,
    create_standard,
    expire_due,
    find_by_key,
    invite_advanced,
    request_link,
    resend,
)
from rights.actions.keys import renew_connection_key
from rights.actions.links import change, end, reactivate, suspend
from rights.actions.reach import Conflict

__all__ = [
    "Conflict",
    "DeadInvitation",
    "Difference",
    "accept",
    "accept_as_new_person",
    "ask_again",
    "card",
    "change",
    "create_standard",
    "end",
    "expire_due",
    "find_by_key",
    "invite_advanced",
    "leave",
    "reactivate",
    "refuse",
    "renew_connection_key",
    "request_link",
    "resend",
    "suspend",
]
