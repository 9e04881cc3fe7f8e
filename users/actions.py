"""The sentences that change a person: their own data, e-mail, keys, password, second factors and sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from colibox.lib import keys, outbox, sealed, throttle, trace
from colibox.lib.sessions import last_use
from users import emails
from users.factors import Factors
from users.models import User

TAKEN_AN_HOUR = 20
"""User names that are somebody else's one may try."""
SHOWN_SESSIONS = 100
RESETS_AN_HOUR = 5
"""Links that one pair of user name and e-mail is sent; a wrong pair uses up nobody's."""


def _record(verb: str, user: User, **facts: object) -> None:
    trace.record(verb, by=user, subject=user.uuid, subject_name=str(user), **facts)


def _lock(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


@transaction.atomic
def change_profile(*, user: User, identity: dict[str, str], language: str) -> None:
    """Write what a person says of themselves; the database copies it to their links."""
    person = _lock(user)
    before = {**person.identity(), "language": person.language}
    after = {**identity, "language": language}
    changed = [name for name, value in after.items() if value != before[name]]
    if not changed:
        return
    for name in changed:
        setattr(person, name, after[name])
    person.save(update_fields=changed)
    _record(
        "profile changed",
        person,
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )


@transaction.atomic
def set_language(*, user: User, language: str) -> None:
    """Speak this language to a person, on the pages and in the e-mails."""
    User.objects.filter(pk=user.pk).update(language=language)


@transaction.atomic
def set_keyboard_shortcuts(*, user: User, on: bool) -> None:
    """Let keys of one letter act on a person's pages, in every session, or not."""
    User.objects.filter(pk=user.pk).update(keyboard_shortcuts=on)


@transaction.atomic
def renew_user_key(*, user: User) -> str:
    """Replace a user key and tell its owner: the former no longer finds anybody, its links stay; the new one."""
    person = _lock(user)
    if not person.is_advanced:
        raise ValueError("Only advanced users have a user key.")
    person.user_key = keys.new_user_key()
    person.save(update_fields=["user_key"])
    _record("user key renewed", person)
    outbox.queue(emails.user_key_renewed, user=person.pk)
    return person.user_key


@contextmanager
def choosing_username(*, asker: object) -> Iterator[None]:
    """Within, somebody gets the user name that was typed. Raises ValidationError on `username` when it is another's.

    That it is tells that somebody has it: whoever asks often is told nothing more, of any name, for an hour.
    """
    counted = f"username:{asker}"
    if not throttle.allow(counted, limit=TAKEN_AN_HOUR, seconds=3600):
        raise ValidationError({"username": _("Too many user names were tried. Wait an hour, then try another one.")})
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise ValidationError(
            {"username": _("This user name is taken. Try another one, for example c.martin2.")}
        ) from None
    throttle.give_back(counted, seconds=3600)


def ask_email_change(*, user: User, email: str) -> None:
    """Mail a link to the address that is to become a person's own; whether it can be is looked up later."""
    outbox.queue(emails.confirm_email, user=user.pk, address=email)


@transaction.atomic
def change_email(*, user: User, former: str, email: str) -> None:
    """Take the confirmed address and tell the former one. Raises ValidationError when it cannot be taken."""
    person = _lock(user)
    if person.email != former:
        raise ValidationError(_("Your e-mail has changed since this link was sent."))
    person.email = email
    try:
        with transaction.atomic():
            person.save(update_fields=["email"])
    except IntegrityError:
        raise ValidationError(_("This address already serves another person on the portal.")) from None
    _record("e-mail changed", person, before={"email": former}, after={"email": email})
    outbox.queue(emails.email_changed, user=person.pk, former=former)


def ask_password_reset(*, username: str, email: str) -> None:
    """Queue the link to choose a new password, for whoever has this user name and this e-mail.

    The request does the same work whoever they are, so that neither its answer nor its time tells: a mail
    to nobody is queued too, and dropped by the worker. Somebody who never finished their sign-up has no
    password to forget: their invitation lets them choose one.
    """
    pair = keys.digest(f"{username} {email}".upper())  # as the database compares them
    if not throttle.allow(f"reset:{pair}", limit=RESETS_AN_HOUR, seconds=3600):
        return
    person = User.objects.with_username(username).filter(is_active=True).first()
    known = person is not None and person.email.casefold() == email.casefold() and person.has_usable_password()
    outbox.queue(emails.password_reset, user=person.pk if person and known else 0)


def send_password_link(*, user: User, by: str, account: str, company: str) -> None:
    """Queue the link to choose another password, asked for by who manages somebody's access: it says who and where."""
    outbox.queue(emails.password_link, user=user.pk, by=by, account=account, company=company)


@transaction.atomic
def set_password(*, user: User, password: str, keep: str | None) -> None:
    """Write a password and end the person's sessions but the one to keep."""
    user.set_password(password)
    user.save(update_fields=["password"])
    _close(UserSession.objects.filter(user=user).exclude(session_key=keep or ""))
    _record("password changed", user)


# Second factors.

FACTOR_VERBS = {
    "app_added": "second factor added",
    "app_removed": "second factor removed",
    "passkey_added": "second factor added",
    "passkey_renamed": "passkey renamed",
    "passkey_removed": "second factor removed",
    "codes_renewed": "recovery codes renewed",
}
"""What the trace calls each change that is mailed."""


@transaction.atomic
def factors_changed(*, user: User, before: Factors, after: Factors, keep: str | None) -> None:
    """Trace and mail what somebody just added or removed; the first one ends the sessions opened without it."""
    if after.any and not before.any:
        _close(UserSession.objects.filter(user=user).exclude(session_key=keep or ""))
    for change, name in _factor_changes(before, after):
        _record(FACTOR_VERBS[change], user, after={"what": change.partition("_")[0], "name": name})
        outbox.queue(emails.factor_changed, user=user.pk, change=change, name=name)


def _factor_changes(before: Factors, after: Factors) -> list[tuple[str, str]]:
    """What changed, each with the name of the passkey; codes that come or go with a factor are not told apart."""
    was, now = ({key.pk: key.data["name"] for key in each.passkeys} for each in (before, after))
    changes = [("passkey_added", name) for pk, name in now.items() if pk not in was]
    changes += [("passkey_removed", name) for pk, name in was.items() if pk not in now]
    changes += [("passkey_renamed", name) for pk, name in now.items() if was.get(pk, name) != name]
    if bool(before.app) != bool(after.app):
        changes.append(("app_added" if after.app else "app_removed", ""))
    if before.codes and after.codes and before.codes.pk != after.codes.pk:
        changes.append(("codes_renewed", ""))
    return changes


@transaction.atomic
def recovery_code_used(*, user: User, left: int) -> None:
    """Trace and mail that a recovery code served, and how many are left."""
    _record("recovery code used", user, after={"left": left})
    outbox.queue(emails.recovery_code_used, user=user.pk, left=left)


def second_step_refused(*, user: User) -> None:
    """Trace that the password was right and the code was not; what was typed is not kept."""
    trace.record("second step refused", by=None, subject=user.uuid, subject_name=str(user))


@transaction.atomic
def reset_factors(*, user: User, by_name: str = "") -> bool:
    """Take somebody's second factors away, end their sessions and tell them; whether they had any.

    Who may do so, and its trace, are the caller's; it was customer service when no name is given.
    """
    _lock(user)
    had, _rows = Authenticator.objects.filter(user=user).delete()
    if had:
        close_sessions(user=user)
        outbox.queue(emails.factors_reset, user=user.pk, by=by_name)
    return bool(had)


@transaction.atomic
def reseal_factors() -> tuple[int, int]:
    """Seal the secrets of all second factors under the present key: how many were, and how many nobody can read."""
    resealed, lost = 0, 0
    for factor in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).select_for_update().iterator():
        try:
            for name in {"secret", "seed"} & set(factor.data):
                factor.data[name] = sealed.reseal(factor.data[name])
        except sealed.Unreadable:
            lost += 1
        else:
            factor.save(update_fields=["data"])
            resealed += 1
    return resealed, lost


