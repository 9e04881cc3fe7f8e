"""What Celery does for accounts: each task may run twice."""

from celery import shared_task

from accounts import sealing
from accounts.actions import contacts
from colibox.lib import origin


@shared_task
def seal_events() -> int:
    """Seal the events of the trace that are sure by now."""
    with origin.of(origin.Origin(channel="system")):
        return sealing.seal()


@shared_task
def purge_contacts() -> int:
    """Forget the contacts whose removal can no longer be undone."""
    with origin.of(origin.Origin(channel="system")):
        return contacts.purge()
