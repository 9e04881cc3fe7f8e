"""The application that stands in the place of Django's admin."""

from django.contrib.admin.apps import AdminConfig


class OperatorsConfig(AdminConfig):
    """Django's admin with our site in the place of its own."""

    default_site = "colibox.lib.operators.site.OperatorSite"
