"""Every address of the portal."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from colibox import mailbox, views
from rights.views import guide, home


class Digits(StringConverter):
    """Digits only, so that an account number never reads as a word."""

    regex = r"\d{1,12}"


register_converter(Digits, "digits")

handler500 = "colibox.views.server_error"

urlpatterns = [
    path("", home.home, name="home"),
    path("guide/", guide.guide, name="guide"),
    path("auth/", include("users.auth_urls")),
    path("", include("users.urls")),
    path("", include("rights.urls")),
    path("", include("imports.urls")),
    path("", include("tracking.urls")),
    path("ws/", include("tracking.api.urls")),
    path("accounts/", include("accounts.urls")),
    path("operator/", admin.site.urls),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]
if settings.MAILBOX_DIR:
    urlpatterns += [path("mailbox/", include(mailbox.urlpatterns))]
