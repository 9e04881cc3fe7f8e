"""How people are invited, however many: new links with their rights, and a new secret for those that exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from colibox.lib import keys, outbox, throttle
from colibox.lib.database import insert, reserve, update
from rights.actions import applying, grants
from rights.actions.applying import Chosen
from rights.actions.grants import Difference, Move
from rights.actions.spans import ALWAYS, Span
from rights.emails import links as emails
from rights.models import AccountLink

State = AccountLink.State

FIELDS = {field.name: field for field in AccountLink._meta.concrete_fields if field.name in AccountLink.IDENTITY}
BLANK = {name: str(field.get_default()) for name, field in FIELDS.items()}
"""What is kept of an identity where nothing is said."""
OWN = ("id", "uuid", "token_digest", "tags", "language", "invitee_id")
"""What each new link has of its own, besides the identity."""
PERSON = ("user_id", "username")
"""What the link of a standard user has besides, who exists before they answer."""
DAYS = ("starts_on", "ends_on")
RENEWED_AN_HOUR, SENT_AN_HOUR = 5, 20
"""How often one invitation is sent again, and how many are to one address."""


@dataclass(slots=True)
class Newcomer:
    """Somebody to invite whose rights are checked; the identity is as it is kept."""

    identity: dict[str, str]
    rights: frozenset[str]
    language: str
    tags: list[str] = field(default_factory=list)
    invitee: int | None = None
    profile: Chosen | None = None
    span: Span = ALWAYS
    kind: str = AccountLink.Kind.ADVANCED
    user_id: int | None = None
    username: str = ""
    uuid: UUID = field(init=False)
    """Drawn when the link is written, as is its text."""
    text: str = field(init=False)

    def __str__(self) -> str:
        """What the link will be called."""
        names = self.identity.get("first_name", ""), self.identity.get("last_name", "")
        return " ".join(names).strip() or self.identity["email"]

    @property
    def folded(self) -> str:
        return self.identity["email"].upper()


def invite(
    newcomers: Iterable[Newcomer], *, by: AccountLink, kind: str, priority: outbox.Mail.Priority, **same: Any
) -> list[Newcomer]:
    """Write new links with their grants, events and mails; whose address is taken on the account is left out.

    `same` are further columns. Those who were invited are returned. The order of the addresses keeps two
    acts at once from waiting for each other.
    """
    listed = sorted(newcomers, key=lambda newcomer: newcomer.folded)
    for newcomer in listed:
        newcomer.uuid = uuid4()
        newcomer.text = str(newcomer.uuid)
    numbered = dict(zip(reserve(AccountLink, len(listed)), listed, strict=True))
    said = [name for name in BLANK if any(newcomer.identity.get(name) for newcomer in listed)]
    more = [*(PERSON if kind == AccountLink.Kind.STANDARD else ())]
    more += DAYS if any(newcomer.span != ALWAYS for newcomer in listed) else ()
    rows = (_row(pk, newcomer, said, more) for pk, newcomer in numbered.items())
    columns = {"state": State.INVITED, "generation": 1, "invited_by_id": by.user_id, **hours(), **same}
    columns |= {"account_id": by.account_id, "kind": kind}
    written = insert(AccountLink, (*said, *OWN, *more), rows, skip_conflicts=True, returning=True, **columns)
    invited = {pk: numbered[pk] for pk in written}
    grants.move((Move(pk, Difference(each.rights, frozenset())) for pk, each in invited.items()), by=by)
    chosen = [(pk, each.profile) for pk, each in invited.items() if each.profile]
    applying.take(chosen)
    names = applying.names(profile.profile_id for _pk, profile in chosen)
    events = (_event(newcomer, kind, names) for newcomer in invited.values())
    audit.record_many(events, by=by.user, account_id=by.account_id)
    if columns["state"] == State.INVITED:
        _send(((each.text, pk, 1) for pk, each in invited.items()), by=by, priority=priority)
    return list(invited.values())


def _row(pk: int, newcomer: Newcomer, said: list[str], more: list[str]) -> list[Any]:
    """What is said of the identity, the values of OWN, and what more is written of these newcomers."""
    given, digest = newcomer.identity, keys.digest(keys.invitation_token(newcomer.text, 1))
    row: list[Any] = [given.get(name) or BLANK[name] for name in said]
    row += [pk, newcomer.text, digest, newcomer.tags, newcomer.language, newcomer.invitee]
    if more:
        person, span = (newcomer.user_id, newcomer.username), newcomer.span
        besides = zip((*PERSON, *DAYS), (*person, span.since, span.until), strict=True)
        row += [value for name, value in besides if name in more]
    return row


def _event(newcomer: Newcomer, kind: str, names: Mapping[int, str]) -> audit.Event:
    after = {"kind": kind, "rights": sorted(newcomer.rights), "tags": newcomer.tags}
    after |= {name: day for name, day in newcomer.span.facts.items() if day}
    if newcomer.profile:
        after |= applying.facts(newcomer.profile.profile_id, newcomer.profile.follows, names)
    return audit.Event("person invited", newcomer.text, str(newcomer), {}, after)


def renew(links: Sequence[AccountLink], *, by: AccountLink, priority: outbox.Mail.Priority, **same: Any) -> None:
    """Start the hours of locked links again under a new secret, the former one dead, and send it."""
    for link in links:
        link.state = State.INVITED
        link.generation += 1
        link.token_digest = keys.digest(keys.invitation_token(str(link.uuid), link.generation))
    rows = [(link.pk, link.generation, link.token_digest) for link in links]
    columns = {"state": State.INVITED, "invited_by_id": by.user_id, "asked_again_at": None, **hours(), **same}
    update(AccountLink, ("id", "generation", "token_digest"), rows, **columns)
    _send(((str(link.uuid), link.pk, link.generation) for link in links), by=by, priority=priority)


def check_renews(link: AccountLink) -> None:
    """Count an invitation that is sent again, alone or with many. Raises ValidationError on one too many.

    Its address is counted too: an invitation that waits may be sent to another one, and so may many to one.
    """
    address = link.email.casefold() or link.uuid
    limits = (f"resend:{link.uuid}", RENEWED_AN_HOUR), (f"resent to:{link.account_id}:{address}", SENT_AN_HOUR)
    if not all(throttle.allow(counted, limit=limit, seconds=3600) for counted, limit in limits):
        raise ValidationError(_("This invitation was sent again several times already: wait an hour."))


def hours() -> dict[str, Any]:
    """The time of an invitation, on the database's clock."""
    return {"invited_at": Now(), "expires_at": Now() + timedelta(hours=settings.INVITATION_HOURS)}


def _send(links: Iterable[tuple[str, int, int]], *, by: AccountLink, priority: outbox.Mail.Priority) -> None:
    """Queue the invitations of these links, each under its secret of that generation, once."""
    letters = (
        (f"invitation:{uuid}:{generation}", uuid, {"link": pk, "generation": generation})
        for uuid, pk, generation in links
    )
    outbox.queue_each(emails.invitation, letters, account_id=by.account_id, priority=priority)
