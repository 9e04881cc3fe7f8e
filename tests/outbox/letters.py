"""E-mails that only tests send."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives

from accounts.models import CustomerAccount
from colibox.lib import outbox

TOKEN = "9f86d081-a-secret"


@outbox.email
def hello(*, to: str, words: str = "Bonjour.") -> EmailMultiAlternatives | None:
    """A message of a few words."""
    return EmailMultiAlternatives("Bonjour à vous", words, to=[to])


@outbox.email
def stale(*, to: str) -> EmailMultiAlternatives | None:
    """Nothing, for it is no longer true."""
    return None


@outbox.email
def broken(*, to: str) -> EmailMultiAlternatives | None:
    """An error that quotes what must not be read in a log."""
    raise RuntimeError(f"no address for {TOKEN}")


@outbox.email
def two_lines(*, to: str) -> EmailMultiAlternatives | None:
    """A subject that no mail can have."""
    return EmailMultiAlternatives("Bonjour\nBcc: all@example.com", "", to=[to])


@outbox.email
def accounts_in_reach(*, to: str) -> EmailMultiAlternatives | None:
    """The companies that can be seen while the message is made."""
    names = CustomerAccount.objects.order_by("company").values_list("company", flat=True)
    return EmailMultiAlternatives("Comptes", ", ".join(names), to=[to])
