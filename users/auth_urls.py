"""Addresses of sign-in: allauth's views and names, only those the portal offers; the list of sessions is ours."""

from allauth.account import views as account
from django.urls import path, re_path

from colibox.lib.access import public, signed_in
from users.views import factors, own

urlpatterns = [
    path("login/", public(account.login), name="account_login"),
    path("logout/", public(account.logout), name="account_logout"),
    path("reauthenticate/", signed_in(account.reauthenticate), name="account_reauthenticate"),
    path("password/", signed_in(account.password_change), name="account_change_password"),
    path("password/reset/", public(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", public(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("sessions/", own.sessions, name="usersessions_list"),
    path("sessions/end/", own.end_sessions, name="usersessions_end"),
    path("2fa/", factors.factors, name="mfa_index"),
    path("2fa/authenticate/", factors.authenticate, name="mfa_authenticate"),
    path("2fa/lost/", factors.lost, name="mfa_lost"),
    path("2fa/reauthenticate/", factors.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", factors.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", factors.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", factors.recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", factors.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", factors.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/webauthn/", factors.passkeys, name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", factors.add_passkey, name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", factors.sign_in_by_passkey, name="mfa_login_webauthn"),
    path("2fa/webauthn/reauthenticate/", factors.reauthenticate_by_passkey, name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/", factors.rename_passkey, name="mfa_edit_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", factors.remove_passkey, name="mfa_remove_webauthn"),
]
