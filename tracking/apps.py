"""The app of parcels."""

from django.apps import AppConfig


class TrackingConfig(AppConfig):
    """What the rights open."""

    name = "tracking"
