"""From templates to a message, and from a name to the function that makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives

from colibox.lib import outbox
from colibox.lib.outbox import registry, rendering


@pytest.fixture
def template(tmp_path: Path, settings: Any) -> str:
    """The three templates of an e-mail."""
    (tmp_path / "letter.subject.txt").write_text("{% load i18n %}{% translate 'Home' %}\n of {{ company }}\n")
    (tmp_path / "letter.txt").write_text("\n{{ company }}: {{ base_url }}/x\n\n")
    (tmp_path / "letter.html").write_text("<html lang='{{ language }}'>{{ company }} {{ support.phone }}</html>")
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [str(tmp_path)], "OPTIONS": {}}
    settings.TEMPLATES = [engine]
    settings.PUBLIC_BASE_URL = "https://portal.example.com"
    return "letter"


def html_of(message: EmailMultiAlternatives) -> str:
    [(content, kind)] = message.alternatives
    assert kind == "text/html"
    return str(content)


class TestCompose:
    def test_makes_text_and_html_with_absolute_addresses(self, template: str) -> None:
        message = outbox.compose(template=template, to="a@example.com", language="en", context={"company": "Dupont"})
        assert message.to == ["a@example.com"]
        assert message.body == "Dupont: https://portal.example.com/x\n"
        assert "<html lang='en'>Dupont 0 241" in html_of(message)

    def test_speaks_the_reader_s_language(self, template: str) -> None:
        subjects = [
            outbox.compose(template=template, to="a@example.com", language=language).subject
            for language in ("fr", "en")
        ]
        assert subjects[1].startswith("Home of")

    def test_escapes_the_html_and_nothing_else(self, template: str) -> None:
        message = outbox.compose(
            template=template, to="a@example.com", language="en", context={"company": "L'Ami & Fils <b>"}
        )
        assert message.subject == "Home of L'Ami & Fils <b>"
        assert message.body.startswith("L'Ami & Fils <b>:")
        assert "L&#x27;Ami &amp; Fils &lt;b&gt;" in html_of(message)

    def test_keeps_a_subject_on_one_line(self, template: str) -> None:
        message = outbox.compose(
            template=template, to="a@example.com", language="en", context={"company": "A\r\nBcc: b@example.com"}
        )
        assert message.subject == "Home of A Bcc: b@example.com"


class TestWordsOfOnesOwn:
    def test_are_put_into_what_was_rendered_once(self, template: str) -> None:
        with rendering.once_for_many():
            first, second = (
                outbox.compose(template=template, to=f"{name}@example.com", language="en", own={"company": name})
                for name in ("L'Ami & Fils", "B\r\nBcc: b@example.com")
            )
        alone = outbox.compose(
            template=template, to="a@example.com", language="en", context={"company": "L'Ami & Fils"}
        )
        assert (first.subject, first.body, html_of(first)) == (alone.subject, alone.body, html_of(alone))
        assert second.subject == "Home of B Bcc: b@example.com"

    def test_cannot_be_asked_about_since_the_answer_would_be_everybody_s(self, tmp_path: Path, template: str) -> None:
        (tmp_path / "letter.txt").write_text("{% if company %}x{% endif %}")
        with pytest.raises(TypeError, match="asked about"):
            outbox.compose(template=template, to="a@example.com", language="en", own={"company": "Dupont"})


class TestNames:
    def test_the_worker_imports_an_email_by_its_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "late_letters.py").write_text(
            "from colibox.lib import outbox\n\n@outbox.email\ndef hello(): return None\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        assert registry.named("late_letters.hello")() is None

    @pytest.mark.parametrize("name", ["os.system", "no_such.module", "colibox.lib.outbox.delivery.purge", "x"])
    def test_nothing_but_an_email_can_be_called_by_name(self, name: str) -> None:
        with pytest.raises(LookupError):
            registry.named(name)
