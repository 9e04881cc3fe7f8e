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
from rights.actions.keys import SpentForm, change_key, end_key, make_key, rotate_key, warn_of_ends
from rights.actions.links import change, end, reactivate, suspend
from rights.actions.reach import Conflict

__all__ = [
    "Conflict",
    "DeadInvitation",
    "Difference",
    "SpentForm",
    "accept",
    "accept_as_new_person",
    "ask_again",
    "card",
    "change",
    "change_key",
    "create_standard",
    "end",
    "end_key",
    "expire_due",
    "find_by_key",
    "invite_advanced",
    "leave",
    "make_key",
    "reactivate",
    "refuse",
    "request_link",
    "resend",
    "rotate_key",
    "suspend",
    "warn_of_ends",
]
