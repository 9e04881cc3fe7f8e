"""Settings of the portal; what an operator may change is read by colibox.environment."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from colibox import environment

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENT = environment.read()

DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = ENVIRONMENT.secret_key_fallbacks
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
PUBLIC_BASE_URL = ENVIRONMENT.public_base_url
SECURE = PUBLIC_BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "users",
    "accounts",
    "rights",
    "tracking",
    "imports",
    "colibox.lib.health",
    "colibox.lib.outbox",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_countries",
    "django_htmx",
    "import_export",
    "phonenumber_field",
    "colibox.lib.operators.apps.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "colibox.middleware.unavailable",
    "colibox.middleware.headers",
    "colibox.middleware.no_cookies_for_services",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "users.middleware.language",
    "users.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "rights.idle.lock_when_idle",
    "rights.middleware.support_visit",
    "colibox.middleware.log_refusals",
    "colibox.middleware.page_for_not_allowed",
    "colibox.middleware.tagged_views_only",
]

ROOT_URLCONF = "colibox.urls"
WSGI_APPLICATION = "colibox.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "rights.navigation.context",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                ),
            ],
        },
    },
]
if DEBUG:
    TEMPLATES[0]["OPTIONS"]["loaders"] = TEMPLATES[0]["OPTIONS"]["loaders"][0][1]  # type: ignore[index]

# Data. Every request is one transaction: the accounts in reach are set in it (colibox.lib.tenancy).
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **ENVIRONMENT.database,
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c statement_timeout=10000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=300000"
            " -c random_page_cost=1.1",  # of disks without moving parts: else what an index answers is read whole
            "connect_timeout": 3,
            **ENVIRONMENT.database["OPTIONS"],
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "colibox.lib.cache.ForgivingRedisCache",
        "LOCATION": ENVIRONMENT.redis_url,
        "KEY_PREFIX": "colibox",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 2},
    },
}

# People and sign-in.
AUTH_USER_MODEL = "users.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # user names are unique whatever their case: a constraint says so
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "rights.passwords.NotGuessable"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_ADAPTER = "users.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_FORMS = {
    "login": "users.forms.LoginForm",
    "reauthenticate": "users.forms.ReauthenticateForm",
    "change_password": "users.forms.ChangePasswordForm",
    "reset_password": "users.forms.ResetPasswordForm",
    "reset_password_from_key": "users.forms.ResetPasswordKeyForm",
}
# An administrator's user name is a public number: nobody may lock somebody else out with wrong passwords,
# so the key that users.adapter counts is the address and the name together.
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,10/300s/key"}
MFA_ADAPTER = "users.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a telephone may be half a minute early or late
MFA_RECOVERY_CODE_COUNT = 10
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}  # there is nothing to guess, and offices share an address
MFA_FORMS = {
    "authenticate": "users.factor_forms.CodeForm",
    "authenticate_webauthn": "users.factor_forms.PasskeyForm",
    "reauthenticate": "users.factor_forms.ReauthenticateForm",
    "reauthenticate_webauthn": "users.factor_forms.ReauthenticatePasskeyForm",
    "activate_totp": "users.factor_forms.ActivateForm",
    "add_webauthn": "users.factor_forms.AddPasskeyForm",
    "edit_webauthn": "users.factor_forms.RenamePasskeyForm",
    "login_webauthn": "users.factor_forms.SignInPasskeyForm",
}
STAFF_SECOND_FACTOR = ENVIRONMENT.staff_second_factor
ALLAUTH_TRUSTED_PROXY_COUNT = ENVIRONMENT.trusted_proxy_count

SESSION_ENGINE = "colibox.lib.sessions"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_HTTPONLY = False
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
CSRF_FAILURE_VIEW = "colibox.views.csrf_failure"

# Headers.
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENVIRONMENT.trusted_proxy_count else None
SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Languages, dates, numbers.
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Paris"
USE_TZ = True
FORMAT_MODULE_PATH = ["colibox.formats"]
PHONENUMBER_DEFAULT_REGION = "FR"
COUNTRIES_FIRST = ["FR", "BE", "LU", "CH", "MC"]
COUNTRIES_FIRST_SORT = False
COUNTRIES_OVERRIDE = {"RE": _("Réunion")}
"""Said as in an address: the list of names has its article after a comma in French."""

# Files.
STATIC_URL = "/static/"
STATIC_ROOT = ENVIRONMENT.static_root or BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG or not STATIC_ROOT.exists()
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["map", "png", "jpg", "webp", "gz", "br", "woff2"]
UPLOAD_MAX_BYTES = 12_000_000  # a little more than any page takes, so that the page can say so
FILE_UPLOAD_HANDLERS = [
    "colibox.lib.uploads.Bounded",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if STATIC_ROOT.exists()
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

# E-mail: rows of the outbox, sent by the worker.
EMAIL_BACKEND = ENVIRONMENT.email["EMAIL_BACKEND"]
EMAIL_HOST = ENVIRONMENT.email.get("EMAIL_HOST", "localhost")
EMAIL_PORT = ENVIRONMENT.email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = ENVIRONMENT.email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = ENVIRONMENT.email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = ENVIRONMENT.email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = ENVIRONMENT.email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = ENVIRONMENT.default_from_email
MAILS_PER_SECOND = ENVIRONMENT.mails_per_second
MAILBOX_DIR = ENVIRONMENT.mailbox_dir

# Celery is the doorbell, the database holds the work: a lost message is only a late one.
CELERY_BROKER_URL = environment.celery_url(ENVIRONMENT.redis_url)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 0.5,
    "socket_timeout": 5,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A long import keeps neither mails nor maintenance waiting: it has a queue, and a worker, of its own.
CELERY_TASK_ROUTES = {
    "colibox.lib.outbox.tasks.deliver": {"queue": "mail"},
    "imports.tasks.work_on": {"queue": "imports"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CLOCK = {
    5: ["colibox.lib.outbox.tasks.deliver"],
    10: ["imports.tasks.work_on"],
    30: ["colibox.lib.health.tasks.beat"],
    60: [
        "accounts.tasks.seal_events",
        "rights.tasks.end_support_visits",
        "rights.tasks.expire_invitations",
        "rights.tasks.hand_over",
    ],
    600: [
        "rights.tasks.warn_of_keys",
        "rights.tasks.watch_dates",
        "users.tasks.lapse_resets",
    ],
    3600: [
        "accounts.tasks.purge_contacts",
        "colibox.lib.outbox.tasks.purge",
        "imports.tasks.purge",
        "rights.tasks.propose_profiles",
        "rights.tasks.remind_of_reviews",
        "rights.tasks.warn_of_required_factor",
        "tracking.tasks.forget_calls",
        "users.tasks.clear_sessions",
    ],
}
"""What the scheduler rings for, by every how many seconds; a ring that nobody heard until the next one is forgotten."""
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": seconds, "options": {"expires": seconds}}
    for seconds, tasks in CLOCK.items()
    for task in tasks
}

# The portal's own.
TRACE = "accounts.audit.record"
PURGES = {
    "mails": "colibox.lib.outbox.delivery.purge",
    "calls": "tracking.actions.calls.forget",
    "imports": "imports.actions.purge",
    "contacts": "accounts.actions.contacts.purge",
    "sessions": "users.actions.forget_sessions",
    "invitations": "rights.actions.expire_due",
    "support visits": "rights.actions.visits.end_late_visits",
}
"""What is forgotten when its time is over, and by which action: `manage.py purge_expired`."""
ERASURES = ["tracking.actions.erasure.rename", "imports.erasure.rename"]
"""What the apps above rights do when a person is erased."""
INVITATION_HOURS = 48
IMPORT_RESULT_DAYS = ENVIRONMENT.import_result_days
WS_CALLS_PER_MINUTE = ENVIRONMENT.calls_per_minute
WS_CALLS_PER_MINUTE_ACCOUNT = ENVIRONMENT.calls_per_minute_account
LINK_CARD_SHOWS_ALL = ENVIRONMENT.show_whole_card
OUTSIDE_HOSTS = ENVIRONMENT.outside_hosts
SUPPORT = ENVIRONMENT.support
TERMS = ENVIRONMENT.terms

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"secrets": {"()": "colibox.lib.redaction.HideSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # the clock rings every few seconds: what a task did is in the database, what went wrong is a warning
    "loggers": {"celery.app.trace": {"level": "WARNING"}, "celery.worker.strategy": {"level": "WARNING"}},
}
