"""Addresses of a person's own pages."""

from django.urls import path

from users.views import own, resets

app_name = "users"

urlpatterns = [
    path("profile/", own.profile, name="profile"),
    path("profile/shortcuts/", own.shortcuts, name="shortcuts"),
    path("profile/user-key/", own.renew_user_key, name="renew_user_key"),
    path("profile/email/", own.email, name="email"),
    path("profile/email/<str:token>/", own.confirm_email, name="confirm_email"),
    path("profile/alive/", own.alive, name="alive"),
    path("objections/reset/<str:token>/", resets.stop_reset, name="stop_reset"),
    path("language/", own.language, name="language"),
]
