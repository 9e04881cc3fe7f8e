"""The e-mail that tells that an import is over."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from colibox.lib import outbox
from imports.models import ImportJob
from rights.actions.entries import Done


@outbox.email
def finished(*, job: int) -> EmailMultiAlternatives | None:
    """To who started it: what came of the rows, and until when the result is kept."""
    found = ImportJob.objects.select_related("account", "by__user").filter(pk=job, purged_at=None).first()
    if found is None or found.by.user is None:
        return None
    person, path = found.by.user, reverse("imports:job", args=[found.account.number, found.uuid])
    context: dict[str, Any] = {
        "job": found,
        "account": found.account,
        "person": person,
        "tally": {str(done): found.tally.get(done, 0) for done in Done},
        "button_url": f"{settings.PUBLIC_BASE_URL}{path}",
        "button_label": _("See the result"),
    }
    return outbox.compose(
        template="imports/emails/finished", to=person.email, language=person.language, context=context
    )
