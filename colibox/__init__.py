"""Wiring of the portal: settings, addresses, Celery, the embedded launcher."""
