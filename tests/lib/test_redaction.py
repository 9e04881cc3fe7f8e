"""Secrets that stand in addresses."""

import logging
from typing import Any

import pytest
from django.conf import settings

from colibox.lib.keys import new_connection_key
from colibox.lib.redaction import HideSecrets

SECRETS = ["/invitations/0f/", "/profile/email/eyJ1:x/", "/auth/password/reset/9-c8x-k2/", "/objections/handover/W:x/"]


@pytest.mark.parametrize("path", SECRETS)
def test_the_log_of_an_address_does_not_tell_its_secret(path: str) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Service Unavailable: %s", (path,), None)
    assert HideSecrets().filter(record)
    assert record.getMessage() == f"Service Unavailable: {path.rsplit('/', 2)[0]}/…/"


def test_a_connection_key_is_told_by_its_public_part_alone() -> None:
    public, secret = new_connection_key()
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "Bad Request: /x?a=%s&b", (secret,), None)
    assert HideSecrets().filter(record)
    assert record.getMessage() == f"Bad Request: /x?a=cpk_{public}…&b"


def test_every_handler_hides_them() -> None:
    handlers: Any = settings.LOGGING["handlers"]
    assert all("secrets" in handler["filters"] for handler in handlers.values())
