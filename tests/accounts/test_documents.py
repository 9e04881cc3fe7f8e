"""Invoices, price conditions and other applications: who reads what, what is refused as a file, who is told."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import demo
from accounts.actions.documents import add_document, set_service, withdraw_document
from accounts.emails import document_added, document_withdrawn
from accounts.files import PDF, File, read
from accounts.models import AuditEvent, Contact, CustomerAccount, Document, Service
from colibox.lib import tenancy
from colibox.lib.outbox import Mail
from colibox.lib.sheets import CSV, XLSX
from tests.conftest import PASSWORD, make_link, make_person

A_PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
DAY = date(2026, 10, 31)


def workbook(*names: str) -> bytes:
    """An archive of files with these names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names or ("[Content_Types].xml", "xl/workbook.xml"):
            archive.writestr(zipfile.ZipInfo(name), "x")  # without the time: it would be another one in each process
    return buffer.getvalue()


def start(content: bytes | str) -> str:
    """What names a case: not ten million letters, which every process would tell the others."""
    return repr(content[:20])


def make(account: CustomerAccount, number: str = "F-1", **facts: Any) -> Document:
    """An invoice of October."""
    given = {"kind": "invoice", "title": "Facture", "issued_on": DAY, "amount": Decimal("1234.50"), "by": None, **facts}
    return add_document(account=account, number=number, file=File(A_PDF, PDF, "facture.pdf"), **given)


def address(page: str, *args: Any, number: str = "900138") -> str:
    return reverse(f"accounts:{page}", args=[number, *args])


# What a file is.


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (A_PDF, PDF), (workbook(), XLSX), ("\ufeffcolis;prix\r\nété;2,10".encode(), CSV),
        ("Libellé,Prix\n".encode("cp1252"), CSV),
    ],
    ids=start,
)  # fmt: skip
def test_a_file_is_known_by_its_content(content: bytes, kind: str) -> None:
    assert read("facture.exe", content).content_type == kind


@pytest.mark.parametrize(
    "content",
    [
        b"", b"%PDF-1.4 cut short", b"MZ\x90\x00", b"\x89PNG\r\n\x1a\n", b"PK\x03\x04 broken",
        workbook("word/document.xml"),
        workbook("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), b"<html><script>alert(1);</script>",
        b"\xef\xbb\xbf  <svg onload=x;>", b"a;b\x00c", b"one line without a separator", b"#!/bin/sh;", b"a;b\x1b[31m",
        b"x" * 10_000_001,
    ],
    ids=start,
)  # fmt: skip
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(ValidationError):
        read("facture.pdf", content)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("facture.pdf", "facture.pdf"), ("../../etc/passwd", "passwd.pdf"), ("C:\\x\\été 2026.PDF", "été 2026.pdf"),
        ('a"b;c<d>.pdf', "abcd.pdf"), ("x\r\nSet-Cookie: a=b.pdf", "x Set-Cookie a=b.pdf"), ("", "document.pdf"),
        ("..", "document.pdf"), ("exe.\u202efdp.pdf", "exe. fdp.pdf"), ("a" * 900 + ".pdf", "a" * 100 + ".pdf"),
        ("facture.pdf.exe", "facture.pdf.exe.pdf"), ("'=cmd.csv", "=cmd.pdf"), ("\x00.pdf", "document.pdf"),
    ],
)  # fmt: skip
def test_a_name_can_be_saved_anywhere(name: str, safe: str) -> None:
    assert read(name, A_PDF).name == safe


# Who reads what.


