"""How an account passes from one owner to another: offered and accepted, or forced by two members of staff.

Whatever happens meanwhile, an account has one owner: both roles change in one transaction, and the database
lets no second owner be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from accounts.files import File
from accounts.models import CustomerAccount, Facts
from colibox.lib import outbox, tenancy
from colibox.lib.trace import SHORTEST_REASON
from rights.actions.reach import lock
from rights.actions.sessions import revoke_sessions
from rights.emails import handovers as emails
from rights.models import AccountLink, Handover
from rights.succession import SHOWN_TO_BOTH, candidates, owner_of
from users.models import User

Role, Progress = AccountLink.Role, Handover.State


# By the owner.


@transaction.atomic
def name_successor(*, to: AccountLink, by: AccountLink) -> Handover:
    """Say ahead who is to take over; nothing changes until it is offered, or the carrier has to decide."""
    by = _owner(by)
    to = _candidate(to, by.account)
    named = Handover.objects.for_account(by.account).filter(state=Progress.NAMED)
    if same := named.filter(former=by, successor=to).first():
        return same
    for former in named:
        _end(former, Progress.CANCELLED)
    change = Handover.objects.create(account=by.account, former=by, successor=to, state=Progress.NAMED)
    _record("successor named", change, by=by.user)
    return change


@transaction.atomic
def forget_successor(*, by: AccountLink) -> None:
    """Take back the name of a successor."""
    by = _owner(by)
    for change in Handover.objects.for_account(by.account).filter(state=Progress.NAMED):
        _end(change, Progress.CANCELLED)
        _record("successor withdrawn", change, by=by.user)


@transaction.atomic
def offer(*, to: AccountLink, by: AccountLink) -> Handover:
    """Offer an account to somebody on it, who has seven days to accept."""
    by = _owner(by)
    to = _candidate(to, by.account)
    change = _begin(by.account, former=by, successor=to, state=Progress.OFFERED, due_at=Now() + Handover.ANSWER_WITHIN)
    _record("account offered", change, by=by.user)
    _tell(emails.offered, change, _knowing(change))
    return change


@transaction.atomic
def cancel(*, change: Handover, by: User) -> Handover:
    """Call a change of owner off: the offer, what was accepted, or what the carrier announced."""
    change = _lock(change)
    if not _is(by, change.former) or change.state not in Handover.UNDER_WAY:
        raise ValidationError(_("There is nothing left to cancel."))
    verb = "change of owner objected to" if change.forced else "change of owner cancelled"
    return _call_off(change, verb, by=by)


@transaction.atomic
def object_by_mail(*, change: Handover) -> Handover:
    """Stop what the carrier announced: whoever reads the owner's mail may, for the owner may not be able to sign in."""
    change = _lock(change)
    if not change.is_announced:
        raise ValidationError(_("There is nothing left to cancel."))
    return _call_off(change, "change of owner objected to by e-mail", by=None)


def _call_off(change: Handover, verb: str, *, by: User | None) -> Handover:
    told = _knowing(change)
    _end(change, Progress.CANCELLED)
    _record(verb, change, by=by)
    _tell(emails.cancelled, change, told)
    if change.forced:
        _tell_staff(change, by_mail=by is None)
    return change


# By the successor.


@transaction.atomic
def accept_account(*, change: Handover, by: User) -> Handover:
    """Take what was offered; it is done a day later, unless the owner calls it off."""
    change = _lock(change)
    _check_answer(change, by)
    _candidate(change.successor, change.account)
    change.state, change.answered_at, change.due_at = Progress.ACCEPTED, Now(), Now() + Handover.CANCEL_WITHIN
    change.save(update_fields=["state", "answered_at", "due_at"])
    change.refresh_from_db()
    _record("account accepted", change, by=by)
    _tell(emails.accepted, change, _knowing(change))
    return change


@transaction.atomic
def refuse_account(*, change: Handover, by: User) -> Handover:
    """Decline what was offered, accepted or announced, until it takes effect; who knew of it is told."""
    change = _lock(change)
    if change.state != Progress.ACCEPTED or not _is(by, change.successor):
        _check_answer(change, by)
    told = _knowing(change)
    _end(change, Progress.REFUSED)
    _record("account refused", change, by=by)
    _tell(emails.refused, change, told)
    if change.forced:
        _tell_staff(change)
    return change


def _check_answer(change: Handover, by: User) -> None:
    """Raise ValidationError unless this person is the one asked, in time by the database's clock."""
    waiting = Handover.objects.filter(pk=change.pk, state=Progress.OFFERED, due_at__gt=Now())
    if not _is(by, change.successor) or not waiting.exists():
        raise ValidationError(_("This offer is no longer open."))


# By the carrier, when the owner is gone: two members of staff, a proof, and time to object.


