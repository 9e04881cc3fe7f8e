"""User keys, connection keys and invitation tokens, as they are made and as they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colibox.lib import keys

KEY = keys.new_user_key()


def test_a_user_key_is_read_as_people_type_it() -> None:
    shown = keys.show_user_key(KEY)
    assert len(shown) == 16 and shown.count("-") == 3
    for typed in (shown, shown.lower(), KEY, shown.replace("-", " "), f" {shown}\u00a0", shown.replace("0", "O")):
        assert keys.read_user_key(typed) == KEY


def test_letters_that_look_like_digits_are_read_as_them() -> None:
    key = next(key for key in iter(keys.new_user_key, "") if "1" in key)
    assert keys.read_user_key(key.replace("1", "I")) == keys.read_user_key(key.replace("1", "l")) == key


@given(st.integers(0, 12), st.sampled_from(keys.CROCKFORD))
def test_one_wrong_symbol_is_noticed(place: int, symbol: str) -> None:
    typed = KEY[:place] + symbol + KEY[place + 1 :]
    assert keys.read_user_key(typed) == (KEY if typed == KEY else None)


def test_each_wrong_symbol_and_each_exchange_is_noticed_in_a_key_of_every_symbol() -> None:
    for start in range(0, 32, 4):
        body = (keys.CROCKFORD[start:] + keys.CROCKFORD)[:12]
        key = body + keys._check_symbol(body)
        wrong = {key[:i] + symbol + key[i + 1 :] for i in range(13) for symbol in keys.CROCKFORD}
        exchanged = {key[:i] + key[i + 1] + key[i] + key[i + 2 :] for i in range(12)}
        assert [typed for typed in wrong | exchanged if keys.read_user_key(typed)] == [key]


@given(st.integers(0, 11))
def test_two_neighbours_exchanged_are_noticed(place: int) -> None:
    typed = KEY[:place] + KEY[place + 1] + KEY[place] + KEY[place + 2 :]
    assert keys.read_user_key(typed) == (KEY if typed == KEY else None)


@given(st.text(max_size=40))
def test_anything_else_is_refused_and_breaks_nothing(typed: str) -> None:
    read = keys.read_user_key(typed)
    assert read is None or len(read) == 13
    assert keys.read_connection_key(typed) is None


def test_user_keys_do_not_repeat() -> None:
    assert len({keys.new_user_key() for _ in range(1000)}) == 1000


def test_a_connection_key_names_its_public_part_and_checks_itself() -> None:
    public, key = keys.new_connection_key()
    assert len(key) == 51 and key.startswith("cpk_")
    assert keys.read_connection_key(key) == public
    assert keys.read_connection_key(key[:-1] + ("0" if key[-1] != "0" else "1")) is None
    assert keys.read_connection_key(key[:-1]) is None


def test_what_is_stored_of_a_key_depends_on_the_secret_key(settings: pytest.FixtureRequest) -> None:
    _public, key = keys.new_connection_key()
    before = keys.fingerprint(key)
    assert key not in before
    settings.SECRET_KEY = "another-secret-key-another-secret-key"  # type: ignore[attr-defined]
    assert keys.fingerprint(key) != before


def test_an_invitation_s_token_is_its_own_for_each_sending() -> None:
    first, again, second = (keys.invitation_token("a-link", generation) for generation in (1, 1, 2))
    assert first == again != second
    assert len(bytes.fromhex(first)) * 8 >= 128
    assert keys.digest(first) != first
