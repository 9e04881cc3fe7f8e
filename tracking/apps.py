"""The app of parcels."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    """What the rights open."""

    name = "tracking"
    verbose_name = _("parcels and claims")