@transaction.atomic
def ask_forced(*, to: AccountLink, staff: User, reason: str, proof: File) -> Handover:
    """Ask for another owner in place of one who is gone; another member of staff must confirm."""
    _check_staff(staff)
    if len(reason) < SHORTEST_REASON:
        raise ValidationError({"reason": _("Say why in a sentence, for example: M. Martin left, letter of the head.")})
    former, to = owner_of(to.account), _candidate(to, to.account)
    for offered in Handover.objects.for_account(to.account).filter(state=Progress.OFFERED).select_for_update():
        _end(offered, Progress.CANCELLED)
        _record("change of owner cancelled", offered, by=staff)
    change = _begin(
        to.account, former=former, successor=to, state=Progress.ASKED, forced=True, reason=reason, asked_by=staff,
        proof=proof.content, proof_name=proof.name, due_at=Now() + Handover.ANSWER_WITHIN,
    )  # fmt: skip
    facts = {"reason": reason, "proof": proof.name, "sha256": hashlib.sha256(proof.content).hexdigest()}
    _record("change of owner asked by the carrier", change, by=staff, **facts)
    return change


@transaction.atomic
def confirm_forced(*, change: Handover, staff: User) -> Handover:
    """Confirm what another member of staff asked: the owner has 72 hours to object, from now on."""
    _check_staff(staff)
    change = _lock(change)
    if change.state != Progress.ASKED:
        raise ValidationError(_("This change of owner no longer waits for a confirmation."))
    if change.asked_by_id == staff.pk:
        raise ValidationError(_("Whoever asked cannot confirm: another member of staff must."))
    _candidate(change.successor, change.account)
    change.state, change.confirmed_by, change.answered_at = Progress.ACCEPTED, staff, Now()
    change.due_at = Now() + Handover.FORCED_NOTICE
    change.save(update_fields=["state", "confirmed_by", "answered_at", "due_at"])
    change.refresh_from_db()
    _record("change of owner confirmed by the carrier", change, by=staff)
    _tell(emails.announced, change, _knowing(change))
    return change


@transaction.atomic
def withdraw_forced(*, change: Handover, staff: User) -> Handover:
    """Take back what the carrier asked or announced."""
    _check_staff(staff)
    change = _lock(change)
    if not change.forced or change.state not in Handover.UNDER_WAY:
        raise ValidationError(_("There is nothing left to cancel."))
    announced, told = change.is_announced, _knowing(change)
    _end(change, Progress.CANCELLED)
    _record("change of owner withdrawn by the carrier", change, by=staff)
    if announced:
        _tell(emails.cancelled, change, told)
    return change


def _check_staff(staff: User) -> None:
    if not (staff.is_staff and staff.is_active):
        raise ValidationError(_("Only the carrier's staff can do this."))


# By whoever leaves for good.


def end_towards(links: list[AccountLink]) -> None:
    """End what would make owners of people who are erased; the owner is told where they knew, else staff."""
    wanted = Handover.objects.filter(successor__in=links, state__in=Handover.EXPECTED)
    for change in wanted.select_for_update(of=("self",), no_key=True).select_related("successor"):
        before = change.state
        _end(change, Progress.CANCELLED)
        _record("successor withdrawn" if before == Progress.NAMED else "change of owner cancelled", change, by=None)
        if change.former_id and before in SHOWN_TO_BOTH:
            _queue(emails.cancelled, change, link=change.former_id)
        if change.forced:
            _tell_staff(change)


# By the clock.


def complete_due() -> int:
    """Make those owners whose time has come; how many changes there were, done or not."""
    return _each_due(Handover.objects.due(), _complete)


def lapse_due() -> int:
    """End the offers that nobody answered in time; how many there were."""
    return _each_due(Handover.objects.lapsed(), _lapse)


def _each_due(changes: QuerySet[Handover], act: Callable[[Handover], None]) -> int:
    """Do this to each of them, each in a transaction of its own; what another worker holds is left to it."""
    count = 0
    while True:
        with transaction.atomic(), tenancy.everything():
            free = changes.select_for_update(of=("self",), skip_locked=True, no_key=True)
            change = free.select_related("account").order_by("due_at").first()
            if change is None:
                return count
            act(change)
        count += 1


