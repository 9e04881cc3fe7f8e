"""What Celery does for rights: each task calls one action and may run twice."""

from celery import shared_task

from colibox.lib import origin
from rights import actions
from rights.actions import dates, handovers, policy, proposals, reviews, visits


@shared_task
def expire_invitations() -> int:
    """Mark the invitations whose 48 hours are over."""
    with origin.of(origin.Origin(channel="system")):
        return actions.expire_due()


@shared_task
def watch_dates() -> int:
    """Suspend the access of those whose last day is over, and tell of the ends to come."""
    with origin.of(origin.Origin(channel="system")):
        return dates.suspend_due() + dates.end_rights() + dates.warn_of_dates()


@shared_task
def warn_of_keys() -> int:
    """Tell the owners of connection keys that end soon, or have ended."""
    with origin.of(origin.Origin(channel="system")):
        return actions.warn_of_ends()


@shared_task
def remind_of_reviews() -> int:
    """Tell the administrators of the reviews of access whose deadline comes."""
    with origin.of(origin.Origin(channel="system")):
        return reviews.remind_of_reviews()


@shared_task
def propose_profiles() -> int:
    """Tell the administrators of what a release would change of the profiles that people follow."""
    with origin.of(origin.Origin(channel="system")):
        return proposals.propose_changes()


@shared_task
def hand_over() -> int:
    """Make those owners whose time has come, and end the offers that nobody answered."""
    with origin.of(origin.Origin(channel="system")):
        return handovers.complete_due() + handovers.lapse_due()


@shared_task
def warn_of_required_factor() -> int:
    """Tell those without a second factor that an account of theirs requires one soon."""
    with origin.of(origin.Origin(channel="system")):
        return policy.warn_of_required_factor()


@shared_task
def end_support_visits() -> int:
    """Write down the end of the visits whose half hour is over."""
    with origin.of(origin.Origin(channel="system")):
        return visits.end_late_visits()
