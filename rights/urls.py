"""Addresses of links, invitations and keys: a person's own pages, then those of an account."""

from django.urls import URLPattern, path

from rights.views import own

app_name = "rights"

urlpatterns: list[URLPattern] = [
    path("profile/rights/", own.my_rights, name="my_rights"),
    path("profile/rights/<uuid:uuid>/leave/", own.leave, name="leave"),
    path("profile/keys/", own.keys, name="keys"),
    path("profile/keys/renew/", own.renew_key, name="renew_key"),
]
