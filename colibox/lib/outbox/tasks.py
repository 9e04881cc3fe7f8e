"""What Celery does for the outbox: both tasks may run twice, or at the same time."""

from celery import shared_task

from colibox.lib.outbox import delivery

HELPERS = 1
"""How many more sessions a worker opens for a crowd of mails."""


@shared_task
def deliver() -> int:
    """Send what is due; rung after each commit that queued a mail, and by the clock."""
    return delivery.deliver(helpers=HELPERS)


@shared_task
def purge() -> int:
    """Forget the mails that nobody looks at any more."""
    return delivery.purge()
