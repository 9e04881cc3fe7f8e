"""How the carrier takes second factors away: one member of staff asks, another confirms, the person may stop it.

The same way as a forced change of owner (rights.actions.handovers), for whoever resets somebody's second factor
may sign in as them once they know the password.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from colibox.lib import outbox, trace
from users import emails
from users.actions import reset_factors
from users.models import FactorReset, User

State = FactorReset.State


def waiting_for(person: User) -> FactorReset | None:
    """The reset of this person that waits for a second member of staff, if there is one."""
    waiting = FactorReset.objects.filter(person=person, state=State.ASKED, due_at__gt=Now())
    return waiting.select_related("asked_by").first()


@transaction.atomic
def ask(*, person: User, by: User, reason: str) -> FactorReset:
    """Ask for somebody's second factors to be taken away; they are told, and may stop it."""
    _check_other(person, by)
    if not person.second_factor:
        raise ValidationError(_("%(person)s has no second factor.") % {"person": person})
    lapse_due()
    due = Now() + FactorReset.ANSWER_WITHIN
    try:
        with transaction.atomic():
            reset = FactorReset.objects.create(person=person, asked_by=by, reason=reason, due_at=due)
    except IntegrityError:
        raise ValidationError(_("A reset for this person is already waiting for confirmation.")) from None
    _record("second factor reset asked", reset, by=by, reason=reason)
    outbox.queue(emails.reset_asked, reset=reset.pk)
    return reset


@transaction.atomic
def confirm(*, reset: FactorReset, by: User) -> FactorReset:
    """Confirm what another member of staff asked: the second factors are gone, the sessions end, the person is told."""
    reset = _waiting(reset)
    _check_other(reset.person, by)
    if reset.asked_by_id == by.pk:
        raise ValidationError(_("Whoever asked cannot confirm: another member of staff must."))
    reset.confirmed_by = by
    _end(reset, State.DONE)
    reset_factors(user=reset.person)
    _record("second factor reset", reset, by=by, reason=reset.reason, asked_by=str(reset.asked_by))
    return reset


@transaction.atomic
def withdraw(*, reset: FactorReset, by: User) -> FactorReset:
    """Take back what was asked."""
    reset = _waiting(reset)
    _check_staff(by)
    _end(reset, State.WITHDRAWN)
    _record("second factor reset withdrawn", reset, by=by)
    _tell(reset, to_staff=False)
    return reset


@transaction.atomic
def stop_by_mail(*, reset: FactorReset) -> FactorReset:
    """Stop what was asked: whoever reads the person's mail may, for nobody but them can say that it was not them."""
    reset = _waiting(reset)
    _end(reset, State.OBJECTED)
    _record("second factor reset stopped by e-mail", reset, by=None)
    _tell(reset, to_staff=True)
    return reset


@transaction.atomic
def lapse_due() -> int:
    """End the resets that nobody confirmed in time; how many there were."""
    due = FactorReset.objects.select_for_update(of=("self",), skip_locked=True).select_related("person")
    late = list(due.filter(state=State.ASKED, due_at__lte=Now()))
    for reset in late:
        _end(reset, State.LAPSED)
        _record("second factor reset lapsed", reset, by=None)
        _tell(reset, to_staff=True)
    return len(late)


def _check_staff(by: User) -> None:
    if not (by.is_staff and by.is_active):
        raise ValidationError(_("Only the carrier's staff can do this."))


def _check_other(person: User, by: User) -> None:
    _check_staff(by)
    if by.pk == person.pk:
        raise ValidationError(_("A colleague does this for you: nobody resets their own second factor."))


def _waiting(reset: FactorReset) -> FactorReset:
    locked = FactorReset.objects.select_for_update(of=("self",)).select_related("person", "asked_by")
    found = locked.filter(pk=reset.pk, state=State.ASKED, due_at__gt=Now()).first()
    if found is None:
        raise ValidationError(_("This reset no longer waits for anything."))
    return found


def _end(reset: FactorReset, state: FactorReset.State) -> None:
    reset.state, reset.ended_at = state, Now()
    reset.save(update_fields=["state", "ended_at", "confirmed_by"])
    reset.refresh_from_db(fields=["ended_at"])


def _record(verb: str, reset: FactorReset, *, by: User | None, **facts: object) -> None:
    trace.record(verb, by=by, subject=reset.person.uuid, subject_name=str(reset.person), after=facts)


def _tell(reset: FactorReset, *, to_staff: bool) -> None:
    """Nothing comes of it: the person is told, and who asked where it was not a colleague who ended it."""
    for reader in {reset.person_id, reset.asked_by_id if to_staff else None} - {None}:
        outbox.queue(emails.reset_called_off, reset=reset.pk, reader=reader)
