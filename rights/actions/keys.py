"""What a person does with their connection keys: make, change, rotate, end; and how they are warned of the end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Facts
from colibox.lib import keys, outbox, tenancy
from rights.emails import links as emails
from rights.keys import keyring
from rights.keys.keyring import Range
from rights.models import AccountLink, ConnectionKey, ConnectionKeyQuerySet
from users.models import User

WARNINGS = (30, 10, 1)
"""How many days before its end the owner of a key is warned."""
OVER = 0
BATCH = 500


class SpentForm(Exception):
    """The form was sent before: its key exists, and its secret was shown."""


# Making.


def issue_first_key(user: User) -> str:
    """The key of somebody who has just finished their sign-up, who sees it on the page that says so."""
    with translation.override(user.language):
        name = _("First key")
    key, secret = _issue(user, name=name, within=Range(), expires_at=None)
    _trace("connection key issued", key, by=user, after=keyring.facts(key))
    return secret


@transaction.atomic
def make_key(*, user: User, uuid: UUID, name: str, within: Range, expires_at: datetime | None) -> str:
    """Make one more connection key and tell its owner; the key, to be shown this once.

    Raises ValidationError when there are too many, PermissionDenied to who may have none, and SpentForm when
    a key of this uuid was made before.
    """
    _lock(user)
    if not keyring.may_have_keys(user):
        raise PermissionDenied
    if ConnectionKey.objects.filter(uuid=uuid).exists():
        raise SpentForm
    _check_number(user)
    _check_links(user, within)
    key, secret = _issue(user, uuid=uuid, name=name, within=within, expires_at=expires_at)
    _trace("connection key issued", key, by=user, after=keyring.facts(key))
    outbox.queue(emails.connection_key_issued, issued=key.pk)
    return secret


@transaction.atomic
def rotate_key(*, user: User, key: ConnectionKey, overlap_days: int, expires_at: datetime | None) -> str:
    """Replace a key by a new one of the same name and range; the former one works for some days more, or for none.

    Raises ValidationError when it was replaced, ended or expired meanwhile.
    """
    _lock(user)
    former = user.connection_keys.get(pk=key.pk)
    if former.state != ConnectionKey.State.ACTIVE:
        raise ValidationError(_("This key was replaced or ended meanwhile, or it has expired."))
    if overlap_days:
        _check_number(user)
    new, secret = _issue(user, name=former.name, within=Range.of(former), expires_at=expires_at)
    until = Now() + timedelta(days=overlap_days)
    user.connection_keys.filter(pk=former.pk).update(revoked_at=until, replaced_by=new)
    _trace("connection key rotated", former, by=user, after={"by": new.public, "overlap_days": overlap_days})
    _trace("connection key issued", new, by=user, before={"replaces": former.public}, after=keyring.facts(new))
    outbox.queue(emails.connection_key_rotated, issued=new.pk, former=former.pk)
    return secret


def _lock(user: User) -> None:
    """Keep what else this person does with their keys waiting, so that of two rotations one is refused."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _check_number(user: User) -> None:
    if user.connection_keys.live().count() >= ConnectionKey.MOST:
        raise ValidationError(_("You have 20 keys, the maximum: first end one that you no longer use."))


def _check_links(user: User, within: Range) -> None:
    """Raise ValidationError unless the links chosen are the person's own."""
    chosen = within.links or ()
    if AccountLink.objects.taken_by(user).filter(pk__in=chosen).count() != len(chosen):
        raise ValidationError(_("One of these accounts is no longer yours: choose again."))


def _issue(
    user: User, *, name: str, within: Range, expires_at: datetime | None, uuid: UUID | None = None
) -> tuple[ConnectionKey, str]:
    """Write a live key; the secret itself is stored nowhere. A warning that would come at once is left out."""
    public, secret = keys.new_connection_key()
    key = ConnectionKey.objects.create(
        **({"uuid": uuid} if uuid else {}),
        user=user,
        name=name,
        public=public,
        last_four=secret[-4:],
        fingerprint=keys.fingerprint(secret),
        expires_at=expires_at,
        warned_days=due(expires_at, timezone.now()) if expires_at else None,
        **within.columns(),
    )
    return key, secret


