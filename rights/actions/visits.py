"""Support visits: a member of staff looks at the portal as somebody sees it, and everybody concerned is told."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Least, Now
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import CustomerAccount, Facts
from colibox.lib import outbox, tenancy
from colibox.lib.trace import SHORTEST_REASON
from rights.actions import trace
from rights.emails import visits as visit_emails
from rights.models import AccountLink, SupportVisit
from users.models import User


def current(*, staff: User, uuid: str) -> SupportVisit | None:
    """The visit of this member of staff that lasts now, by the database's clock."""
    visits = SupportVisit.objects.filter(staff=staff, uuid=uuid, ended_at=None, ends_at__gt=Now())
    return visits.filter(person__is_active=True).select_related("staff", "person", "account").first()


def owner_of(account: CustomerAccount) -> AccountLink | None:
    """Who is looked at when an account is: its owner, once they have come."""
    owners = AccountLink.objects.for_account(account).filter(role=AccountLink.Role.OWNER, user__is_active=True)
    return owners.filter(accepted_at__isnull=False).select_related("user").first()


@transaction.atomic
def begin_visit(*, staff: User, person: User, reason: str, account: CustomerAccount | None = None) -> SupportVisit:
    """Look at the portal as this person sees it, to read only, for half an hour; an earlier visit ends.

    The person is told at once, and the owners of their accounts. Raises ValidationError.
    """
    _check(staff, person, reason)
    for former in SupportVisit.objects.filter(staff=staff, ended_at=None):
        end_visit(visit=former)
    visit = SupportVisit.objects.create(
        staff=staff, person=person, account=account, reason=reason, ends_at=Now() + SupportVisit.LASTS
    )
    visit.refresh_from_db()
    _record("support visit began", visit, {"reason": reason, "minutes": SupportVisit.LASTS // timedelta(minutes=1)})
    _tell(visit)
    return visit


def _check(staff: User, person: User, reason: str) -> None:
    if not (staff.is_staff and staff.is_active):
        raise ValidationError(_("Only the carrier's staff can make a support visit."))
    if person.kind == User.Kind.STAFF or person.is_staff or person.is_superuser:
        raise ValidationError(_("Nobody looks at the portal as another member of staff."))
    if not person.is_active or (person.last_login is None and not person.has_usable_password()):
        raise ValidationError(_("This person cannot sign in: there is nothing to see."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise ValidationError({"reason": _("Say why, for example: ticket 48213, a parcel is missing from the list.")})


@transaction.atomic
def end_visit(*, visit: SupportVisit) -> None:
    """Write down that a visit is over: now, or when its half hour was. Once."""
    open_visit = SupportVisit.objects.filter(pk=visit.pk, ended_at=None)
    if not open_visit.update(ended_at=Least(Now(), F("ends_at"))):
        return
    visit.refresh_from_db()
    assert visit.ended_at is not None
    _record("support visit ended", visit, {"minutes": -(-(visit.ended_at - visit.began_at) // timedelta(minutes=1))})


def end_late_visits() -> int:
    """Write down the end of those whose half hour is over and that nobody ended; how many."""
    with transaction.atomic(), tenancy.everything():
        late = list(SupportVisit.objects.filter(ended_at=None, ends_at__lte=Now()).select_related("staff", "person"))
        for visit in late:
            end_visit(visit=visit)
    return len(late)


def _record(verb: str, visit: SupportVisit, after: Facts) -> None:
    """One event on each account that was looked into, about the person's link; else one about the person."""
    links = list(_links(visit))
    for link in links:
        trace.record(verb, by=visit.staff, link=link, after=after)
    if not links:
        audit.record(verb, by=visit.staff, subject=visit.person.uuid, subject_name=str(visit.person), after=after)


def _links(visit: SupportVisit) -> list[AccountLink]:
    return list(AccountLink.objects.taken_by(visit.person))


def _tell(visit: SupportVisit) -> None:
    """A mail to the person, and one to the owner of each account that is looked into, once each."""
    accounts = [link.account_id for link in _links(visit)]
    owners = AccountLink.objects.filter(account__in=accounts, role=AccountLink.Role.OWNER, accepted_at__isnull=False)
    told = {visit.person_id: None} | dict(owners.exclude(state="ended").values_list("user", "account"))
    told[visit.person_id] = visit.account_id
    outbox.queue_many(
        outbox.draft(
            visit_emails.support_visit,
            key=f"support visit:{visit.uuid}:{user}",
            account_id=account,
            visit=visit.pk,
            user=user,
        )
        for user, account in told.items()
        if user
    )
