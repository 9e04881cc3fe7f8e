"""What Celery does for people: each task may run twice."""

from celery import shared_task
from django.core.management import call_command

from colibox.lib import origin
from users import resetting


@shared_task
def clear_sessions() -> None:
    """Delete the sessions that are over."""
    call_command("clearsessions")


@shared_task
def lapse_resets() -> int:
    """End the resets of second factors that no second member of staff confirmed."""
    with origin.of(origin.Origin(channel="system")):
        return resetting.lapse_due()
