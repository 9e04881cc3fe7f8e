"""The environment variables of the portal, read once and checked with a sentence for each fault."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INSECURE = "insecure-key-for-development-only"
"""The secret key of DEBUG runs; refused otherwise."""


@dataclass(frozen=True)
class Environment:
    """Every setting that an operator gives, already of its type."""

    debug: bool
    secret_key: str
    secret_key_fallbacks: list[str]
    allowed_hosts: list[str]
    public_base_url: str
    database: dict[str, Any]
    redis_url: str
    email: dict[str, Any]
    default_from_email: str
    mails_per_second: int
    mailbox_dir: Path | None
    static_root: Path | None
    trusted_proxy_count: int
    support: dict[str, str | Promise]
    terms: dict[str, Any]
    show_whole_card: bool
    outside_hosts: list[str]
    import_result_days: int
    calls_per_minute: int
    calls_per_minute_account: int
    staff_second_factor: bool


def read(source: os._Environ[str] | dict[str, str] | None = None) -> Environment:
    """Read the environment; raise ImproperlyConfigured with one sentence per fault."""
    env, faults = _Reader(source if source is not None else os.environ), []
    debug = env.boolean("DEBUG", False)
    base = env.text("PUBLIC_BASE_URL", "http://localhost:8000").rstrip("/")
    result = Environment(
        debug=debug,
        secret_key=env.text("SECRET_KEY", INSECURE if debug else ""),
        secret_key_fallbacks=env.words("SECRET_KEY_FALLBACKS"),
        allowed_hosts=env.words("ALLOWED_HOSTS") or [urlsplit(base).hostname or ""],
        public_base_url=base,
        database=env.database(),
        redis_url=env.text("REDIS_URL", "redis://localhost:6379/0"),
        email=env.email(),
        default_from_email=env.text("DEFAULT_FROM_EMAIL", "Colibox <ne-pas-repondre@colibox.example>"),
        mails_per_second=env.number("MAILS_PER_SECOND", 50),
        mailbox_dir=env.path("MAILBOX_DIR"),
        static_root=env.path("STATIC_ROOT"),
        trusted_proxy_count=env.number("TRUSTED_PROXY_COUNT", 0),
        support={
            "phone": env.text("SUPPORT_PHONE", "0 241 742 088"),
            "hours": env.text("SUPPORT_HOURS", "") or _("Monday to Friday, 9 am to 6 pm"),
            "phone_incidents": env.text("SUPPORT_INCIDENT_PHONE", "0 825 086 005"),
            "hours_incidents": env.text("SUPPORT_INCIDENT_HOURS", "") or _("Monday to Friday, 8 am to 6 pm"),
            "price_incidents": env.text("SUPPORT_INCIDENT_PRICE", "") or _("€0.15 / min"),
            "email": env.text("SUPPORT_EMAIL", "support@colibox.example"),
        },
        terms={"address": env.text("TERMS_URL", ""), "version": env.date("TERMS_DATE", date(2026, 1, 1))},
        show_whole_card=env.boolean("LINK_CARD_SHOWS_ALL", False),
        outside_hosts=env.words("OUTSIDE_HOSTS"),
        import_result_days=env.number("IMPORT_RESULT_DAYS", 7),
        calls_per_minute=env.number("WS_CALLS_PER_MINUTE", 600),
        calls_per_minute_account=env.number("WS_CALLS_PER_MINUTE_ACCOUNT", 3000),
        staff_second_factor=env.boolean("STAFF_SECOND_FACTOR", False),
    )
    faults = [*env.faults, *_faults_of(result)]
    if faults:
        raise ImproperlyConfigured("\n".join(faults))
    return result


def names() -> frozenset[str]:
    """Every variable that is read, whoever sets it."""
    noting = _Noting()
    with suppress(ImproperlyConfigured):
        read(noting)
    return frozenset(noting.asked)


class _Noting(dict[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None, /) -> Any:
        self.asked.add(key)
        return default


def _faults_of(e: Environment) -> list[str]:
    """The sentences about values that are of the right type and still wrong."""
    faults = []
    if not e.debug and (len(e.secret_key) < 32 or e.secret_key == INSECURE):
        faults.append("SECRET_KEY must be set to at least 32 random characters.")
    if not e.debug and "*" in e.allowed_hosts:
        faults.append("ALLOWED_HOSTS must name the hosts served; * is refused.")
    if urlsplit(e.public_base_url).scheme not in {"http", "https"} or not urlsplit(e.public_base_url).hostname:
        faults.append("PUBLIC_BASE_URL must be an address such as https://portal.example.com.")
    if e.mailbox_dir and urlsplit(e.public_base_url).scheme == "https":
        faults.append("MAILBOX_DIR shows every e-mail to everybody: it is for demonstrations, not for https addresses.")
    if e.terms["address"] and not e.terms["address"].startswith("https://"):
        faults.append("TERMS_URL must be an address that begins with https://.")
    if not e.redis_url.startswith(("redis://", "rediss://", "unix://")):
        faults.append("REDIS_URL must start with redis://, rediss:// or unix://.")
    return faults


class _Reader:
    """Typed look-ups that remember what could not be read."""

    def __init__(self, source: os._Environ[str] | dict[str, str]) -> None:
        self.source = source
        self.faults: list[str] = []

    def text(self, name: str, default: str) -> str:
        return self.source.get(name, default).strip()

    def path(self, name: str) -> Path | None:
        return Path(value) if (value := self.text(name, "")) else None

    def words(self, name: str) -> list[str]:
        return [word.strip() for word in self.source.get(name, "").split(",") if word.strip()]

    def boolean(self, name: str, default: bool) -> bool:
        value = self.source.get(name, "").strip().lower()
        if value not in {"", "1", "true", "yes", "on", "0", "false", "no", "off"}:
            self.faults.append(f"{name} must be true or false, not “{value}”.")
        return value in {"1", "true", "yes", "on"} if value else default

    def number(self, name: str, default: int) -> int:
        value = self.source.get(name, "").strip()
        if value and not value.isdecimal():
            self.faults.append(f"{name} must be a whole number, not “{value}”.")
            return default
        return int(value) if value else default

    def date(self, name: str, default: date) -> date:
        value = self.text(name, "")
        try:
            return date.fromisoformat(value) if value else default
        except ValueError:
            self.faults.append(f"{name} must be a day such as 2026-11-30, not “{value}”.")
            return default

    def database(self) -> dict[str, Any]:
        url = self.text("DATABASE_URL", "postgresql://colibox_app@localhost/colibox")
        if not url.startswith(("postgres://", "postgresql://")):
            self.faults.append("DATABASE_URL must be a PostgreSQL address: postgresql://user:password@host/name.")
            return {}
        config = dict(environ.Env.db_url_config(url))
        options = config.pop("OPTIONS", {})
        return {**config, "HOST": options.pop("host", config["HOST"]), "OPTIONS": options}

    def email(self) -> dict[str, Any]:
        url = self.text("EMAIL_URL", "smtp://localhost:25")
        if not url.startswith(("smtp://", "smtp+tls://", "smtp+ssl://", "consolemail://", "memorymail://")):
            self.faults.append("EMAIL_URL must start with smtp://, smtp+tls:// or smtp+ssl://.")
            return {}
        config = dict(environ.Env.email_url_config(url))
        if url.startswith("smtp"):
            config["EMAIL_BACKEND"] = "colibox.lib.outbox.smtp.EmailBackend"
        return config


def celery_url(redis_url: str) -> str:
    """The same Redis as Celery writes it: a unix socket has its own scheme and parameter there."""
    if redis_url.startswith("unix://"):
        return redis_url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    return redis_url
