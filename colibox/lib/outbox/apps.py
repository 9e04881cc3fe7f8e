"""The outbox application: mails as rows of the transaction that decided them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    name = "colibox.lib.outbox"
    label = "outbox"
    verbose_name = _("outgoing mail")
