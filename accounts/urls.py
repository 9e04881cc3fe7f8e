"""Addresses of an account's own pages."""

from django.urls import path

from accounts.views import account

app_name = "accounts"

urlpatterns = [path("<digits:number>/", account.account, name="account")]