def _complete(change: Handover) -> None:
    """Swap the two roles, unless one of the two is no longer who they were, or the carrier suspended who offered it."""
    keys = [key for key in (change.former_id, change.successor_id) if key]
    locked = AccountLink.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
    links = {link.pk: link for link in locked.select_related("user")}
    former, successor = links.get(change.former_id or 0), links[change.successor_id]
    owner = owner_of(change.account)
    stopped = former and former.user and former.user.suspended_at and not change.forced
    if stopped or owner != former or not candidates(change.account).filter(pk=successor.pk).exists():
        told = _knowing(change)
        _end(change, Progress.CANCELLED)
        _record("change of owner failed", change, by=None)
        _tell(emails.failed, change, told)
        return
    for link, role in ((former, Role.MEMBER), (successor, Role.OWNER)):  # in this order: there is one owner at most
        if link:
            link.role = role
            link.version += 1
            link.save(update_fields=["role", "version"])
    _end(change, Progress.DONE)
    _pass_on(change, former, successor)
    names = {"former": str(former or ""), "successor": str(successor)}
    _record("account handed over", change, by=None, forced=change.forced, **names)
    _tell_everybody(change)


def _pass_on(change: Handover, former: AccountLink | None, successor: AccountLink) -> None:
    """What goes with an account: the invitations that wait, vouched for by the new owner; nothing stays signed in."""
    Handover.objects.for_account(change.account).filter(state=Progress.NAMED).update(
        state=Progress.CANCELLED, ended_at=Now()
    )
    if former and former.user_id:
        waiting = AccountLink.objects.for_account(change.account).filter(accepted_at=None, invited_by=former.user_id)
        waiting.update(invited_by=successor.user_id)
        revoke_sessions(people=User.objects.filter(pk=former.user_id))


def _lapse(change: Handover) -> None:
    _end(change, Progress.LAPSED)
    _record("change of owner lapsed", change, by=None)
    if change.forced:
        _tell_staff(change)
    else:
        _tell(emails.lapsed, change, _knowing(change))


# What they have in common.


def _owner(by: AccountLink) -> AccountLink:
    """The link of the owner, locked: one act of an owner at a time."""
    by = lock(by)
    if by.role != Role.OWNER or by.state != AccountLink.State.ACTIVE:
        raise ValidationError(_("Only the account's own administrator can hand it over."))
    return by


def _candidate(link: AccountLink, account: CustomerAccount) -> AccountLink:
    found = candidates(account).filter(pk=link.pk).first()
    if found is None:
        text = _("%(person)s cannot take over: they need an active access, accepted and without an end date.")
        raise ValidationError(text % {"person": link})
    return found


def _begin(account: CustomerAccount, **facts: Any) -> Handover:
    try:
        with transaction.atomic():
            change = Handover.objects.create(account=account, **facts)
    except IntegrityError:
        raise ValidationError(_("Another change of administrator is under way: it must end first.")) from None
    change.refresh_from_db()
    return change


def _lock(change: Handover) -> Handover:
    locked = Handover.objects.select_for_update(of=("self",), no_key=True)
    return locked.select_related("account", "former__user", "successor__user").get(pk=change.pk)


def _end(change: Handover, state: Handover.State) -> None:
    change.state, change.ended_at = state, Now()
    change.save(update_fields=["state", "ended_at"])
    change.refresh_from_db(fields=["ended_at"])


def _is(person: User, link: AccountLink | None) -> bool:
    return link is not None and link.user_id == person.pk and link.state != AccountLink.State.ENDED


def _record(verb: str, change: Handover, *, by: User | None, **facts: object) -> None:
    """Write the event, about the successor."""
    after: Facts = {"state": str(change.state), **facts}
    successor = change.successor
    audit.record(
        verb, by=by, account_id=change.account_id, subject=successor.uuid, subject_name=str(successor), after=after
    )  # fmt: skip


# Who is told.


def _knowing(change: Handover) -> set[int]:
    """The links of the two; once it is sure to come, of those who administer the account too."""
    told = {change.former_id, change.successor_id}
    if change.state == Progress.ACCEPTED:
        beside = AccountLink.objects.active().filter(account=change.account_id, role=Role.ADMINISTRATOR)
        told |= set(beside.values_list("pk", flat=True))
    return {link for link in told if link}


def _tell(email: outbox.Email, change: Handover, links: set[int]) -> None:
    """Queue a mail about a change of owner to each, in words of their own."""
    for link in sorted(links):
        _queue(email, change, link=link)


def _tell_everybody(change: Handover) -> None:
    """Everybody who manages people of the account, and the former owner."""
    managing = AccountLink.objects.active().filter(account=change.account_id, role__in=AccountLink.MANAGERS)
    told = set(managing.values_list("pk", flat=True)) | {change.former_id, change.successor_id}
    for link in sorted(filter(None, told)):
        _queue(emails.done, change, link=link)


def _tell_staff(change: Handover, *, by_mail: bool = False) -> None:
    for staff in {change.asked_by_id, change.confirmed_by_id} - {None}:
        _queue(emails.staff_told, change, staff=staff, by_mail=by_mail)


def _queue(email: outbox.Email, change: Handover, **to: Any) -> None:
    key = f"{email.name}:{change.uuid}:{change.state}:{to}"
    outbox.queue(email, key=key, account_id=change.account_id, change=change.pk, **to)
