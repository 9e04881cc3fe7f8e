"""The e-mails there are: functions found again by name, called for one mail or for many at once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial, update_wrapper
from importlib import import_module
from typing import Any, overload

from django.core.mail import EmailMultiAlternatives

from colibox.lib.outbox import rendering

Make = Callable[..., EmailMultiAlternatives | None]
"""A function that makes a message of facts when it leaves, or None when it is no longer true."""
Lookup = Callable[[Collection[Any]], Mapping[Any, Any]]
"""What stands behind values of a fact, read for many mails at once."""


class Email:
    """An e-mail: how its message is made, and which of its facts are looked up first.

    A fact with a look-up is queued as a key and given to the function as what was found, or None.
    """

    def __init__(self, make: Make, lookups: Mapping[str, Lookup]) -> None:
        self.make, self.lookups = make, lookups
        self.asked: set[frozenset[str]] = set()
        """Which facts are what it asks for: asked once, however many mails are drafted."""
        update_wrapper(self, make)

    @property
    def name(self) -> str:
        """The dotted name of the function, by which the worker finds it again."""
        return f"{self.make.__module__}.{self.make.__qualname__}"

    def __call__(self, **facts: Any) -> EmailMultiAlternatives | None:
        return self.many([facts])[0]

    def many(self, mails: Sequence[dict[str, Any]]) -> list[EmailMultiAlternatives | None]:
        """The messages of many mails: what they share is read and rendered once."""
        found = {fact: lookup({facts[fact] for facts in mails}) for fact, lookup in self.lookups.items()}
        with rendering.once_for_many():
            return [
                self.make(**{**facts, **{fact: values.get(facts[fact]) for fact, values in found.items()}})
                for facts in mails
            ]


_registered: dict[str, Email] = {}


@overload
def email(make: Make, /) -> Email: ...
@overload
def email(**lookups: Lookup) -> Callable[[Make], Email]: ...
def email(make: Make | None = None, /, **lookups: Lookup) -> Email | Callable[[Make], Email]:
    """Register an e-mail, with the look-ups of its facts if it has any."""
    if make is None:
        return partial(_register, lookups=lookups)
    return _register(make, lookups)


def _register(make: Make, lookups: Mapping[str, Lookup]) -> Email:
    made = Email(make, lookups)
    _registered[made.name] = made
    return made


def checked_name(given: Email, facts: dict[str, Any]) -> str:
    """The name of a registered e-mail, once it is sure that these facts are what it asks for."""
    if not isinstance(given, Email):
        raise LookupError(f"{getattr(given, '__qualname__', given)} is not marked with @outbox.email.")
    if (names := frozenset(facts)) not in given.asked:
        inspect.signature(given).bind(**facts)
        given.asked.add(names)
    return given.name


def named(name: str) -> Email:
    """The e-mail of this name. Raises LookupError: nothing that is not registered can be called by name."""
    if name not in _registered:
        with suppress(ImportError, ValueError):
            import_module(name.rpartition(".")[0])
    return _registered[name]
