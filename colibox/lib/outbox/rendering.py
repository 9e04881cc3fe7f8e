"""From templates to a message; what many mails share is rendered once, as a form that each one's own words fill."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine
from django.utils import translation
from django.utils.html import escape

BLANK = re.compile("\ue000(\\w+)\ue001")
"""Where a word of one's own goes in a form; made of private characters, which no text has."""


class Blank:
    """Stands in a form for a word of one's own: it can be printed, and nothing else, for its value is not known yet."""

    def __init__(self, name: str) -> None:
        self.mark = f"\ue000{name}\ue001"

    def __str__(self) -> str:
        return self.mark

    def __bool__(self) -> bool:
        raise TypeError("What a mail has of its own can be printed in a template, not asked about.")


@dataclass(frozen=True)
class Form:
    """A rendered subject, text and page, each in pieces: every second one is the name of a blank."""

    subject: list[str]
    text: list[str]
    html: list[str]

    def filled(self, own: Mapping[str, str], *, to: str) -> EmailMultiAlternatives:
        """The message to one person."""
        subject = " ".join(_fill(self.subject, own).split())
        message = EmailMultiAlternatives(subject, _fill(self.text, own).strip() + "\n", to=[to])
        escaped = {name: escape(word) for name, word in own.items()}
        message.attach_alternative(_fill(self.html, escaped), "text/html")
        return message


_forms: ContextVar[dict[Any, Form] | None] = ContextVar("forms", default=None)


@contextmanager
def once_for_many() -> Iterator[None]:
    """Within, mails of one template, language and context are rendered once, if they say what is their own."""
    token = _forms.set({})
    try:
        yield
    finally:
        _forms.reset(token)


def compose(
    *,
    template: str,
    to: str,
    language: str,
    context: Mapping[str, Any] | None = None,
    own: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """A message from three templates, `<template>.subject.txt`, `.txt` and `.html`, in that language.

    Addresses are absolute through `{{ base_url }}`, which never comes from a request. `own` are the words of this
    mail alone, which the templates only print: whatever else is in the context is then of plain, hashable values.
    """
    context, own = context or {}, own or {}
    forms = _forms.get()
    if forms is None or not own:
        return _form(template, language, context, own).filled(own, to=to)
    key = (template, language, *own, *context.items())
    if key not in forms:
        forms[key] = _form(template, language, context, own)
    return forms[key].filled(own, to=to)


def _form(template: str, language: str, context: Mapping[str, Any], own: Mapping[str, str]) -> Form:
    given = {"base_url": settings.PUBLIC_BASE_URL, "support": settings.SUPPORT, "language": language}
    values = {**given, **context, **{name: Blank(name) for name in own}}
    with translation.override(language):
        return Form(
            subject=_render(f"{template}.subject.txt", Context(values, autoescape=False)),
            text=_render(f"{template}.txt", Context(values, autoescape=False)),
            html=_render(f"{template}.html", Context(values)),
        )


def _render(template: str, context: Context) -> list[str]:
    return BLANK.split(Engine.get_default().get_template(template).render(context))


def _fill(pieces: list[str], own: Mapping[str, str]) -> str:
    return "".join([own.get(piece, "") if number % 2 else piece for number, piece in enumerate(pieces)])