def test_invoices_are_listed_by_year_and_downloaded_with_a_trace(cast: SimpleNamespace, sign_in: Any) -> None:
    for n in range(27):
        make(cast.north, f"F-{n}", issued_on=date(2025 + n % 2, 5, 1))
    make(cast.north, "T-1", kind="prices", amount=None)
    client = sign_in(cast.colleague)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address("invoices"))
    assert not any('"accounts_document"."content",' in query["sql"] for query in asked)
    assert (page.context["page"].paginator.count, len(page.context["page"])) == (27, 25)
    assert "1\u202f234,50 €" in page.content.decode()
    page = client.get(address("invoices"), {"year": "2025", "page": "x"})
    assert page.context["page"].paginator.count == 14
    assert client.get(address("invoices"), {"year": "1999' --"}).context["page"].paginator.count == 27

    document = Document.objects.get(number="F-3")
    response = client.post(address("invoice", document.uuid))
    assert response.content == A_PDF
    assert response.headers["Content-Disposition"] == 'attachment; filename="facture.pdf"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Type"] == PDF
    event = AuditEvent.objects.get(verb="document taken")
    assert (event.subject, event.actor_name, event.account_id) == (document.uuid, "Claire Martin", cast.north.pk)


def test_each_kind_is_behind_its_right_and_a_foreign_document_is_absent(cast: SimpleNamespace, sign_in: Any) -> None:
    invoice, price = make(cast.north), make(cast.north, "T-1", kind="prices")
    foreign = make(cast.south, "F-2")
    client = sign_in(cast.colleague)  # holds invoices, not tariffs
    assert client.get(address("prices")).status_code == 403
    assert client.post(address("price", price.uuid)).status_code == 403
    assert client.post(address("invoice", price.uuid)).status_code == 404  # nor by the other door
    assert client.post(address("invoice", foreign.uuid)).status_code == 404
    assert client.post(address("invoice", foreign.uuid, number="850061")).status_code == 404
    assert client.get(address("invoice", invoice.uuid)).status_code == 405
    page = client.get(address("account")).content.decode()
    assert address("invoices") in page and address("prices") not in page
    with tenancy.scope(accounts=[cast.north.pk]):
        assert set(Document.objects.values_list("number", flat=True)) == {"F-1", "T-1"}
    with tenancy.scope():
        assert not Document.objects.exists()


def test_the_owner_and_the_contacts_for_invoices_are_told_once(cast: SimpleNamespace) -> None:
    cast.owner.email = "direction@nord.example"
    cast.owner.save()
    for email, roles in (
        ("compta@nord.example", ["invoices"]), ("Direction@nord.example", ["invoices"]),
        ("quai@nord.example", ["logistics"]), ("", ["invoices"]),
    ):  # fmt: skip
        Contact.objects.create(account=cast.north, last_name="x", email=email, roles=roles)
    document = make(cast.north)
    told = {mail.args["to"] for mail in Mail.objects.filter(kind=document_added.name)}
    assert told == {"compta@nord.example", "direction@nord.example"}
    message = document_added(document=document.pk, to="compta@nord.example", language="fr")
    assert message is not None
    assert message.subject == "Facture F-1 du compte 900138"
    assert "/accounts/900138/invoices/" in message.body and "234" not in message.body, "an amount is for who may see it"
    withdraw_document(document=document, reason="Wrong amount", by=None)
    assert document_added(document=document.pk, to="compta@nord.example", language="fr") is None


def test_a_number_is_used_once_and_an_invoice_has_one(cast: SimpleNamespace) -> None:
    make(cast.north)
    make(cast.south)
    make(cast.north, kind="prices")
    for wrong, field in (({}, "number"), ({"number": ""}, "number"), ({"issued_on": date(1999, 1, 1)}, "issued_on")):
        with pytest.raises(ValidationError) as refusal:
            make(cast.north, **wrong)
        assert field in refusal.value.message_dict


# The carrier.


@pytest.fixture
def staff(cast: SimpleNamespace, sign_in: Any) -> Any:
    client = sign_in(make_person("operateur", kind="staff"))
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    return client


UPLOAD = {
    "account_number": "900138", "kind": "invoice", "number": "F-9", "title": "Facture d’octobre",
    "issued_on": "2026-10-31", "amount": "12.5",
}  # fmt: skip


