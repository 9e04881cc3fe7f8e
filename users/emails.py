"""The e-mails about a person's own sign-in, one function each."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from colibox.lib import outbox
from users import confirmation
from users.models import User


def _compose(template: str, user: User, **context: Any) -> EmailMultiAlternatives:
    return outbox.compose(
        template=f"users/emails/{template}",
        to=context.pop("to", user.email),
        language=user.language,
        context={"person": user, **context},
    )


@outbox.email
def password_reset(*, user: int) -> EmailMultiAlternatives | None:
    """The link to choose a new password, good for one hour and one use; to nobody when `user` is 0."""
    person = User.objects.filter(pk=user, is_active=True).first()
    if person is None:
        return None
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    uid, _dash, secret = key.partition("-")
    return _compose("password_reset", person, path=reverse("account_reset_password_from_key", args=[uid, secret]))


@outbox.email
def password_changed(*, user: int) -> EmailMultiAlternatives | None:
    """The password was changed; what to do if it was not you."""
    person = User.objects.filter(pk=user).first()
    return _compose("password_changed", person, path=reverse("account_reset_password")) if person else None


@outbox.email
def confirm_email(*, user: int, address: str) -> EmailMultiAlternatives | None:
    """To a new address: confirm that it is yours; to nobody when it is another advanced user's."""
    person = User.objects.filter(pk=user, is_active=True).first()
    if person is None or (person.is_advanced and User.objects.advanced_with_email(address).exclude(pk=user).exists()):
        return None
    path = reverse("users:confirm_email", args=[confirmation.make(person, address)])
    return _compose("confirm_email", person, to=address, new_email=address, path=path)


@outbox.email
def email_changed(*, user: int, former: str) -> EmailMultiAlternatives | None:
    """To the former address: it no longer signs for this account."""
    person = User.objects.filter(pk=user).first()
    return _compose("email_changed", person, to=former) if person else None
