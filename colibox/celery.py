"""The Celery application; its configuration is in the settings, under CELERY_."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from colibox.embedded.process import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "colibox.settings")

app = Celery("colibox")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


def end_with_the_worker(**_: Any) -> None:
    """A process of the pool does not outlive its worker: nobody would hear of what it does."""
    end_with_parent(signal.SIGKILL)


worker_process_init.connect(end_with_the_worker)
