"""What goes over the wire says what Django would have written, and reads the same."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives

from colibox.lib.outbox import wire


def letter(
    *, subject: str = "Bonjour à vous", text: str = "É\n.\nFrom x\n", to: str = "a@example.com", **more: str
) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(subject, text, to=[to], headers={"Message-ID": "<1@example.com>", **more})
    message.attach_alternative("<p>Éric\r\n’s</p>", "text/html")
    return message


def read(content: bytes) -> tuple[list[str], dict[str, str], list[tuple[str, str]]]:
    message = message_from_bytes(content, policy=policy.default)
    assert message.defects == []
    headers = {name: message[name].strip() for name in ("Subject", "From", "To", "Message-ID", "MIME-Version")}
    parts = [(part.get_content_type(), part.get_content()) for part in message.iter_parts()]
    return sorted(message.keys()), headers, parts


@pytest.mark.parametrize(
    "message",
    [
        letter(),
        letter(subject="Comptoir du Nord vous invite"),
        letter(subject="Les Établissements " * 12),
        letter(text="x" * 1200),
        letter(text="é" * 700),
        letter(to="Éric <eric@example.com>"),
        letter(to="eric@café.example"),
    ],
)
def test_it_reads_as_what_django_writes(message: EmailMultiAlternatives) -> None:
    assert read(wire.written(message)) == read(message.message().as_bytes(linesep="\r\n"))  # type: ignore[call-arg]


def test_every_line_ends_as_in_mail_and_is_short_enough() -> None:
    for text in ("a\nb\r\nc\rd", "é" * 700):
        content = wire.written(letter(text=text))
        assert content.count(b"\n") == content.count(b"\r\n") == content.count(b"\r")
        assert max(map(len, content.split(b"\r\n"))) <= 998


def test_a_message_of_another_kind_is_left_to_django() -> None:
    plain = EmailMessage("Bonjour", "Texte", to=["a@example.com"], cc=["b@example.com"])
    assert b"Cc: b@example.com\r\n" in wire.written(plain)


@pytest.mark.parametrize("name", ["subject", "To"])
def test_nobody_adds_a_header_of_their_own(name: str) -> None:
    message = letter(subject="a\nBcc: all@example.com") if name == "subject" else letter(**{"X-Name": "a\r\nBcc: b"})
    with pytest.raises(BadHeaderError):
        wire.written(message)


def test_an_address_is_taken_as_it_is_only_when_it_is_plain() -> None:
    assert wire.address("a.b+c@example.com") == "a.b+c@example.com"
    assert wire.address("eric@café.example") == "eric@xn--caf-dma.example"
    with pytest.raises(ValueError, match="nvalid"):
        wire.address("a@example.com>\r\nDATA")
