"""Addresses of an account's own pages."""

from django.urls import path

from accounts import views

app_name = "accounts"

urlpatterns = [path("<digits:number>/", views.account, name="account")]
