"""What people give of their second factors: codes typed by hand, what a passkey answers, a name for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from colibox.lib import throttle
from users import actions, factors
from users.forms import LineField

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text

CODE_SECONDS = 120
"""For longer than a code of an app is good, it is good once."""
LONGEST_CREDENTIAL = 16_000
"""Characters of what a passkey answers; it takes some hundreds."""


def code_field(hint: Text) -> forms.CharField:
    """A code typed or pasted, spaces allowed."""
    attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
    return forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=hint,
        widget=forms.TextInput(attrs=attributes),
        error_messages={"required": _("Enter the code, for example 492 039.")},
    )


class OnceMixin:
    """A code of an app opens one door once, though it is good for a minute and a half."""

    user: Any
    authenticator: Authenticator
    cleaned_data: dict[str, Any]
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not factors.of(self.user).app:
            self.fields["code"].help_text = _("One of your recovery codes.")

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        digits = "".join(filter(str.isdigit, code))
        by_app = self.authenticator.type == factors.Type.TOTP
        if by_app and not throttle.allow(f"totp:{self.user.pk}:{digits}", limit=1, seconds=CODE_SECONDS):
            raise get_adapter().validation_error("incorrect_code")
        return code

    def save(self) -> None:
        """allauth's name for: the code was right."""
        super().save()  # type: ignore[misc]
        if self.authenticator.type == factors.Type.RECOVERY_CODES:
            actions.recovery_code_used(user=self.user, left=factors.of(self.user).codes_left)

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        actions.second_step_refused(user=self.user)


class CodeForm(OnceMixin, base.AuthenticateForm):
    """The second step of signing in."""

    code = code_field(_("The six digits that your app shows now, or one of your recovery codes."))


class ReauthenticateForm(OnceMixin, base.ReauthenticateForm):
    """Prove once more that it is you."""

    code = code_field(_("The six digits that your app shows now, or one of your recovery codes."))


class ActivateForm(totp.ActivateTOTPForm):
    """The first code of an app, which proves that it has the secret."""

    code = code_field(_("The six digits that your app shows now."))


# Passkeys.


class CredentialField(forms.JSONField):
    """What a passkey answers, put there by static/js/webauthn.js."""

    def __init__(self) -> None:
        nothing = _("Your browser sent no passkey. This needs JavaScript and a browser that knows passkeys.")
        super().__init__(widget=forms.HiddenInput, error_messages={"required": nothing, "invalid": nothing})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and (len(value) > LONGEST_CREDENTIAL or "\\u0000" in value):
            raise ValidationError(self.error_messages["invalid"])
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):  # a number of thousands of figures, brackets within brackets
            raise ValidationError(self.error_messages["invalid"]) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Nothing of it is shown again: it served once, or was none."""
        return initial


@contextmanager
def _checked() -> Iterator[None]:
    """Whatever is wrong with a credential, one sentence: it comes from a program, not from a person."""
    try:
        yield
    except ValidationError as refusal:
        if refusal.code == "incorrect_code":
            raise get_adapter().validation_error("passkey") from None
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        raise get_adapter().validation_error("passkey") from None


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """A passkey to be kept, and what to call it."""

    name = LineField(
        label=_("Name of the passkey"), missing="", autocomplete="off", max_length=40, required=False,
        help_text=_("So that you recognise it in the list, for example “Office laptop”."),
    )  # fmt: skip
    credential = CredentialField()
    passwordless = None  # type: ignore[assignment]

    def clean(self) -> dict[str, Any]:
        with _checked():
            return super().clean()


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """What to call a passkey."""

    name = LineField(
        label=_("Name of the passkey"), missing=_("Enter a name, for example Office laptop."), autocomplete="off",
        max_length=40,
    )  # fmt: skip


class PasskeyForm(webauthn.AuthenticateWebAuthnForm):
    """The second step of signing in, by a passkey."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        with _checked():
            found: Authenticator = super().clean_credential()
        if not found.user.is_active:
            raise get_adapter().validation_error("passkey")
        return found


class SignInPasskeyForm(PasskeyForm):
    """A passkey in place of user name and password: it asked for a finger, a face or a PIN itself."""

    passwordless = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=None, **kwargs)


class ReauthenticatePasskeyForm(PasskeyForm):
    """Prove once more that it is you, by a passkey."""

    reauthenticated = True
