"""An exported list is a file to import: nothing changes, whoever is in it."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.models import AuditEvent, Site, SubAccount
from imports import actions, work
from rights import actions as rights_actions
from rights.actions.attaching import attach
from rights.models import AccountLink, Attachment, Grant
from rights.places import SITE, SUB_ACCOUNT
from tests.conftest import IDENTITY, PASSWORD, make_link, make_person
from tests.imports.conftest import Send, people


def state(account: Any) -> tuple[Any, ...]:
    links = AccountLink.objects.filter(account=account).order_by("pk")
    return (
        list(links.values_list("pk", "state", "tags", "version", "email", "phone", "postcode")),
        sorted(Attachment.objects.filter(account=account).values_list("link", "sub_account", "site"), key=str),
        sorted(Grant.objects.filter(account=account).values_list("link", "right")),
        AuditEvent.objects.filter(account_id=account.pk).exclude(verb__startswith="import").count(),
    )


@pytest.fixture
def crowd(cast: SimpleNamespace, imported: Send) -> SimpleNamespace:
    """People of every sort and state on north, some with cells that a spreadsheet would take for formulas."""
    imported(people(3))
    for number, name in enumerate(("=SUM(A1)", "+Plus", "-Moins", "@Nom", "O'Brien", 'Dit "le Grand"', "L;Éa\u00a0B")):
        person = make_person(f"odd{number}", last_name=name, email=f"odd{number}@example.com", phone="+32470123456")
        make_link(cast.north, person, rights=["tracking_ws", "tool_consolidated"], tags=["PARIS SUD", "LYON"])
    make_link(cast.north, make_person("paused"), state="suspended", rights=["shipping_ws"])
    rights_actions.request_link(by=cast.owner_link, person=make_person("asked"), rights=["tool_key"], tags=[])
    rights_actions.create_standard(
        by=cast.owner_link, identity={**IDENTITY, "civility": "mme", "email": "std@example.com"}, username="",
        rights=["coliship"], language="fr",
    )  # fmt: skip
    make_link(cast.north, make_person("gone"), state="ended")
    west = SubAccount.objects.create(account=cast.north, number="01", name="Région Ouest")
    sites = [
        Site.objects.create(account=cast.north, name=name, sub_account=parent)
        for name, parent in (("Nantes, quai 3", west), ("Lille", None))
    ]
    everywhere = {(SUB_ACCOUNT, west.pk), *((SITE, site.pk) for site in sites)}
    attach(link=cast.partner_link, by=cast.owner_link, spots=everywhere)
    attach(link=cast.colleague_link, by=cast.owner_link, spots={(SITE, sites[0].pk)})
    return cast


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ["advanced", "standard", ""])
def test_an_exported_list_changes_nothing(
    crowd: SimpleNamespace, sign_in: Any, extension: str, language: str, kind: str
) -> None:
    client = sign_in(crowd.owner)
    client.post("/auth/reauthenticate/", {"password": PASSWORD})
    client.cookies["django_language"] = language
    crowd.owner.language = language
    crowd.owner.save()
    address = reverse("rights:export", args=["900138"]) + (f"?kind={kind}" if kind else "")
    data = BytesIO(b"".join(client.post(address, {"format": extension}).streaming_content)).getvalue()
    before = state(crowd.north)
    job = actions.upload(
        by=crowd.owner_link, file=ContentFile(data, name=f"x.{extension}"), token=uuid4(), language=language
    )
    work.work_on()
    job.refresh_from_db()
    assert job.problem == ""
    faults = list(job.rows.filter(plan="refused").values_list("cells", "faults"))
    assert faults == []
    assert job.found["unknown"] == []
    assert set(job.planned) == {"unchanged"}
    actions.start(job=job, by=crowd.owner_link)
    work.work_on()
    job.refresh_from_db()
    assert job.tally == {"unchanged": job.total}
    assert state(crowd.north) == before
