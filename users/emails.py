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

from colibox.lib import objecting, outbox
from users import confirmation
from users.models import FactorReset, User


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
    return _choosing("password_reset", person, _("Choose a new password"))


@outbox.email
def password_link(*, user: int, by: str, account: str, company: str) -> EmailMultiAlternatives | None:
    """The same link, sent by who manages a person's access: the mail names them and the company."""
    person = User.objects.filter(pk=user, is_active=True).first()
    if person is None or not person.has_usable_password():
        return None
    asked = {"by": by, "account": account, "company": company}
    return _choosing("password_link", person, _("Choose another password"), **asked)


@outbox.email
def staff_invited(*, user: int) -> EmailMultiAlternatives | None:
    """To a new member of the carrier's staff: the link to choose a password, good for one hour and one use."""
    person = User.objects.filter(pk=user, is_active=True, is_staff=True).first()
    if person is None or person.has_usable_password():
        return None
    return _choosing("staff_invited", person, _("Choose a password"))


def _choosing(template: str, person: User, button: str | Promise, **context: Any) -> EmailMultiAlternatives:
    """A mail whose button leads to where this person alone may choose a password."""
    token = [user_pk_to_url_str(person), default_token_generator.make_token(person)]
    path = reverse("account_reset_password_from_key", args=token)
    until = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return _compose(template, person, path=path, button=button, until=until, **context)


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


# Second factors.

FACTOR_CHANGES: dict[str, tuple[str | Promise, str | Promise]] = {
    "app_added": (
        _("Your second factor is set up"),
        _("An authenticator app was just added: signing in now asks for its code."),
    ),
    "app_removed": (
        _("An authenticator app was removed"),
        _("The authenticator app was just removed: its codes no longer serve to sign in."),
    ),
    "passkey_added": (
        _("A passkey was added"),
        _("A passkey was just added: it serves to sign in from now on."),
    ),
    "passkey_renamed": (_("A passkey was renamed"), _("One of your passkeys was renamed.")),
    "passkey_removed": (
        _("A passkey was removed"),
        _("A passkey was just removed: it no longer serves to sign in."),
    ),
    "codes_renewed": (
        _("Your recovery codes are new"),
        _("New recovery codes were just made: the former ones no longer serve."),
    ),
}
"""The title and the sentence of each change of a person's second factors."""


@outbox.email
def factor_changed(*, user: int, change: str, name: str) -> EmailMultiAlternatives | None:
    """A second factor was added or removed; what to do if it was not you."""
    title, text = FACTOR_CHANGES[change]
    return _about_factor(user, title=title, text=text, name=name)


@outbox.email
def recovery_code_used(*, user: int, left: int) -> EmailMultiAlternatives | None:
    """A recovery code served to sign in; how many are left."""
    text = _("One of your recovery codes just served in place of your second factor.")
    return _about_factor(user, title=_("A recovery code was used"), text=text, left=left)


def _about_factor(user: int, **context: Any) -> EmailMultiAlternatives | None:
    person = User.objects.filter(pk=user).first()
    if person is None:
        return None
    path, button = reverse("account_reset_password"), _("It was not me: choose another password")
    return _compose("factor_changed", person, path=path, button=button, **context)


@outbox.email
def factors_reset(*, user: int, by: str) -> EmailMultiAlternatives | None:
    """Somebody else took the second factors away; set one up again, or say that nobody asked for it."""
    person = User.objects.filter(pk=user).first()
    if person is None:
        return None
    path, button = reverse("mfa_index"), _("Set up a second factor")
    return _compose(
        "factors_reset", person, path=path, button=button, by=by or _("Customer service"), support=settings.SUPPORT
    )


# What the carrier did.

CARRIER_ACTS: dict[str, tuple[str | Promise, str | Promise, str | Promise]] = {
    "signed out by the carrier": (
        _("You were signed out everywhere"),
        _("Customer service ended all your sessions. You can sign in again at any time."),
        _("Somebody may have used your access? Choose another password at once."),
    ),
    "suspended everywhere": (
        _("Your access is suspended"),
        _("Customer service suspended your access: you cannot sign in, and your connection keys open nothing."),
        _("Your accounts, rights and keys are kept for the day it is resumed."),
    ),
    "resumed everywhere": (
        _("Your access is open again"),
        _("Customer service resumed your access: you can sign in again."),
        _("All is as it was before, but for what administrators changed meanwhile."),
    ),
}
"""By the verb of the trace: the title, what was done, and what it means."""


@outbox.email
def done_by_carrier(*, user: int, what: str, reason: str) -> EmailMultiAlternatives | None:
    """Customer service signed somebody out, suspended or resumed them, and says why."""
    person = User.objects.filter(pk=user).first()
    if person is None:
        return None
    title, text, meaning = CARRIER_ACTS[what]
    path, button = ("", "") if what == "suspended everywhere" else (reverse("account_login"), _("Sign in"))
    return _compose(
        "done_by_carrier", person, path=path, button=button, title=title, text=text, meaning=meaning, reason=reason
    )


def _reset(key: int) -> FactorReset | None:
    return FactorReset.objects.select_related("person", "asked_by").filter(pk=key).first()


@outbox.email
def reset_asked(*, reset: int) -> EmailMultiAlternatives | None:
    """Customer service was asked to take the second factors away: whose they are may stop it, without signing in."""
    found = _reset(reset)
    if found is None or not found.waits:
        return None
    path = reverse("users:stop_reset", args=[objecting.make("reset", found.pk)])
    return _compose(
        "reset_asked", found.person, path=path, button=_("It was not me: stop it"), until=found.due_at,
        support=settings.SUPPORT,
    )  # fmt: skip


@outbox.email
def reset_called_off(*, reset: int, reader: int) -> EmailMultiAlternatives | None:
    """Nothing comes of a reset: to whose second factors they are, and to who asked."""
    found, person = _reset(reset), User.objects.filter(pk=reader).first()
    if found is None or person is None:
        return None
    own = person == found.person
    path = reverse("mfa_index") if own else reverse("admin:users_factorreset_change", args=[found.pk])
    button = _("See my second factors") if own else _("See the request")
    return _compose("reset_called_off", person, path=path, button=button, reset=found, own=own)
