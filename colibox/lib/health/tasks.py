"""What the clock rings so that it is seen to go: it has to pass the broker and a worker as well."""

from celery import shared_task

from colibox.lib.health import heartbeat


@shared_task
def beat() -> None:
    """Leave a sign of life."""
    heartbeat.leave()
