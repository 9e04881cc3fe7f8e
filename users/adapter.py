"""Where allauth meets the portal: no open sign-up, one answer to every wrong name, mails through the outbox."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from colibox.lib import keys, outbox, throttle, trace
from users import actions, emails
from users.models import User

NAME_LIMIT = 100
"""Wrong passwords for one name in five minutes, wherever they come from: slows a crowd, locks nobody out alone."""


def _counted(credentials: dict[str, Any]) -> str:
    """What attempts on one name are counted under: in capitals, as the database compares it (mıchel is MICHEL)."""
    return keys.digest(credentials.get("username", "").upper())


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is wrong."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, then try again."),
        "rate_limited": _("Too many attempts. Wait a few minutes, then try again."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come by invitation only."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Pages only, but for what a passkey is to sign before anybody is known: static/js/webauthn.js asks for it."""
        match = request.resolver_match
        return request.method == "GET" and match is not None and match.url_name == "mfa_login_webauthn"

    # Signing in.

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Bound the attempts: in the settings per address and per address and name, then here per name.

        In this order, so that what one address is refused does not count against the name.
        """
        super().pre_authenticate(request, **credentials)
        if not throttle.allow(f"sign-in:{_counted(credentials)}", limit=NAME_LIMIT, seconds=300):
            raise self.validation_error("too_many_login_attempts")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """What allauth's `/key` limit counts: the address and the name together."""
        return f"{self.get_client_ip(request)}:{_counted(credentials)}"

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Who it is; to somebody whose access was removed, the answer of a wrong password."""
        user = super().authenticate(request, **credentials)
        if user is None or user.is_active:
            return user
        self.authentication_failed(request, **credentials)
        return None

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Trace a refusal on the person it was tried for; what was typed is not kept, it may be a password."""
        person = User.objects.with_username(credentials.get("username", "")).first()
        subject = {"subject": person.uuid, "subject_name": str(person)} if person else {}
        trace.record("sign-in refused", by=None, **subject)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """Trace a sign-in."""
        person = cast(User, user)
        trace.record("signed in", by=person, subject=person.uuid, subject_name=str(person))
        return super().post_login(request, user, **kwargs)

    # Passwords.

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Change or reset: the other sessions end."""
        actions.set_password(user=cast(User, user), password=password, keep=self.request.session.session_key)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell that the password was changed or reset; of second factors users.actions.factors_changed tells."""
        if template_prefix.startswith("account/email/password_"):
            outbox.queue(emails.password_changed, user=user.pk)
