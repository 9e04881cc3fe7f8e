"""Addresses of a person's own pages."""

from django.urls import path

from users import views

app_name = "users"

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("profile/user-key/", views.renew_user_key, name="renew_user_key"),
    path("profile/email/", views.email, name="email"),
    path("profile/email/<str:token>/", views.confirm_email, name="confirm_email"),
    path("language/", views.language, name="language"),
]
