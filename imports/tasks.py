"""What Celery does for imports: both tasks may run twice, or at the same time."""

from celery import shared_task

from imports import actions, work


@shared_task
def work_on() -> int:
    """Work on the imports that wait, each in its turn; rung when there is something to do, and by the clock."""
    return work.work_on()


@shared_task
def purge() -> int:
    """Forget the files and rows that are no longer kept."""
    return actions.purge()
