"""The people of an account as a file: what is in it, what is not, and that no cell of it acts."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.reader.excel import load_workbook

from accounts.models import AuditEvent, Site
from colibox.lib import origin, sheets, tenancy
from rights import actions, catalogue
from rights.models import AccountLink, Attachment
from rights.people import resources
from rights.people.filters import Asked
from rights.people.matching import matching
from tests.conftest import PASSWORD, make_link, make_person
from users.models import User

URL = "/accounts/900138/users/export/"


@pytest.fixture
def sign_in(sign_in: Any) -> Any:
    """Signed in, and asked for the password just now."""

    def sign(person: User) -> Client:
        client: Client = sign_in(person)
        client.post("/auth/reauthenticate/", {"password": PASSWORD})
        return client

    return sign


def test_the_list_of_people_leaves_only_after_proof(cast: SimpleNamespace, client: Client) -> None:
    client.force_login(cast.owner)
    for answer in (client.get(URL), client.post(URL, {"format": "csv"})):
        assert answer.headers["Location"].startswith("/auth/reauthenticate/?next=")


def content(client: Client, query: str, kind: str) -> bytes:
    response = client.post(URL + query, {"format": kind})
    assert response.status_code == 200
    return b"".join(response)


def lines(client: Client, query: str = "?kind=advanced") -> list[dict[str, str]]:
    text = content(client, query, "csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_the_page_says_what_the_file_holds(cast: SimpleNamespace, sign_in: Any) -> None:
    html = sign_in(cast.owner).get(URL + "?kind=advanced").content.decode()
    assert "1 personne" in html and "Télécharger" in html


def test_the_file_tells_who_and_which_rights(cast: SimpleNamespace, sign_in: Any) -> None:
    [berlioz] = lines(sign_in(cast.owner))
    assert (berlioz["Nom"], berlioz["Prénom"], berlioz["Email"]) == ("Berlioz", "Aline", "a.berlioz@example.com")
    assert (berlioz["Tags"], berlioz["Statut"], berlioz["Téléphone"]) == ("LYON", "Actif", "(+33) 241742088")
    held = {label for label, value in berlioz.items() if value == "oui"}
    assert held == {catalogue.BY_CODE[code].full_label for code in ("tool_tag", "shipping_ws")}
    assert list(berlioz.values()).count("non") == len(catalogue.suiting("advanced")) - 2


def test_french_excel_opens_it(cast: SimpleNamespace, sign_in: Any) -> None:
    response = sign_in(cast.owner).post(URL + "?kind=advanced", {"format": "csv"})
    raw = b"".join(response)
    today = timezone.localdate()
    assert raw.startswith(b"\xef\xbb\xbfNom;Pr\xc3\xa9nom;") and raw.endswith(b"\r\n")
    assert f'filename="utilisateurs-avances-900138-{today:%Y-%m-%d}.csv"' in response["Content-Disposition"]


def test_no_user_name_and_no_secret_leaves(cast: SimpleNamespace, sign_in: Any) -> None:
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(username="nom-secret", token_digest="d1g3st")
    text = content(sign_in(cast.owner), "", "csv").decode()
    assert cast.partner.user_key not in text
    assert all(secret not in text for secret in ("nom-secret", "d1g3st", cast.partner.password, "c.martin;"))


def test_it_holds_what_the_list_shows_and_nobody_else(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    assert [line["Nom"] for line in lines(client, "?kind=standard")] == ["ADMIN", "Martin"]
    assert [line["Nom"] for line in lines(client, "?q=martin")] == ["Martin"]
    assert lines(client, "?right=chat&kind=advanced") == []
    assert "ZZB" not in content(client, "", "csv").decode()


def test_the_columns_of_the_list_leave_alone_and_as_it_shows_them(cast: SimpleNamespace, sign_in: Any) -> None:
    client, day = sign_in(cast.owner), timezone.localdate()
    AccountLink.objects.filter(pk=cast.partner_link.pk).update(ends_on=day, role="local", username="nom-secret")
    site = Site.objects.create(account=cast.north, name="Lille")
    Attachment.objects.create(account=cast.north, link=cast.partner_link, site=site)
    assert "Seulement celles que la liste affiche" in client.get(URL + "?kind=advanced").content.decode()

    def listed(query: str, kind: str = "csv") -> bytes:
        return b"".join(client.post(URL + query, {"format": kind, "what": "list"}))

    def line_of(query: str) -> dict[str, str]:
        [line] = csv.DictReader(io.StringIO(listed(query).decode("utf-8-sig")), delimiter=";")
        return line

    line = line_of("?kind=advanced")
    rights = ", ".join(catalogue.labels(["tool_tag", "shipping_ws"]))
    assert line == {"Nom": "Berlioz", "Prénom": "Aline", "Email": cast.partner.email, "Statut": "Actif",
                    "Droits": rights, "Tags": "LYON", "Site": "Lille"}  # fmt: skip
    asked = "?kind=advanced&columns=role&columns=profile&columns=seen&columns=contract&columns=ends_on"
    more = {"Rôle": "Administrateur local", "Date de fin": f"{day}", "Profil": "", "Dernière connexion": ""}
    assert line_of(asked).items() >= more.items() and "Tags" not in line_of(asked)
    assert load_workbook(io.BytesIO(listed(asked, "xlsx"))).worksheets[0].max_row == 2
    assert AuditEvent.objects.filter(verb="people exported").latest("pk").after["columns"] == "list"


def test_what_the_list_is_narrowed_to_is_what_leaves(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    site = Site.objects.create(account=cast.north, name="Lille")
    Attachment.objects.create(account=cast.north, link=cast.partner_link, site=site)
    with origin.of(replace(origin.current(), reference="import:7")):
        actions.suspend(link=cast.colleague_link, by=cast.owner_link)
    assert [line["Nom"] for line in lines(client, "?place=none")] == ["ADMIN", "Martin"]
    assert [line["Nom"] for line in lines(client, "?import=7")] == ["Martin"]


def test_an_english_reader_gets_english(cast: SimpleNamespace, sign_in: Any) -> None:
    User.objects.filter(pk=cast.owner.pk).update(language="en")
    [line] = lines(sign_in(cast.owner))
    assert line["Last Name"] == "Berlioz" and "yes" in line.values()


def test_until_they_accept_only_what_was_typed_leaves(cast: SimpleNamespace, sign_in: Any) -> None:
    AccountLink.objects.create(
        account=cast.north, invitee=make_person("n.secret", town="Villesecrete"), kind="advanced", state="invited",
        last_name="Tapé", first_name="Nom", masked_email="n••••@e••••.com", expires_at=timezone.now(),
    )  # fmt: skip
    text = content(sign_in(cast.owner), "", "csv").decode()
    assert "n••••@e••••.com" in text and "Invitation expirée" in text
    assert "n.secret" not in text and "Villesecrete" not in text


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_leaves_a_trace(cast: SimpleNamespace, sign_in: Any, kind: str) -> None:
    content(sign_in(cast.owner), "?kind=advanced&tag=LYON", kind)
    event = AuditEvent.objects.get(verb="people exported")
    assert event.account_id == cast.north.pk and event.actor == cast.owner.uuid
    assert event.after == {"people": 1, "asked": "kind=advanced&tag=LYON", "format": kind}


def test_looking_at_the_page_leaves_none(cast: SimpleNamespace, sign_in: Any) -> None:
    sign_in(cast.owner).get(URL)
    assert not AuditEvent.objects.filter(verb="people exported").exists()


def test_a_workbook_holds_texts(cast: SimpleNamespace, sign_in: Any) -> None:
    User.objects.filter(pk=cast.partner.pk).update(last_name="=1+1", first_name="+33")
    book = load_workbook(io.BytesIO(content(sign_in(cast.owner), "?kind=advanced", "xlsx")))
    row = list(book.worksheets[0].iter_rows())[1]
    assert [cell.value for cell in row[:2]] == ["=1+1", "+33"]
    assert {cell.data_type for cell in row if cell.value is not None} == {"s"}
    assert "+33241742088" in [cell.value for cell in row]


def test_a_formula_in_a_name_is_quoted(cast: SimpleNamespace, sign_in: Any) -> None:
    User.objects.filter(pk=cast.partner.pk).update(last_name='=HYPERLINK("http://e.example")', first_name="＝1")
    [line] = lines(sign_in(cast.owner))
    assert line["Nom"] == '\'=HYPERLINK("http://e.example")' and line["Prénom"] == "'＝1"


@given(st.text(max_size=30))
def test_no_text_begins_as_a_formula(text: str) -> None:
    cell = sheets.inert(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert not set(cell) & set("\t\r\n\x00")


@pytest.mark.parametrize(
    ("telephone", "shown"),
    [("+33241742088", "(+33) 241742088"), ("+15417543010", "(+1) 5417543010"), ("+35220880", "(+352) 20880")],
)
def test_a_telephone_stays_readable(telephone: str, shown: str) -> None:
    assert sheets.inert(telephone) == shown


def test_the_quick_line_is_what_the_columns_render(cast: SimpleNamespace) -> None:
    with translation.override("fr"):
        resource = resources.PeopleResource(
            resources.exported(["advanced"], [right.code for right in catalogue.RIGHTS])
        )
        links = matching(cast.owner_link, Asked(kind="advanced"), [])
        [row] = resources.facts(links)
        assert resource.line(row) == [field.export(row) for field in resource.columns]


def test_what_is_written_is_read_again() -> None:
    with translation.override("fr"):
        yes_no, words = resources.YesNo(), resources.Words()
        assert yes_no.clean(yes_no.render(True)) is True and yes_no.clean("NON") is False
        assert words.clean(words.render(["LYON", "PARIS SUD"])) == ["LYON", "PARIS SUD"]
        with pytest.raises(ValueError, match="oui ou non"):
            yes_no.clean("peut-être")


def test_the_rows_come_while_the_request_is_over(cast: SimpleNamespace) -> None:
    make_link(cast.north, make_person("later"))
    resource = resources.PeopleResource([])
    with tenancy.scope():
        read = resource.lines(cast.owner_link, Asked(kind="advanced"), frozenset())
        assert len(list(read)) == 2


def test_only_administrators_export(cast: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(cast.colleague).post(URL, {"format": "csv"}).status_code == 403
    assert sign_in(cast.stranger).post(URL, {"format": "csv"}).status_code == 404
