"""What one member of staff does for a person's safety: sign them out, let them sign in nowhere, let them again."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from colibox.lib import outbox, trace
from users import emails
from users.actions import close_sessions
from users.models import User


@transaction.atomic
def sign_out(*, person: User, by: User, reason: str) -> int:
    """End the sessions of somebody whose device or password may be in other hands; how many there were."""
    person = _lock(person, by)
    ended = close_sessions(user=person)
    _done("signed out by the carrier", person, by, reason, sessions=ended)
    return ended


@transaction.atomic
def suspend(*, person: User, by: User, reason: str) -> int:
    """Let a person sign in nowhere and their keys open nothing; how many sessions ended. All is kept."""
    person = _lock(person, by)
    if not person.is_active:
        raise ValidationError(_("%(person)s signs in nowhere already.") % {"person": person})
    person.is_active, person.suspended_at = False, Now()
    person.save(update_fields=["is_active", "suspended_at"])
    ended = close_sessions(user=person)
    _done("suspended everywhere", person, by, reason, sessions=ended)
    return ended


@transaction.atomic
def resume(*, person: User, by: User, reason: str) -> None:
    """Let a person sign in again whom the carrier suspended; not a standard user whose link ended meanwhile."""
    person = _lock(person, by)
    if person.suspended_at is None:
        raise ValidationError(_("%(person)s is not suspended.") % {"person": person})
    person.suspended_at = None
    person.is_active = person.is_advanced or person.links.exclude(state="ended").exists()
    person.save(update_fields=["is_active", "suspended_at"])
    _done("resumed everywhere", person, by, reason)


def _lock(person: User, by: User) -> User:
    """The person, whom nobody changes meanwhile. Raises ValidationError for a peer, and for who is no staff."""
    if not (by.is_staff and by.is_active):
        raise ValidationError(_("Only the carrier's staff can do this."))
    if person.kind == User.Kind.STAFF:
        raise ValidationError(_("Nobody does this to another member of staff: see manage.py create_staff --end."))
    return User.objects.select_for_update(no_key=True).get(pk=person.pk)


def _done(verb: str, person: User, by: User, reason: str, **facts: int) -> None:
    told = {"username": person.username, "reason": reason, **facts}
    trace.record(verb, by=by, subject=person.uuid, subject_name=str(person), after=told)
    outbox.queue(emails.done_by_carrier, user=person.pk, what=verb, reason=reason)
