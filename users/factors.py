"""A person's second factors: what they have, and how allauth keeps, names and shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colibox.lib import sealed
from users.models import User

Type = Authenticator.Type
NAME = "Colibox"
"""What an authenticator app and a passkey call us."""


@dataclass(frozen=True)
class Factors:
    """What somebody signs in with beside their password."""

    app: Authenticator | None = None
    passkeys: list[Authenticator] = field(default_factory=list)
    codes: Authenticator | None = None

    @property
    def any(self) -> bool:
        """Whether sign-in has a second step."""
        return bool(self.app or self.passkeys)

    @property
    def only(self) -> bool:
        """Whether there is exactly one way to take that step: without it, only recovery codes are left."""
        return bool(self.app) + len(self.passkeys) == 1

    @property
    def codes_left(self) -> int:
        """How many recovery codes were not used yet."""
        used: int = self.codes.data.get("used_mask", 0) if self.codes else 0
        return settings.MFA_RECOVERY_CODE_COUNT - used.bit_count() if self.codes else 0


def of(user: User) -> Factors:
    """The second factors of a person, the oldest first; one query."""
    found = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    return Factors(
        app=next((each for each in found if each.type == Type.TOTP), None),
        passkeys=[each for each in found if each.type == Type.WEBAUTHN],
        codes=next((each for each in found if each.type == Type.RECOVERY_CODES), None),
    )


class Adapter(DefaultMFAAdapter):
    """allauth's hooks."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is wrong, or was used already. Wait for the next one and try again."),
        "passkey": gettext_lazy("This passkey was not recognised. Try again, or choose another way."),
        "unreadable": gettext_lazy("This second factor can no longer be read. Ask for it to be reset."),
        "cannot_generate_recovery_codes": gettext_lazy("Recovery codes come with a second factor: add one first."),
    }

    # At rest: who copies the database cannot compute codes.

    def encrypt(self, text: str) -> str:
        return sealed.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return sealed.unseal(encrypted_text)
        except sealed.Unreadable:
            raise self.validation_error("unreadable") from None

    # Names: from our own address, never from the request.

    def get_totp_issuer(self) -> str:
        return NAME

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return cast(User, user).username

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.PUBLIC_BASE_URL).hostname or "", "name": NAME}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        person = cast(User, user)
        handle = user_pk_to_url_str(person).encode()
        return {"id": handle, "name": person.username, "display_name": str(person)}

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        """A name for a passkey whose owner gave none."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Passkey %(n)s") % {"n": number}
