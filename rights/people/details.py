"""What lists and files tell of each person beside what their link holds: where they belong, what they were given."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, OuterRef, Q, Value, When
from django.db.models.expressions import Expression
from django.db.models.functions import Coalesce, Concat

from rights.models import Attachment, Grant

NEVER = datetime(1, 1, 1, tzinfo=UTC)


def places_shown() -> dict[str, ArraySubquery]:
    """The sub-accounts and sites of somebody, in words; a site is told with its sub-account."""
    of = Attachment.objects.filter(link=OuterRef("pk"))
    number, name = (Coalesce(f"sub_account__{field}", f"site__sub_account__{field}") for field in ("number", "name"))
    parents = of.annotate(said=Concat(number, Value(" "), name)).filter(
        Q(sub_account__isnull=False) | Q(site__sub_account__isnull=False)
    )
    return {
        "sub_account": ArraySubquery(parents.order_by("said").values("said").distinct()),
        "site": ArraySubquery(of.filter(site__isnull=False).order_by("site__name").values("site__name")),
    }


def places_written() -> dict[str, ArraySubquery]:
    """The places of somebody as a file names them: those that they are attached to, and no others."""
    of = Attachment.objects.filter(link=OuterRef("pk"))
    said = Concat("sub_account__number", Value(" "), "sub_account__name")
    parents = of.filter(site=None).annotate(said=said)
    return {
        "sub_accounts": ArraySubquery(parents.order_by("said").values("said")),
        "sites": ArraySubquery(of.filter(site__isnull=False).order_by("site__name").values("site__name")),
    }


def seen() -> Expression:
    """The last sign-in; nothing before the person accepted, as it is not this account's to know."""
    return Case(When(accepted_at__isnull=False, then=F("user__last_login")))


def rights_given() -> ArraySubquery:
    """The codes of the rights given, whether or not the account still holds them."""
    return ArraySubquery(Grant.objects.in_time().filter(link=OuterRef("pk")).values("right"))
