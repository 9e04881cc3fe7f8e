"""What an operator gives, and the sentence they read when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from colibox import environment
from colibox.embedded.__main__ import beside

GOOD = {
    "SECRET_KEY": "k" * 50,
    "PUBLIC_BASE_URL": "https://portal.example.com/",
    "DATABASE_URL": "postgresql://colibox_app:s%40cret@db.example.com:5433/colibox",
    "REDIS_URL": "redis://redis.example.com:6379/2",
    "EMAIL_URL": "smtp+tls://mailer:pass@mail.example.com:587",
}


def test_a_good_environment_is_read_into_its_types() -> None:
    read = environment.read({**GOOD, "TRUSTED_PROXY_COUNT": "2", "DEBUG": ""})
    assert not read.debug
    assert read.public_base_url == "https://portal.example.com"
    assert read.allowed_hosts == ["portal.example.com"]
    assert (read.mailbox_dir, read.trusted_proxy_count) == (None, 2)
    assert read.database["PASSWORD"] == "s@cret"
    assert (read.database["HOST"], read.database["PORT"]) == ("db.example.com", 5433)
    assert read.email["EMAIL_USE_TLS"] and read.email["EMAIL_PORT"] == 587
    assert read.email["EMAIL_BACKEND"] == "colibox.lib.outbox.smtp.EmailBackend"


def test_the_database_may_be_on_a_socket() -> None:
    read = environment.read({**GOOD, "DATABASE_URL": "postgresql://colibox_app:x@/colibox?host=/run/pg"})
    assert (read.database["HOST"], read.database["NAME"]) == ("/run/pg", "colibox")
    assert read.database["OPTIONS"] == {}


def test_lists_are_written_with_commas() -> None:
    read = environment.read({**GOOD, "ALLOWED_HOSTS": "a.example.com, b.example.com,", "SECRET_KEY_FALLBACKS": "x,y"})
    assert read.allowed_hosts == ["a.example.com", "b.example.com"]
    assert read.secret_key_fallbacks == ["x", "y"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "SECRET_KEY must be set to at least 32 random characters."),
        ("SECRET_KEY", "short", "SECRET_KEY must be set to at least 32 random characters."),
        ("SECRET_KEY", environment.INSECURE, "SECRET_KEY must be set to at least 32 random characters."),
        ("ALLOWED_HOSTS", "a.example.com,*", "ALLOWED_HOSTS must name the hosts served; * is refused."),
        (
            "PUBLIC_BASE_URL", "portal.example.com",
            "PUBLIC_BASE_URL must be an address such as https://portal.example.com.",
        ),
        (
            "PUBLIC_BASE_URL", "ftp://portal.example.com",
            "PUBLIC_BASE_URL must be an address such as https://portal.example.com.",
        ),
        (
            "DATABASE_URL", "mysql://a@b/c",
            "DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host/name.",
        ),
        ("REDIS_URL", "localhost:6379", "REDIS_URL must start with redis://, rediss:// or unix://."),
        ("EMAIL_URL", "mail.example.com", "EMAIL_URL must start with smtp://, smtp+tls:// or smtp+ssl://."),
        ("DEBUG", "maybe", "DEBUG must be true or false, not “maybe”."),
        ("LINK_CARD_SHOWS_ALL", "2", "LINK_CARD_SHOWS_ALL must be true or false, not “2”."),
        ("TRUSTED_PROXY_COUNT", "-1", "TRUSTED_PROXY_COUNT must be a whole number, not “-1”."),
    ],
)  # fmt: skip
def test_each_fault_has_its_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.read({**GOOD, name: value})
    assert str(refusal.value) == sentence


def test_a_demonstration_may_show_its_mailbox() -> None:
    read = environment.read({**GOOD, "PUBLIC_BASE_URL": "http://localhost:8000", "MAILBOX_DIR": "/var/mail/demo"})
    assert read.mailbox_dir == Path("/var/mail/demo")


def test_a_portal_served_for_real_shows_no_mailbox() -> None:
    with pytest.raises(ImproperlyConfigured, match="for demonstrations"):
        environment.read({**GOOD, "PUBLIC_BASE_URL": "https://portal.example", "MAILBOX_DIR": "/tmp/mailbox"})


def test_all_faults_are_said_at_once() -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        environment.read({"DEBUG": "maybe", "REDIS_URL": "x", "TRUSTED_PROXY_COUNT": "many"})
    assert len(str(refusal.value).splitlines()) == 4


def test_a_debug_run_needs_nothing() -> None:
    read = environment.read({"DEBUG": "true"})
    assert read.debug and read.secret_key == environment.INSECURE
    assert read.allowed_hosts == ["localhost"]


def test_every_variable_that_is_read_is_among_the_names_and_in_the_readme() -> None:
    read = environment.names()
    assert {"SECRET_KEY", "DATABASE_URL", "EMAIL_URL", "PUBLIC_BASE_URL", "SUPPORT_PHONE", "TERMS_DATE"} <= read
    readme = Path("README.md").read_text()
    assert {name for name in read if name not in readme} == {"MAILBOX_DIR", "STATIC_ROOT"}  # of the launcher


def test_a_launcher_keeps_the_settings_it_was_given_and_nothing_of_whoever_started_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {"PUBLIC_BASE_URL": "https://portal.example", "HOME": "/home/somebody", "TOKEN_OF_ANOTHER": "x"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    kept = beside({**given, "REDIS_URL": "unix:///run/valkey.sock?db=0"})
    assert kept == {"PUBLIC_BASE_URL": "https://portal.example", "REDIS_URL": "unix:///run/valkey.sock?db=0"}


@pytest.mark.parametrize(
    ("redis_url", "broker_url"),
    [
        ("unix:///run/valkey.sock?db=3", "redis+socket:///run/valkey.sock?virtual_host=3"),
        ("redis://redis:6379/0", "redis://redis:6379/0"),
        ("rediss://redis:6380/0", "rediss://redis:6380/0"),
    ],
)
def test_celery_gets_the_same_redis_in_its_own_words(redis_url: str, broker_url: str) -> None:
    assert environment.celery_url(redis_url) == broker_url