def test_an_operator_adds_and_withdraws_a_document(cast: SimpleNamespace, staff: Any) -> None:
    url = reverse("admin:accounts_document_upload")
    for wrong in (
        {"account_number": "999999"}, {"account_number": "x\x00"}, {"kind": "law"}, {"amount": "1e99"}, {"title": ""},
        {"issued_on": "31/31/2026"}, {"file": SimpleUploadedFile("x.pdf", b"<html>;")}, {"number": ""},
    ):  # fmt: skip
        response = staff.post(url, {**UPLOAD, "file": SimpleUploadedFile("x.pdf", A_PDF), **wrong})
        assert (response.status_code, Document.objects.count()) == (200, 0), wrong
    assert staff.post(url, {**UPLOAD, "file": SimpleUploadedFile("../x.html", A_PDF)}).status_code == 302
    document = Document.objects.get()
    assert (document.filename, document.amount, document.size) == ("x.html.pdf", Decimal("12.50"), len(A_PDF))
    assert AuditEvent.objects.get(verb="document added").after["number"] == "F-9"
    listed = reverse("admin:accounts_document_changelist")
    assert "F-9" in staff.get(listed, {"q": "900138"}).content.decode()
    assert "F-9" not in staff.get(listed, {"q": "850061"}).content.decode()
    assert staff.get(reverse("admin:accounts_document_change", args=[document.pk])).status_code == 200
    assert "F-9" in staff.get(listed, {"q": "f-"}).content.decode()
    withdraw = reverse("admin:accounts_document_withdraw", args=[document.pk])
    assert "Personne ne l’a téléchargé" in staff.get(withdraw).content.decode()
    staff.post(withdraw, {"reason": "x"})
    assert Document.objects.exists()
    staff.post(withdraw, {"reason": "Ticket 48213, wrong amount"})
    assert Mail.objects.get(kind=document_withdrawn.name).args["reason"] == "Ticket 48213, wrong amount"
    assert not Document.objects.exists()
    assert AuditEvent.objects.get(verb="document withdrawn").before["number"] == "F-9"


def test_only_staff_adds_documents_and_sets_addresses(cast: SimpleNamespace, sign_in: Any) -> None:
    for name in ("admin:accounts_document_upload", "admin:accounts_service_addresses"):
        assert sign_in(cast.owner).post(reverse(name), {"chat": "https://evil.example/"}).status_code == 302
    assert not Service.objects.exists()


def test_an_address_makes_a_tile_a_link(cast: SimpleNamespace, sign_in: Any, staff: Any) -> None:
    url = reverse("admin:accounts_service_addresses")
    for wrong in (
        "javascript:alert(1)", "http://chat.example/", "https://", "chat", "https://us@chat.example/",
        "https://us:secret@chat.example/", "https://a.example@evil.example/", "https://chat.example\\@evil.example/",
    ):  # fmt: skip
        assert staff.post(url, {"chat": wrong}).status_code == 200
        with pytest.raises(ValidationError):
            set_service(right="chat", address=wrong, by=None)
    assert not Service.objects.exists()
    staff.post(url, {"chat": "https://chat.example/?a=1&b=2", "webinar": "https://live.example/"})
    assert AuditEvent.objects.filter(verb="service address changed").count() == 2
    client = sign_in(cast.owner)
    page = client.get(address("account")).content.decode()
    link = '<a href="https://chat.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">'
    assert link in page and "https://live.example/" in page
    assert page.count("Pas encore disponible") == 8  # the other eight, none a dead link
    assert "https://chat.example/" in client.get(address("customer_service")).content.decode()
    home = client.get(reverse("home")).content.decode()
    assert link in home and "Pas encore disponible" not in home
    client = sign_in(cast.partner)
    assert "chat.example" not in client.get(address("account")).content.decode()
    assert "chat.example" not in client.get(address("customer_service")).content.decode()
    staff_again = sign_in(make_person("autre", kind="staff"))
    assert staff_again.post(url, {"chat": ""}).headers["Location"].startswith("/auth/reauthenticate/")
    staff_again.post("/auth/reauthenticate/", {"password": PASSWORD})
    staff_again.post(url, {"chat": ""})
    assert not Service.objects.exists()


