"""Wiring of the portal: settings, addresses, Celery, the embedded launcher."""

from colibox.celery import app as celery_app  # whatever loads Django then rings the portal's own broker

__all__ = ["celery_app"]
