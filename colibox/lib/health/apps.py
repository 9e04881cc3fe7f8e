"""The application of health: a task and a command, no table."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    name = "colibox.lib.health"
    label = "health"
