"""What an administrator decides of second factors: requiring one from a day on, resetting that of a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CustomerAccount, last_round
from colibox.lib import outbox, tenancy
from rights import policy
from rights.actions import trace
from rights.actions.reach import check_reach, lock
from rights.emails import policy as policy_emails
from rights.models import AccountLink
from users import actions as users_actions

WARNINGS = (1, 7)
"""How many days before the day people who have no second factor are told again."""
FARTHEST = timedelta(days=366)
AT_ONCE = 2000
"""So many mails are queued by one statement."""


@transaction.atomic
def require_factor(*, by: AccountLink, day: date) -> int:
    """Let in nobody without a second factor from this day on; how many people are told so now.

    Raises ValidationError on `day`; whoever decides must have one, so that nobody shuts themselves out.
    """
    _check_decides(by)
    if not by.user or not by.user.second_factor:
        raise ValidationError(_("Set up your own second factor first: you would shut yourself out."))
    today = timezone.localdate()
    if not today <= day <= today + FARTHEST:
        raise ValidationError({"day": _("Choose a day from today on, within a year.")})
    account = _locked(by)
    if account.second_factor_from == day:
        return 0
    _set(account, day, by=by, verb="second factor required")
    return _tell(account, step=_step(policy.days_until(day)))


@transaction.atomic
def stop_requiring_factor(*, by: AccountLink) -> int:
    """Let people in without a second factor again; how many were kept out, and are told that they are not any more."""
    _check_decides(by)
    account = _locked(by)
    day = account.second_factor_from
    if day is None:
        return 0
    _set(account, None, by=by, verb="second factor no longer required")
    if policy.days_until(day) > 0:
        return 0
    found = policy.without(account).values_list("pk", "uuid").iterator(chunk_size=AT_ONCE)
    once = uuid4().hex
    letters = ((f"second factor lifted {once} {pk}", str(uuid), {"link": pk}) for pk, uuid in found)
    return _post(policy_emails.factor_lifted, account, letters)


def _check_decides(by: AccountLink) -> None:
    if not by.administers:
        raise ValidationError(_("Only administrators decide this."))


def _locked(by: AccountLink) -> CustomerAccount:
    return CustomerAccount.objects.select_for_update(no_key=True).get(pk=by.account_id)


def _set(account: CustomerAccount, day: date | None, *, by: AccountLink, verb: str) -> None:
    before, account.second_factor_from = account.second_factor_from, day
    account.save(update_fields=["second_factor_from"])
    facts = ({"from": str(each)} if each else {} for each in (before, day))
    audit.record(verb, by=by.user, account_id=account.pk, before=next(facts), after=next(facts))


# Telling.


def _step(left: int) -> int:
    """Which of the mails is due with so many days left; 0 is the one of the decision."""
    return next((days for days in WARNINGS if left <= days), 0)


def _tell(account: CustomerAccount, *, step: int) -> int:
    """Queue the mail of this step to everybody without a second factor, once each."""
    return _post(policy_emails.factor_required, account, _letters(account, step))


def _post(email: outbox.Email, account: CustomerAccount, letters: Iterator[tuple[str, str, dict[str, Any]]]) -> int:
    """Queue these, so many at a time however many they are; their number."""
    posted = 0
    while some := list(islice(letters, AT_ONCE)):
        alone = len(some) + posted == 1
        priority = outbox.Mail.Priority.INTERACTIVE if alone else outbox.Mail.Priority.BULK
        outbox.queue_each(email, some, account_id=account.pk, priority=priority)
        posted += len(some)
    return posted


def _letters(account: CustomerAccount, step: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    day = str(account.second_factor_from)
    for pk, uuid in policy.without(account).values_list("pk", "uuid").iterator(chunk_size=AT_ONCE):
        yield f"second factor {pk} {day} {step}", str(uuid), {"link": pk, "day": day}


@transaction.atomic
def warn_of_required_factor() -> int:
    """Tell those without a second factor that their account requires one in a week, or tomorrow; how many accounts.

    Where nobody made the round for days, the mail that is due by now leaves, be it after the day.
    """
    with tenancy.everything(), last_round("second factors") as last:
        tomorrow, week = (timezone.localdate() + timedelta(days=left) for left in WARNINGS)
        missed = Q(second_factor_from__range=(last + timedelta(days=WARNINGS[0]), tomorrow))
        missed |= Q(second_factor_from__range=(last + timedelta(days=WARNINGS[1]), week))
        accounts = CustomerAccount.objects.filter(missed, state=CustomerAccount.State.OPEN)
        for account in accounts:
            _tell(account, step=_step(policy.days_until(account.second_factor_from or tomorrow)))
        return len(accounts)


# Resetting.


def reset_refusal(link: AccountLink) -> str | None:
    """Why no administrator of the account may reset the second factor of this person; None when one may."""
    if link.kind != AccountLink.Kind.STANDARD:
        return _("An advanced user may be linked to other accounts: only customer service resets their second factor.")
    if not link.second_factor or not link.accepted:
        return _("%(person)s has no second factor.") % {"person": link}
    return None


@transaction.atomic
def reset_factor(*, link: AccountLink, by: AccountLink) -> None:
    """Take away the second factor of a person who has no other account, and end their sessions; they are told."""
    link = lock(link)
    _check_decides(by)
    check_reach(link, by)
    if reason := reset_refusal(link):
        raise ValidationError(reason)
    assert link.user and by.user
    users_actions.reset_factors(user=link.user, by_name=str(by))
    trace.record("second factor reset", link=link, by=by.user)