def test_tiles_lead_to_the_hosts_that_are_allowed_and_to_no_other(
    cast: SimpleNamespace, sign_in: Any, settings: Any
) -> None:
    settings.OUTSIDE_HOSTS = ["chat.example", ".tools.example"]
    for elsewhere in ("https://evil.example/", "https://chat.example.evil.example/", "https://evilchat.example/"):
        with pytest.raises(ValidationError, match=r"chat\.example, \.tools\.example"):
            set_service(right="chat", address=elsewhere, by=None)
    for allowed in ("https://CHAT.example:8443/", "https://eu.tools.example/"):
        set_service(right="chat", address=allowed, by=None)
    assert "eu.tools.example" in sign_in(cast.owner).get(address("account")).content.decode()
    settings.OUTSIDE_HOSTS = ["chat.example"]  # what was kept before is no longer led to
    assert "eu.tools.example" not in sign_in(cast.owner).get(address("account")).content.decode()
    settings.OUTSIDE_HOSTS, settings.DEBUG = [], True
    set_service(right="chat", address="http://localhost:9000/", by=None)


def test_an_account_that_lost_a_right_shows_no_tile(cast: SimpleNamespace, sign_in: Any) -> None:
    set_service(right="chat", address="https://chat.example/", by=None)
    link = make_link(cast.north, make_person("j.lefevre", kind="standard"), rights=["chat"])
    cast.north.entitlements.filter(right="chat").delete()
    assert "chat.example" not in sign_in(link.user).get(address("account")).content.decode()


def test_the_conditions_bear_the_day_of_their_version(cast: SimpleNamespace, sign_in: Any, settings: Any) -> None:
    settings.TERMS = {"version": date(2026, 3, 1), "address": "https://carrier.example/cgv.pdf"}
    page = sign_in(cast.partner).get(address("terms")).content.decode()
    assert "01/03/2026" in page and 'href="https://carrier.example/cgv.pdf"' in page
    assert "Réclamations" in page


# The command.


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("add_document", *arguments, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def test_the_command_adds_once_and_tries_first(cast: SimpleNamespace, tmp_path: Path) -> None:
    file = tmp_path / "octobre.pdf"
    file.write_bytes(A_PDF)
    asked = (str(file), "--account", "900138", "--kind", "invoice", "--number", "F-10", "--date", "2026-10-31")
    assert run(*asked, "--dry-run")["done"] == "added"
    assert not Document.objects.exists()
    assert run(*asked, "--amount", "99.90")["done"] == "added"
    document = Document.objects.get()
    assert (document.title, document.filename, document.amount) == ("Facture F-10", "octobre.pdf", Decimal("99.90"))
    assert run(*asked)["done"].startswith("nothing")
    with pytest.raises(CommandError, match=r"is there, with amount 99\.90: withdraw it"):
        run(*asked, "--amount", "99,00")
    file.write_bytes(A_PDF + b"%%EOF")
    elsewhere, someday = (asked[0], "--account", "1", *asked[3:]), (*asked[:-1], "31/10")
    for wrong in (asked, (*asked, "--amount=-5"), ("no.pdf", *asked[1:]), elsewhere, someday):
        with pytest.raises(CommandError):
            run(*wrong)
    assert Document.objects.count() == 1


def test_the_demonstration_has_documents_and_adds_them_once(cast: SimpleNamespace) -> None:
    assert demo.build("900138") == 15
    assert demo.build("900138") == 0
    assert Document.objects.first().content_type == read("x", bytes(Document.objects.first().content)).content_type  # type: ignore[union-attr]
    assert Service.objects.count() == len(demo.SERVICES)
    assert not Mail.objects.filter(kind=document_added.name).exists()
