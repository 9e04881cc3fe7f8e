"""Where applications that are not ours may be: a tile sends people there who trust the portal."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.http.request import validate_host
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

ONLY_HTTPS = URLValidator(schemes=["https"], message=gettext_lazy("Enter an address that begins with https://."))
ON_A_DESK = URLValidator(schemes=["https", "http"], message=ONLY_HTTPS.message)
"""Where the portal is developed."""


def check(address: str) -> None:
    """Raise ValidationError for an address that no tile may lead to."""
    (ON_A_DESK if settings.DEBUG else ONLY_HTTPS)(address)
    parts = urlsplit(address)
    if "@" in parts.netloc:
        text = _("Leave user name and password out of the address: everybody reads it who sees the tile.")
        raise ValidationError(text)
    if not is_allowed(address):
        hosts = ", ".join(settings.OUTSIDE_HOSTS)
        raise ValidationError(_("This host is not among those allowed here: %(hosts)s.") % {"hosts": hosts})


def is_allowed(address: str) -> bool:
    """Whether its host is one of those that the portal was told of; any is, where it was told of none."""
    return not settings.OUTSIDE_HOSTS or validate_host(urlsplit(address).hostname or "", settings.OUTSIDE_HOSTS)
