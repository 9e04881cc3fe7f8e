"""The accounts application."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("customer accounts")

    def ready(self) -> None:
        """Let every app say how the trace tells its verbs."""
        autodiscover_modules("sentences")
