"""The app of imports."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """Files in, rows and a result out."""

    name = "imports"
