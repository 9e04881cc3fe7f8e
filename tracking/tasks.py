"""What Celery does for the web services; it may run twice, or at the same time."""

from celery import shared_task

from tracking.actions import calls


@shared_task
def forget_calls() -> int:
    """Forget the answers kept for a day, and the calls traced for thirteen months."""
    return calls.forget()
