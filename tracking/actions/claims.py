"""What is done with a claim: file it, write about it, answer it as the carrier's staff, close it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CustomerAccount, Facts
from colibox.lib import outbox
from tracking import emails
from tracking.models import Claim, ClaimMessage, Parcel
from tracking.scopes import Scope
from users.models import User

State = Claim.State


@transaction.atomic
def file_claim(*, parcel: Parcel, scope: Scope, by: User, reason: str, text: str) -> Claim:
    """Ask customer service about a parcel.

    Raises PermissionDenied when the scope does not give access to customer service about this parcel, and
    ValidationError on `reason` when a claim for it is open already.
    """
    if not (scope.claims and Parcel.objects.seen([scope.served]).filter(pk=parcel.pk).exists()):
        raise PermissionDenied
    CustomerAccount.objects.select_for_update(no_key=True).get(pk=parcel.account_id)  # numbers follow each other
    _check_not_open(parcel.pk, reason)
    last = Claim.objects.filter(account=parcel.account_id).aggregate(last=Max("number"))["last"]
    claim = Claim.objects.create(
        account_id=parcel.account_id, number=(last or 0) + 1, parcel=parcel, reason=reason, by=by, by_name=_name(by)
    )
    _write(claim, text, by=by)
    _record("claim filed", claim, by=by, after={"reason": reason, "state": State.OPEN})
    return claim


@transaction.atomic
def reply(*, claim: Claim, scope: Scope, by: User, text: str) -> None:
    """Write to customer service again; a closed claim is open once more.

    Raises PermissionDenied, and ValidationError when another claim for the same reason was opened since.
    """
    claim = _locked(claim, scope)
    if not claim.is_open:
        _check_not_open(claim.parcel_id, claim.reason)
    _write(claim, text, by=by)
    _move(claim, State.OPEN, "claim reopened" if claim.state == State.CLOSED else "claim continued", by=by)


@transaction.atomic
def close(*, claim: Claim, scope: Scope, by: User) -> None:
    """Say that nothing more is expected; closing twice changes nothing."""
    claim = _locked(claim, scope)
    if claim.is_open:
        _move(claim, State.CLOSED, "claim closed", by=by)


@transaction.atomic
def answer(*, claim: Claim, by: User, text: str, closing: bool = False) -> None:
    """Answer as the carrier's staff, and close the claim if that is all; whoever filed it is told."""
    claim = _locked_by_staff(claim, by)
    message = _write(claim, text, by=by, from_staff=True)
    _move(claim, State.CLOSED if closing else State.ANSWERED, "claim answered", by=by)
    outbox.queue(emails.claim_answered, account_id=claim.account_id, claim=claim.pk, message=message.pk)


@transaction.atomic
def close_by_staff(*, claim: Claim, by: User) -> None:
    """Close a claim without a word more; whoever filed it is told. Closing twice changes nothing."""
    claim = _locked_by_staff(claim, by)
    if claim.is_open:
        _move(claim, State.CLOSED, "claim closed", by=by)
        outbox.queue(emails.claim_closed, account_id=claim.account_id, claim=claim.pk)


def _locked(claim: Claim, scope: Scope) -> Claim:
    """The claim as it is now, for somebody who may follow it."""
    found = Claim.objects.seen([scope]).filter(pk=claim.pk).select_for_update(of=["self"], no_key=True).first()
    if found is None:
        raise PermissionDenied
    return found


def _locked_by_staff(claim: Claim, by: User) -> Claim:
    if not (by.is_active and by.is_staff):
        raise PermissionDenied
    return Claim.objects.select_for_update(no_key=True).get(pk=claim.pk)


def _check_not_open(parcel: int, reason: str) -> None:
    if claim := Claim.objects.filter(parcel=parcel, reason=reason).exclude(state=State.CLOSED).first():
        said = _("Claim no. %(n)s on this parcel is open for the same reason: write there.") % {"n": claim.number}
        raise ValidationError({"reason": said})


def _write(claim: Claim, text: str, *, by: User, from_staff: bool = False) -> ClaimMessage:
    return ClaimMessage.objects.create(
        account_id=claim.account_id, claim=claim, by=by, by_name=_name(by), from_staff=from_staff, text=text
    )


def _move(claim: Claim, state: str, verb: str, *, by: User) -> None:
    before, claim.state = claim.state, state
    Claim.objects.filter(pk=claim.pk).update(state=state, changed_at=Now())
    _record(verb, claim, by=by, before={"state": before}, after={"state": state})


def _record(verb: str, claim: Claim, *, by: User, before: Facts | None = None, after: Facts | None = None) -> None:
    named = f"{claim.number} · {claim.parcel.number}"
    audit.record(
        verb, by=by, account_id=claim.account_id, subject=claim.uuid, subject_name=named, before=before, after=after
    )


def _name(person: User) -> str:
    return str(person)[: audit.LONGEST_NAME]
