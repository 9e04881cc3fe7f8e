"""`manage.py import_accounts`, `export_account` and `purge_expired`, as an operator types them."""

from __future__ import annotations

import csv
import io
import json
import stat
import zipfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import AuditEvent, Contact, CustomerAccount, Document
from colibox.lib.outbox.models import Mail
from rights.models import AccountLink, Entitlement
from tests.conftest import PASSWORD
from tests.operators.calls import answer, call
from tests.rights.facts import new_key, token_of

FILE = """number;company;email;rights;town
900140;Atelier Lumen;direction@lumen.example;coliship, invoices;Orléans
900141;Vélos Pasteur;;all;Rennes
90014;Trop Court;a@b.example;;
900138;Comptoir du Nord;900138@client.example;;
900142;Maison Garance;a@garance.example;teleport;
"""


def test_each_row_stands_for_itself(cast: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(FILE, encoding="cp1252")
    code, said, _ = call("import_accounts", str(path), "--json", "--dry-run")
    assert code == 1 and json.loads(said)["created"] == 1
    assert CustomerAccount.objects.count() == 2
    code, said, _ = call("import_accounts", str(path), "--json")
    facts = json.loads(said)
    assert (code, facts["created"], facts["unchanged"]) == (1, 1, 1)
    assert facts["refused"] == 3 and [each["line"] for each in facts["reasons"]] == [3, 4, 6]
    missing, short, unknown = (each["why"] for each in facts["reasons"])
    assert missing.startswith("email: is missing") and "six digits" in short and "teleport" in unknown
    lumen = CustomerAccount.objects.get(number="900140")
    assert lumen.town == "Orléans" and Entitlement.objects.filter(account=lumen).count() == 2
    assert Mail.objects.count() == 1
    _code, said, _ = call("import_accounts", str(path), "--json")
    assert (json.loads(said)["created"], json.loads(said)["unchanged"]) == (0, 2)


@pytest.mark.parametrize("text", ["planet;colour\n", "number;company;email;colour\n", ""])
def test_a_file_of_something_else_is_a_wrong_call(text: str, tmp_path: Path, db: None) -> None:
    path = tmp_path / "accounts.csv"
    path.write_text(text)
    assert call("import_accounts", str(path))[0] == 2
    assert call("import_accounts", str(tmp_path))[0] == 2


def test_an_account_is_written_out_whole_and_without_a_secret(cast: SimpleNamespace, tmp_path: Path) -> None:
    Contact.objects.create(account=cast.north, last_name="=Dubreuil", email="e@nord.example")
    Contact.objects.create(account=cast.south, last_name="Foreign")
    facts = {"kind": "invoice", "title": "June", "issued_on": "2026-06-30", "filename": "../june.pdf", "size": 3}
    Document.objects.create(account=cast.north, content=b"pdf", content_type="application/pdf", **facts)
    answer("set_owner", "850061", cast.stranger.email)
    invited = AccountLink.objects.filter(pk=cast.partner_link.pk)
    invited.update(token_digest="d" * 64)
    key, secret = new_key(cast.partner)
    path = tmp_path / "north.zip"
    said = answer("export_account", "900138", "--output", str(path))
    assert (said["people"], said["contacts"], said["documents"]) == (3, 1, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with zipfile.ZipFile(path) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    people = list(csv.DictReader(io.StringIO(texts["people.csv"].decode("utf-8-sig")), delimiter=";"))
    assert {row["username"] for row in people} == {"900138", "c.martin", "a.berlioz"}
    assert "'=Dubreuil" in texts["contacts.csv"].decode() and "Foreign" not in texts["contacts.csv"].decode()
    assert json.loads(texts["account.json"])["number"] == "900138"
    [document] = [name for name in texts if name.startswith("documents/")]
    assert texts[document] == b"pdf" and ".." not in document
    everything = b"".join(texts.values())
    secrets = ("d" * 64, secret, key.fingerprint, PASSWORD, cast.partner.password, cast.partner.user_key)
    assert [text for text in (*secrets, token_of(cast.partner_link)) if text.encode() in everything] == []
    assert AuditEvent.objects.get(verb="account exported").account_id == cast.north.pk


def test_a_trial_of_it_writes_no_file(cast: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "north.zip"
    assert answer("export_account", "900138", "--output", str(path), "--dry-run")["people"] == 3
    assert list(tmp_path.iterdir()) == [] and not AuditEvent.objects.filter(verb="account exported").exists()
    assert call("export_account", "900138", "--output", str(tmp_path / "absent" / "x.zip"))[0] == 2
    assert call("export_account", "123456")[0] == 2


def test_what_is_over_is_forgotten_once(cast: SimpleNamespace) -> None:
    Session.objects.create(session_key="x" * 32, expire_date=timezone.now() - timedelta(days=1))
    Mail.objects.create(kind="x", key="old", state="dropped")
    Mail.objects.update(created_at=timezone.now() - timedelta(days=60))
    assert answer("purge_expired", "--dry-run")["mails"] == 1
    assert Mail.objects.exists()
    said = answer("purge_expired")
    assert (said["mails"], said["sessions"]) == (1, 1)
    assert set(said) >= {"calls", "imports", "contacts", "invitations", "support_visits"}
    assert set(answer("purge_expired").values()) == {0}
