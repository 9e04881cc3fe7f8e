"""What Celery does for people: each task may run twice."""

from celery import shared_task

from colibox.lib import origin
from users import actions, resetting


@shared_task
def clear_sessions() -> int:
    """Delete the sessions that are over."""
    return actions.forget_sessions()


@shared_task
def lapse_resets() -> int:
    """End the resets of second factors that no second member of staff confirmed."""
    with origin.of(origin.Origin(channel="system")):
        return resetting.lapse_due()