# Changing and ending.


@transaction.atomic
def change_key(*, user: User, key: ConnectionKey, name: str, within: Range) -> bool:
    """Rename a live key or give it another range; whether anything changed. A rotated key keeps its end."""
    _lock(user)
    current = _live(user, key)
    _check_links(user, within)
    before = keyring.facts(current)
    for column, value in {"name": name, **within.columns()}.items():
        setattr(current, column, value)
    after = keyring.facts(current)
    if after == before:
        return False
    current.save(update_fields=["name", "links", "rights", "networks"])
    changed = [fact for fact in after if after[fact] != before[fact]]
    was, becomes = ({fact: facts[fact] for fact in changed} for facts in (before, after))
    _trace("connection key changed", current, by=user, before=was, after=becomes)
    outbox.queue(emails.connection_key_changed, issued=current.pk)
    return True


@transaction.atomic
def end_key(*, user: User, key: ConnectionKey) -> None:
    """End a key at once; raises ValidationError when it no longer works anyway."""
    _lock(user)
    current = _live(user, key)
    user.connection_keys.filter(pk=current.pk).update(revoked_at=Now())
    _trace("connection key ended", current, by=user)
    outbox.queue(emails.connection_key_ended, issued=current.pk)


def _live(user: User, key: ConnectionKey) -> ConnectionKey:
    """The key as it is now, if it still opens anything."""
    current = user.connection_keys.get(pk=key.pk)
    if not current.is_live:
        raise ValidationError(_("This key no longer works: there is nothing to change."))
    return current


def _trace(
    verb: str, key: ConnectionKey, *, by: User | None, before: Facts | None = None, after: Facts | None = None
) -> None:
    audit.record(verb, by=by, subject=key.uuid, subject_name=f"{key.name} {key}", before=before, after=after)


# Warning.


def due(expires_at: datetime, now: datetime) -> int | None:
    """Which warning a key of this end is due: 30, 10 or 1 day before, 0 once it is over; None before all of them."""
    if expires_at <= now:
        return OVER
    return min((days for days in WARNINGS if expires_at <= now + timedelta(days=days)), default=None)


def warn_of_ends() -> int:
    """Tell the owners of keys that end soon or have ended, each of each step once; how many mails."""
    told = 0
    while batch := _warn_some():
        told += batch
    return told


@transaction.atomic
def _warn_some() -> int:
    """One batch, with its mails, in one transaction: what is run twice finds the steps of the first run taken."""
    with tenancy.everything():
        waiting = _unwarned().select_for_update(skip_locked=True, no_key=True)
        found = list(waiting.order_by("expires_at").at_call()[:BATCH])
        for key in found:
            assert key.expires_at
            key.warned_days = due(key.expires_at, key.asked_at)
        ConnectionKey.objects.bulk_update(found, ["warned_days"])
        outbox.queue_many(_warnings(found))
        for key in found:
            if key.warned_days == OVER:
                _trace("connection key expired", key, by=None)
    return len(found)


def _unwarned() -> ConnectionKeyQuerySet:
    """The keys whose next step has come, by the database's clock. Who replaced a key knows its end already."""
    steps = Q()
    for days in (*WARNINGS, OVER):
        not_told = Q(warned_days=None) | Q(warned_days__gt=days)
        steps |= not_told & Q(expires_at__lte=Now() + timedelta(days=days))
    return ConnectionKey.objects.filter(steps, revoked_at=None, expires_at__isnull=False)


def _warnings(found: Iterable[ConnectionKey]) -> Iterable[outbox.Mail]:
    for key in found:
        yield outbox.draft(
            emails.connection_key_ends,
            key=f"connection key {key.pk} ends {key.warned_days}",
            issued=key.pk,
            days=key.warned_days,
        )
