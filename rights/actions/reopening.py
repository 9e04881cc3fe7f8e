"""Who may open again what was suspended, or let it last longer: it is to give its rights again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import AuditEvent
from rights import catalogue
from rights.access import Ceiling
from rights.actions.reach import check_suspended
from rights.actions.spans import Span
from rights.models import AccountLink


def suspended_by(links: Sequence[AccountLink], by: AccountLink) -> set[UUID]:
    """Those of these links that `by` suspended last."""
    if by.administers or by.user is None:
        return set()  # whoever administers gives all rights
    told = AuditEvent.objects.filter(account_id=by.account_id, subject__in=[link.uuid for link in links])
    last = told.filter(after__state=AccountLink.State.SUSPENDED).order_by("subject", "-pk").distinct("subject")
    return {subject for subject, actor in last.values_list("subject", "actor") if subject and actor == by.user.uuid}


def check_reopens(link: AccountLink, given: Collection[str], ceiling: Ceiling, own: Collection[UUID]) -> None:
    """Raise ValidationError unless this suspended link may be opened again, with the rights given on it."""
    check_suspended(link)
    refused = refused_of(link, given, ceiling)
    if refused and link.uuid not in own:
        reason = _("To open an access again is to give its rights again, and you may not give: %(rights)s.")
        raise ValidationError(reason % {"rights": ", ".join(catalogue.labels(refused))})


def check_longer(link: AccountLink, span: Span, given: Collection[str], ceiling: Ceiling) -> None:
    """Raise ValidationError on `ends_on` where these days allow more than its own, and its rights may not be given."""
    if span.is_within(Span.of(link)):
        return
    if refused := refused_of(link, given, ceiling):
        reason = _("To let an access last longer is to give its rights again, and you may not give: %(rights)s.")
        raise ValidationError({"ends_on": reason % {"rights": ", ".join(catalogue.labels(refused))}})


def refused_of(link: AccountLink, given: Collection[str], ceiling: Ceiling) -> list[str]:
    """Those of the rights given on a link that would be in force, and that may not be given."""
    if ceiling.link.administers:
        return []
    return [code for code in given if code in ceiling.entitlements and ceiling.refusal(code, link.kind) is not None]
