"""Addresses of links, invitations and keys: a person's own pages, then those of an account."""

from django.urls import URLPattern

app_name = "rights"

urlpatterns: list[URLPattern] = []
