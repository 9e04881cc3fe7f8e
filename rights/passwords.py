"""Which passwords nobody may choose: common ones, and those guessed from the person and the accounts they are on."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from rights.models import AccountLink
from users import guessing
from users.models import User

LINKS = 20
"""Accounts whose names are compared: an integrator has hundreds, and a password of one's own."""


class NotGuessable:
    """The validator of AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError, with the reason, on a password that is guessed too soon."""
        accounts = _accounts_of(user) if user and user.pk else []
        guessing.check(password, known=[*_about(user), *_about_accounts(accounts)])

    def get_help_text(self) -> str | Promise:
        """What is asked, in a line."""
        return _("Not a common word or row of keys, and nothing of your name or company.")


def check_first(password: str, person: User, account: CustomerAccount) -> None:
    """Raise ValidationError on the first password of somebody whose account opens with it."""
    validate_password(password, person)
    guessing.check(password, known=[*_about(person), *_about_accounts([account])])


def _about_accounts(accounts: list[CustomerAccount]) -> list[str]:
    return [text for account in accounts for text in (account.number, account.company)]


def _about(user: User | None) -> list[str]:
    if user is None:
        return []
    return [user.username, user.full_name, user.email]


def _accounts_of(user: User) -> list[CustomerAccount]:
    """Nobody is signed in where a password is reset: what their links lead to is brought into reach for this."""
    with tenancy.scope(user=user.pk):
        reached = list(AccountLink.objects.filter(user=user).values_list("account_id", flat=True)[:LINKS])
    with tenancy.scope(accounts=reached):
        return list(CustomerAccount.objects.filter(pk__in=reached))
