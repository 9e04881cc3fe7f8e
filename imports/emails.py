"""The e-mail that tells that an import is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from colibox.lib import outbox
from colibox.lib.numbers import thousands
from imports.models import ImportJob
from rights.actions.many.entries import Done


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
        "counts": _counts(found.tally, person.language),
        "button_url": f"{settings.PUBLIC_BASE_URL}{path}",
        "button_label": _("See the result"),
    }
    return outbox.compose(
        template="imports/emails/finished", to=person.email, language=person.language, context=context
    )


def _counts(tally: Mapping[str, int], language: str) -> list[str]:
    """What came of the rows, a line for each fate that some had."""
    n = {done: tally.get(done, 0) for done in Done}
    with translation.override(language):
        lines = {
            Done.INVITE: ngettext("%(n)s person invited", "%(n)s people invited", n[Done.INVITE]),
            Done.UPDATE: ngettext("%(n)s person updated", "%(n)s people updated", n[Done.UPDATE]),
            Done.SUSPEND: ngettext("%(n)s access suspended", "%(n)s accesses suspended", n[Done.SUSPEND]),
            Done.UNLINK: ngettext("%(n)s link removed", "%(n)s links removed", n[Done.UNLINK]),
            Done.UNCHANGED: ngettext("%(n)s row without change", "%(n)s rows without change", n[Done.UNCHANGED]),
            Done.REFUSED: ngettext("%(n)s row refused: download it ready to correct",
                                   "%(n)s rows refused: download them ready to correct", n[Done.REFUSED]),
        }  # fmt: skip
        return [line % {"n": thousands(n[done])} for done, line in lines.items() if n[done]]
