"""All that the portal keeps of one account, written into one ZIP file as it is read; no secret is in it."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO, Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from accounts.models import AuditEvent, AuditSeal, Contact, CustomerAccount, Document, Site, SubAccount
from colibox.lib import sheets
from rights.models import AccountLink, Attachment, Campaign, Entitlement, Grant, Handover, Profile, ReviewedLink

AT_ONCE = 2000
NEVER = {
    "token_digest",
    "generation",
    "content",
    "proof",
    "sort_key",
    "words",
    "company_folded",
    "version",
    "id",
    "account",
    "account_id",
}
"""What leaves nobody's hands, and what says something to the database only."""
IDENTIFIED = {"link": "link__uuid", "contact": "contact__uuid", "profile": "profile__name"}


def write(account: CustomerAccount, file: IO[bytes]) -> dict[str, int]:
    """Write the account into a file, a part at a time; how many rows of each sort."""
    counts: dict[str, int] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("account.json", "w") as part:
            part.write(json.dumps(_account(account), ensure_ascii=False, indent=1, default=str).encode())
        for name, rows, fields in _tables(account):
            with archive.open(f"{name}.csv", "w", force_zip64=True) as part:
                counts[name] = _write_rows(part, rows, fields)
        for document in Document.objects.for_account(account).defer("content"):
            content = Document.objects.values_list("content", flat=True).get(pk=document.pk)
            archive.writestr(f"documents/{document.uuid}-{_safe(document.filename)}", bytes(content))
    return counts


def _account(account: CustomerAccount) -> dict[str, Any]:
    fields = [field.attname for field in CustomerAccount._meta.concrete_fields if field.name not in NEVER]
    return {"exported_at": timezone.now().isoformat(), **{name: getattr(account, name) for name in fields}}


def _tables(account: CustomerAccount) -> Iterator[tuple[str, QuerySet[Any], Sequence[str]]]:
    """Each sort of row with its columns; people are named by the identifier of their link."""
    links = AccountLink.objects.filter(account=account).order_by("pk")
    place = ("uuid", "number", "name", "created_at")
    yield "rights", Entitlement.objects.filter(account=account).order_by("right"), ("right", "delegable")
    yield "people", links, _columns(AccountLink, {"user", "invitee", "invited_by"})
    yield "grants", Grant.objects.filter(account=account).order_by("pk"), (
        "link__uuid", "right", "given_by_name", "given_at", "since", "until",
    )  # fmt: skip
    yield "profiles", Profile.objects.filter(account=account).order_by("pk"), _columns(Profile)
    yield "sub_accounts", SubAccount.objects.filter(account=account).order_by("pk"), place
    yield "sites", Site.objects.filter(account=account).order_by("pk"), _columns(Site, {"sub_account"})
    yield "places_of_people", Attachment.objects.filter(account=account).order_by("pk"), (
        "link__uuid", "sub_account__number", "site__name",
    )  # fmt: skip
    yield "contacts", Contact.objects.filter(account=account, deleted_at=None).order_by("pk"), _columns(Contact)
    yield "documents", Document.objects.filter(account=account).order_by("pk"), _columns(Document)
    yield "handovers", Handover.objects.filter(account=account).order_by("pk"), (
        "uuid", "former__uuid", "successor__uuid", "state", "forced", "reason", "created_at", "ended_at",
    )  # fmt: skip
    yield "reviews", Campaign.objects.filter(account=account).order_by("pk"), _columns(Campaign, {"opened_by"})
    yield "reviewed", ReviewedLink.objects.filter(account=account).order_by("pk"), (
        "campaign__uuid", "link__uuid", "name", "rights", "last_used_at", "suggested", "unused", "decision", "removed",
        "decided_by_name", "decided_at",
    )  # fmt: skip
    yield "history", AuditEvent.objects.filter(account_id=account.pk).order_by("pk"), (
        "id", *_columns(AuditEvent),
    )  # fmt: skip
    yield "seals", AuditSeal.objects.filter(account_id=account.pk).order_by("number"), _columns(AuditSeal, {"marks"})


def _columns(model: type[Model], but: Iterable[str] = ()) -> list[str]:
    """The columns of a table that may leave."""
    names = [field.name for field in model._meta.concrete_fields]
    return [IDENTIFIED.get(name, name) for name in names if name not in NEVER and name not in but]


def _write_rows(part: IO[bytes], rows: QuerySet[Any], fields: Sequence[str]) -> int:
    text = io.TextIOWrapper(part, encoding="utf-8-sig", newline="", write_through=True)
    sheet, count = csv.writer(text, delimiter=";"), 0
    sheet.writerow(field.replace("__", "_") for field in fields)
    for row in rows.values_list(*fields).iterator(chunk_size=AT_ONCE):
        sheet.writerow(map(_cell, row))
        count += 1
    text.detach()
    return count


def _cell(value: Any) -> str:
    """A value as a cell that does nothing in a spreadsheet."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return sheets.inert(str(value))


def _safe(name: str) -> str:
    """A file name that stays in its folder."""
    return "".join(c if c.isalnum() or c in "._- " else "_" for c in name)[-100:].lstrip(".") or "file"
