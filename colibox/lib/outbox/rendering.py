"""From the name of an e-mail and its facts to the message: the registry, and the templates it is made of."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils import translation

Email = Callable[..., EmailMultiAlternatives | None]
"""A function that makes a message of facts when it leaves, or None when it is no longer true."""

AnyEmail = TypeVar("AnyEmail", bound=Email)

_registered: dict[str, Email] = {}


def email(function: AnyEmail) -> AnyEmail:
    """Register an e-mail under its dotted name, by which the worker finds it again."""
    _registered[name_of(function)] = function
    return function


def name_of(function: Email) -> str:
    """The dotted name of a function at the top of its module."""
    return f"{function.__module__}.{function.__qualname__}"


def checked_name(function: Email, facts: dict[str, Any]) -> str:
    """The name of a registered e-mail, once it is sure that these facts are what it asks for."""
    name = name_of(function)
    if _registered.get(name) is not function:
        raise LookupError(f"{name} is not marked with @outbox.email.")
    inspect.signature(function).bind(**facts)
    return name


def named(name: str) -> Email:
    """The e-mail of this name. Raises LookupError: nothing that is not registered can be called by name."""
    if name not in _registered:
        with suppress(ImportError, ValueError):
            import_module(name.rpartition(".")[0])
    return _registered[name]


def compose(*, template: str, to: str, language: str, context: dict[str, Any] | None = None) -> EmailMultiAlternatives:
    """A message from three templates, `<template>.subject.txt`, `.txt` and `.html`, in that language.

    Addresses are absolute through `{{ base_url }}`, which never comes from a request.
    """
    given = {"base_url": settings.PUBLIC_BASE_URL, "support": settings.SUPPORT, "language": language}
    with translation.override(language):
        values = {**given, **(context or {})}
        subject = " ".join(_plain(f"{template}.subject.txt", values).split())
        message = EmailMultiAlternatives(subject, _plain(f"{template}.txt", values).strip() + "\n", to=[to])
        message.attach_alternative(_render(f"{template}.html", Context(values)), "text/html")
    return message


def _plain(template: str, values: dict[str, Any]) -> str:
    return _render(template, Context(values, autoescape=False))


def _render(template: str, context: Context) -> str:
    return Engine.get_default().get_template(template).render(context)
