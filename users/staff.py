"""The carrier's staff: made and ended by a command, never by a page, and with no password that somebody else knew."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from colibox.lib import outbox, trace
from users import emails
from users.actions import close_sessions
from users.models import User


@transaction.atomic
def invite_staff(*, username: str, last_name: str, first_name: str, email: str, language: str) -> User:
    """Make somebody a member of staff and mail them the link by which they choose a password.

    Raises ValidationError on what is wrong, and when the user name is taken.
    """
    person = User(
        kind=User.Kind.STAFF, is_staff=True, username=username, last_name=last_name.strip(),
        first_name=first_name.strip(), email=email, language=language,
    )  # fmt: skip
    person.set_unusable_password()
    person.full_clean(exclude=["uuid", "user_key"], validate_constraints=False)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise ValidationError({"username": _("This user name is taken.")}) from None
    _record("staff invited", person)
    outbox.queue(emails.staff_invited, user=person.pk)
    return person


@transaction.atomic
def invite_staff_again(*, person: User) -> None:
    """Mail another link to who has not chosen a password yet, or takes up the work again."""
    person.is_active, person.is_staff = True, True
    person.set_unusable_password()
    person.save(update_fields=["is_active", "is_staff", "password"])
    _record("staff invited", person)
    outbox.queue(emails.staff_invited, user=person.pk)


@transaction.atomic
def end_staff(*, person: User) -> int:
    """Let somebody be a member of staff no longer: they sign in no more; how many sessions ended."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    ended = close_sessions(user=person)
    _record("staff ended", person)
    return ended


def _record(verb: str, person: User) -> None:
    trace.record(verb, by=None, subject=person.uuid, subject_name=str(person), after={"username": person.username})
