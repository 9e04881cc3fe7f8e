"""Secrets at rest: unreadable without the key of the portal, and carried over to a new one."""

from __future__ import annotations

from typing import Any

import pytest

from colibox.lib import sealed


def test_what_is_sealed_is_read_again_and_never_looks_the_same() -> None:
    first, second = sealed.seal("JBSWY3DP"), sealed.seal("JBSWY3DP")
    assert first != second and "JBSWY3DP" not in first + second
    assert sealed.unseal(first) == sealed.unseal(second) == "JBSWY3DP"


def test_a_former_key_still_opens_and_resealing_does_without_it(settings: Any) -> None:
    old = sealed.seal("JBSWY3DP")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-that-is-long-enough-to-be-one"
    new = sealed.reseal(old)
    assert sealed.unseal(old) == "JBSWY3DP"
    settings.SECRET_KEY_FALLBACKS = []
    assert sealed.unseal(new) == "JBSWY3DP"
    with pytest.raises(sealed.Unreadable):
        sealed.unseal(old)
    with pytest.raises(sealed.Unreadable):
        sealed.reseal(old)


def test_what_was_changed_is_refused() -> None:
    text = sealed.seal("JBSWY3DP")
    with pytest.raises(sealed.Unreadable):
        sealed.unseal(text[:-4] + "AAA=")
