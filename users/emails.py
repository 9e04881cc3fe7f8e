"""The e-mails about a person's own sign-in, one function each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from colibox.lib import outbox
from users import confirmation
from users.models import User


def _compose(
    template: str, user: User, *, to: str = "", path: str = "", button: str | Promise = "", **context: Any
) -> EmailMultiAlternatives:
    """A mail to a person in their language, with one button when it has a path."""
    return outbox.compose(
        template=f"users/emails/{template}",
        to=to or user.email,
        language=user.language,
        context={
            "person": user,
            "button_url": f"{settings.PUBLIC_BASE_URL}{path}" if path else "",
            "button_label": button,
            **context,
        },
    )


@outbox.email
def password_reset(*, user: int) -> EmailMultiAlternatives | None:
    """The link to choose a new password, good for one hour and one use; to nobody when `user` is 0."""
    person = User.objects.filter(pk=user, is_active=True).first()
    if person is None:
        return None
    token = [user_pk_to_url_str(person), default_token_generator.make_token(person)]
    return _compose(
        "password_reset",
        person,
        path=reverse("account_reset_password_from_key", args=token),
        button=_("Choose a new password"),
        until=timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
    )


@outbox.email
def password_changed(*, user: int) -> EmailMultiAlternatives | None:
    """The password was changed; what to do if it was not you."""
    person = User.objects.filter(pk=user).first()
    if person is None:
        return None
    path = reverse("account_reset_password")
    return _compose("password_changed", person, path=path, button=_("It was not me: choose another password"))


@outbox.email
def confirm_email(*, user: int, address: str) -> EmailMultiAlternatives | None:
    """To a new address: confirm that it is yours; to nobody when it is another advanced user's."""
    person = User.objects.filter(pk=user, is_active=True).first()
    if person is None or (person.is_advanced and User.objects.advanced_with_email(address).exclude(pk=user).exists()):
        return None
    return _compose(
        "confirm_email",
        person,
        to=address,
        path=reverse("users:confirm_email", args=[confirmation.make(person, address)]),
        button=_("Confirm this e-mail"),
        address=address,
        until=timezone.now() + confirmation.LASTS,
    )


@outbox.email
def email_changed(*, user: int, former: str) -> EmailMultiAlternatives | None:
    """To the former address: it no longer serves this person."""
    person = User.objects.filter(pk=user).first()
    return _compose("email_changed", person, to=former) if person else None


@outbox.email
def user_key_renewed(*, user: int) -> EmailMultiAlternatives | None:
    """The user key was renewed; what to do if it was not you."""
    person = User.objects.filter(pk=user).first()
    if person is None:
        return None
    path = reverse("account_reset_password")
    button = _("It was not me: choose another password")
    return _compose("key_renewed", person, path=path, button=button, title=_("Your user key is renewed"))