# Sessions.


@dataclass(frozen=True)
class OpenSession:
    """A session that is still open, with when and from where it last served."""

    session: UserSession
    seen_at: datetime
    ip: str


def live_sessions(user: User) -> list[OpenSession]:
    """The sessions of a person that are still open, the last used first; of very many the latest."""
    sessions = UserSession.objects.filter(user=user).order_by("-created_at", "-pk")[:SHOWN_SESSIONS]
    kept = Session.objects.in_bulk([session.session_key for session in sessions])
    now = timezone.now()
    alive = [each for each in sessions if each.session_key in kept and kept[each.session_key].expire_date > now]
    served = [_served(session, kept[session.session_key]) for session in alive]
    return sorted(served, key=lambda each: each.seen_at, reverse=True)


def _served(session: UserSession, kept: Session) -> OpenSession:
    seen, ip = last_use(kept)
    return OpenSession(session, seen or session.created_at, ip or session.ip)


@transaction.atomic
def forget_sessions() -> int:
    """Delete those that are over by the database's clock; how many there were."""
    return Session.objects.filter(expire_date__lte=Now()).delete()[0]


@transaction.atomic
def end_sessions(*, user: User, sessions: list[UserSession]) -> int:
    """Close sessions of a person: their next request is a stranger's; how many there were."""
    ended = _close(UserSession.objects.filter(user=user, pk__in=[session.pk for session in sessions]))
    if ended:
        _record("sessions ended", user, after={"sessions": ended})
    return ended


@transaction.atomic
def end_other_sessions(*, user: User, keep: str) -> int:
    """Close all the sessions of a person but one, however many; how many there were."""
    ended = _close(UserSession.objects.filter(user=user).exclude(session_key=keep))
    if ended:
        _record("sessions ended", user, after={"sessions": ended})
    return ended


def close_sessions(*, user: User) -> int:
    """Close all the sessions of a person, for a caller that traces why; how many there were."""
    return _close(UserSession.objects.filter(user=user))


def _close(sessions: QuerySet[UserSession]) -> int:
    closed = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=closed).delete()
    UserSession.objects.filter(session_key__in=closed).delete()
    return len(closed)
