"""The franking pages: the account is chosen, the form answers beside its fields, each label has its paper."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from colibox.lib import tenancy
from rights.models import ConnectionKey, Grant
from tests.conftest import make_link, make_person
from tests.tracking.conftest import make_parcel
from tests.tracking.test_franking import SENDER, label_of, make_point, order
from tracking import parcel_files
from tracking.actions.franking import frank, frank_many
from tracking.models import Parcel, TrackingEvent

LIST = "/accounts/900138/shipping/"
NEW = f"{LIST}new/"


@pytest.fixture
def shop(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, on an account with an address; the partner may frank for it on screen too."""
    for name in ("address_1", "postcode", "town"):
        setattr(cast.north, name, {"address_1": "12 rue du Port", "postcode": "59000", "town": "Lille"}[name])
    cast.north.save()
    Grant.objects.create(account=cast.north, link=cast.partner_link, right="coliship", given_by_name="ADMIN")
    return cast


def typed(**fields: Any) -> dict[str, Any]:
    """A form filled in rightly, but for these fields."""
    sender = {"company": "Comptoir du Nord", "line2": "12 rue du Port", "postcode": "59000", "town": "Lille"}
    to = {"last_name": "Durand", "first_name": "Camille", "line2": "5 rue du Bellay", "postcode": "69003",
          "town": "Lyon", "mobile": "06 12 34 56 78", "email": "camille@example.fr"}  # fmt: skip
    made = {"token": str(uuid4()), "product": "DOM", "weight": "1,25", "deposit_date": timezone.localdate().isoformat()}
    made |= {f"sender_{name}": value for name, value in {**sender, "country": "FR"}.items()}
    made |= {f"addressee_{name}": value for name, value in {**to, "country": "FR"}.items()}
    return made | fields


def pages(text: str) -> str:
    """The text of a page, its markup left out."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


# Who may open it, and the choice of the account.


def test_the_account_is_chosen_unless_there_is_only_one(shop: SimpleNamespace, sign_in: Any) -> None:
    assert sign_in(shop.colleague).get("/shipping/").headers["Location"] == LIST
    Grant.objects.create(account=shop.south, link=shop.partner_south_link, right="coliship", given_by_name="ADMIN")
    page = sign_in(shop.partner).get("/shipping/").content.decode()
    assert LIST in page and "/accounts/850061/shipping/" in page
    assert sign_in(make_person("nobody")).get("/shipping/").status_code == 403


def test_accounts_are_searched_when_they_are_many(shop: SimpleNamespace, sign_in: Any) -> None:
    person = make_person("many")
    with tenancy.everything():
        for n in range(10):
            account = type(shop.north).objects.create(number=f"70000{n}", company=f"Élan {n}", email="x@x.example")
            account.entitlements.create(right="coliship")
            make_link(account, person, rights=["coliship"])
    page = sign_in(person).get("/shipping/?q=elan 7").content.decode()
    assert re.findall(r"/accounts/(\d+)/shipping/", page) == ["700007"] and 'type="search"' in page


def test_without_the_right_nothing_opens_and_a_foreign_parcel_is_absent(shop: SimpleNamespace, sign_in: Any) -> None:
    parcel = frank(link=shop.owner_link, by=shop.owner, order=order())
    foreign = make_parcel(shop.south)
    Grant.objects.filter(link=shop.colleague_link).delete()
    for path in ("", "new/", "slips/", "file/", "towns/", f"{parcel.number}/", f"{parcel.number}/label/"):
        assert sign_in(shop.colleague).get(LIST + path).status_code == 403
        assert sign_in(shop.stranger).get(LIST + path).status_code == 404
    for number in (foreign.number, "6C000000000000", "x"):
        for path in ("", "label/", "cancel/"):
            assert sign_in(shop.owner).get(f"{LIST}{number}/{path}").status_code == 404
    assert sign_in(shop.partner).get(f"{LIST}by-others/").status_code == 403


def test_others_people_see_what_they_franked_and_own_staff_everything(shop: SimpleNamespace, sign_in: Any) -> None:
    own = frank(link=shop.owner_link, by=shop.owner, order=order())
    theirs = frank(link=shop.partner_link, by=shop.partner, order=order())
    seen = {
        person.username: {p.number for p in (own, theirs) if p.number in sign_in(person).get(LIST).content.decode()}
        for person in (shop.owner, shop.colleague, shop.partner)
    }
    assert seen == {"900138": {own.number, theirs.number}, "c.martin": {own.number, theirs.number},
                    "a.berlioz": {theirs.number}}  # fmt: skip
    assert sign_in(shop.partner).get(f"{LIST}{own.number}/label/").status_code == 404


# The form.


def test_a_parcel_is_franked_with_a_comma_and_shown_with_its_label(shop: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(shop.colleague)
    sent = typed(tag="lyon", reference="CMD-1")
    response = client.post(NEW, sent)
    parcel = Parcel.objects.get()
    assert response.headers["Location"] == f"{LIST}{parcel.number}/"
    assert (parcel.weight, parcel.tag, parcel.franked_by, parcel.account) == (1250, "LYON", shop.colleague, shop.north)
    page = client.get(f"{LIST}{parcel.number}/").content.decode()
    assert f"{NEW}?like={parcel.number}" in page and "Camille Durand" in page
    assert client.post(NEW, sent).headers["Location"] == f"{LIST}{parcel.number}/"  # the same form again
    assert Parcel.objects.count() == 1
    again = client.get(f"{NEW}?like={parcel.number}").content.decode()
    assert 'value="12 rue du Port"' in again and "5 rue du Bellay" not in again


def test_what_is_wrong_is_beside_its_field_and_nothing_is_franked(shop: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(shop.colleague)
    wrong = {"addressee_town": "Lille", "weight": "31", "sender_line2": "", "addressee_first_name": "😀"}
    page = client.post(NEW, typed(**wrong)).content.decode()
    for name in wrong:
        assert f'id="id_{name}_error"' in page and f'aria-describedby="id_{name}' in page
    assert "69003 est\u202f: Lyon." in page and '<details class="form-part sender" open>' in page
    for weight in ("", "0", "-1", "nan", "1e99999", "9e999999", "abc", "1,255", "1" * 5000):
        assert 'id="id_weight_error"' in client.post(NEW, typed(weight=weight)).content.decode()
    for odd in ({"token": "x"}, {"product": "XYZ"}, {"deposit_date": "2020-01-01"}, {"addressee_country": "??"}):
        assert client.post(NEW, typed(**odd)).status_code == 200
    assert client.post(NEW, {}).status_code == 200
    assert not Parcel.objects.exists()


def test_a_pickup_point_is_found_without_a_script_and_chosen(shop: SimpleNamespace, sign_in: Any) -> None:
    make_point()
    make_point("940999", latitude=45.70, longitude=4.80, heaviest=1000)
    client = sign_in(shop.colleague)
    fields = typed(product="HD", commercial_name="Comptoir", weight="2")
    looked = client.post(NEW, {**fields, "act": "points"}).content.decode()
    assert "Tabac de la Gare" in looked and "940999" not in looked and "error-summary" not in looked
    only = client.post(NEW, {**fields, "act": "points"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in only and "940123" in only and only.count('class="sketch__spot"') == 1
    refused = client.post(NEW, fields).content.decode()
    assert 'id="id_pickup_point_error"' in refused and "940123" in refused
    assert client.post(NEW, {**fields, "pickup_point": "940123"}).status_code == 302
    assert label_of(Parcel.objects.get()).pickup_name == "Tabac de la Gare"
    assert client.post(NEW, typed(pickup_point="940123")).status_code == 302  # not for a pickup point any more
    assert Parcel.objects.filter(product="DOM", pickup_point="").exists()


def test_a_postcode_offers_its_towns(shop: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(shop.colleague)
    assert "Bordeaux" in client.get(f"{LIST}towns/?addressee_postcode=33 000").content.decode()
    for odd in ("", "?x=1", "?sender_postcode=<script>", "?sender_postcode=" + "9" * 300):
        assert client.get(f"{LIST}towns/{odd}").content.decode().strip() == ""


# The list, labels, cancellation.


def test_the_list_is_of_a_day_and_of_a_status(shop: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(shop.owner)
    kept, gone = (frank(link=shop.owner_link, by=shop.owner, order=order()) for _ in range(2))
    Parcel.objects.filter(pk=gone.pk).update(cancelled_at=timezone.now())
    assert all(number in client.get(LIST).content.decode() for number in (kept.number, gone.number))
    cancelled = client.get(f"{LIST}?status=cancelled").content.decode()
    assert gone.number in cancelled and kept.number not in cancelled
    assert kept.number not in client.get(f"{LIST}?day=2026-01-02").content.decode()
    for odd in ("?day=x", "?day=2026-02-31", "?day=9999-12-31", "?day=0001-01-01", "?page=x", "?status=%00"):
        assert client.get(LIST + odd).status_code == 200


@pytest.mark.parametrize(
    ("paper", "begins", "kind"),
    [("PDF_A4_300dpi", b"%PDF", "application/pdf"), ("PDF_10x15_300dpi", b"%PDF", "application/pdf"),
     ("ZPL_10x15_203dpi", b"^XA", "application/zpl"), ("../etc/passwd", b"%PDF", "application/pdf")],
)  # fmt: skip
def test_a_label_has_the_paper_asked_for(
    shop: SimpleNamespace, sign_in: Any, paper: str, begins: bytes, kind: str
) -> None:
    parcel = frank(link=shop.owner_link, by=shop.owner, order=order())
    response = sign_in(shop.colleague).get(f"{LIST}{parcel.number}/label/?paper={paper}")
    assert response.content.lstrip().startswith(begins) and response.headers["Content-Type"] == kind


def test_the_paper_is_remembered_for_the_person(shop: SimpleNamespace, sign_in: Any) -> None:
    one, two = (frank(link=shop.owner_link, by=shop.owner, order=order()) for _ in range(2))
    client = sign_in(shop.colleague)
    client.get(f"{LIST}{one.number}/label/?paper=ZPL_10x15_300dpi")
    assert client.get(f"{LIST}{two.number}/label/").content.lstrip().startswith(b"^XA")
    client.force_login(shop.owner)  # the same browser, another person
    assert client.get(f"{LIST}{two.number}/label/").content.startswith(b"%PDF")


def test_several_labels_are_one_file_without_the_cancelled_and_the_foreign(shop: SimpleNamespace, sign_in: Any) -> None:
    one, two = (frank(link=shop.owner_link, by=shop.owner, order=order()) for _ in range(2))
    Parcel.objects.filter(pk=two.pk).update(cancelled_at=timezone.now())
    foreign = frank(link=shop.stranger_link, by=shop.stranger, order=order())
    client = sign_in(shop.colleague)
    chosen = {"parcel": [one.number, two.number, foreign.number, "x"], "paper": "ZPL_10x15_203dpi"}
    body = client.post(f"{LIST}labels/", chosen).content.decode()
    assert body.count("^XZ") >= 1 and one.number in body.replace(" ", "")
    assert two.number not in body and foreign.number not in body
    assert client.post(f"{LIST}labels/", {"parcel": [two.number]}).status_code == 302
    assert client.get(f"{LIST}labels/").status_code == 405


def test_a_parcel_is_cancelled_after_a_page_that_says_what_stops(shop: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(shop.colleague)
    parcel = frank(link=shop.owner_link, by=shop.owner, order=order())
    assert 'class="btn btn-danger"' in client.get(f"{LIST}{parcel.number}/cancel/").content.decode()
    assert client.post(f"{LIST}{parcel.number}/cancel/").headers["Location"].startswith(LIST + "?day=")
    assert Parcel.objects.get().status == "cancelled"
    for again in (client.get, client.post):
        assert again(f"{LIST}{parcel.number}/cancel/").headers["Location"] == f"{LIST}{parcel.number}/"
    assert client.get(f"{LIST}{parcel.number}/label/").headers["Location"] == f"{LIST}{parcel.number}/"


# Several by file.

HEADER = "Produit;Poids (kg);Nom;Prénom;Numéro et voie;Code postal;Ville;Portable;Référence client"
GOOD = "DOM;1,25;Durand;Camille;5 rue du Bellay;69003;Lyon;;CMD-1"
BAD = "DOM;31;=HYPERLINK(1);;5 rue du Bellay;69003;Lille;;CMD-2"


def send(client: Client, content: bytes) -> str:
    return client.post(f"{LIST}file/", {"file": SimpleUploadedFile("parcels.csv", content)}).content.decode()


def sealed_of(page: str) -> str:
    found = re.search(r'name="rows" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_file_is_looked_at_then_franked_once_and_its_wrong_rows_come_back(
    shop: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(shop.colleague)
    preview = send(client, "\r\n".join([HEADER, GOOD, BAD, "", GOOD.replace("CMD-1", "CMD-3")]).encode("cp1252"))
    assert not Parcel.objects.exists()
    rows = {"rows": sealed_of(preview)}
    result = client.post(f"{LIST}file/", rows).content.decode()
    assert list(Parcel.objects.order_by("id").values_list("reference", flat=True)) == ["CMD-1", "CMD-3"]
    assert all(parcel.number in result for parcel in Parcel.objects.all())
    client.post(f"{LIST}file/", rows)
    assert Parcel.objects.count() == 2 and AuditEvent.objects.filter(verb="parcel franked").count() == 2
    refused = b"".join(client.post(f"{LIST}file/", {**rows, "act": "refused"}).streaming_content)
    assert b"CMD-2" in refused and b"CMD-1" not in refused and b";'=HYPERLINK" in refused
    again = send(client, refused)
    assert "HYPERLINK" in again and sealed_of(again)
    client.force_login(shop.owner)
    assert client.post(f"{LIST}file/", rows).headers["Location"] == f"{LIST}file/"  # somebody else's page


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\xff", b"PK\x03\x04workbook", b"Nom;Ville\r\nDurand;Lyon", HEADER.encode(), b'"',
     b"\xff\xfe" + b"a\0" * 9, b"x" * 1_000_001, "\r\n".join([HEADER, *[GOOD] * 501]).encode(),
     f'{HEADER}\n"{"x" * 200_000}"'.encode(), ";".join(["(" * 120_000, "e" + "\u0301\u0316" * 60_000]).encode()],
    ids=["empty", "binary", "workbook", "columns", "no row", "quote", "UTF-16", "large", "long", "cell", "titles"],
)  # fmt: skip
def test_what_is_no_file_of_parcels_says_what_to_do(shop: SimpleNamespace, sign_in: Any, content: bytes) -> None:
    page = send(sign_in(shop.colleague), content)
    assert 'id="id_file_error"' in page and not Parcel.objects.exists()


def test_the_template_can_be_sent_as_it_is(shop: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(shop.colleague)
    content = b"".join(client.get(f"{LIST}file/template/").streaming_content)
    rows = parcel_files.read(content)
    right, wrong = parcel_files.judge(rows, shop.colleague_link, uuid4())
    assert (len(right), wrong) == (2, [])
    tampered = client.post(f"{LIST}file/", {"rows": "x:y:z"})
    assert tampered.headers["Location"] == f"{LIST}file/"


# Done in my name.


def test_the_account_sees_who_franked_in_its_name_month_by_month(shop: SimpleNamespace, sign_in: Any) -> None:
    frank(link=shop.owner_link, by=shop.owner, order=order())
    key = ConnectionKey.objects.create(user=shop.partner, public="abcd1234", last_four="wxyz", fingerprint="f" * 64)
    for used in (None, key):
        parcel = frank(link=shop.partner_link, by=shop.partner, order=order(), key=used)
    frank(link=shop.stranger_link, by=shop.stranger, order=order(sender=SENDER))
    client = sign_in(shop.owner)
    assert "cpk_abcd1234…" in client.get(f"{LIST}{parcel.number}/").content.decode()
    text = pages(client.get(f"{LIST}by-others/").content.decode())
    assert "Aline Berlioz" in text and "ZZB-ADMIN" not in text
    sheet = b"".join(client.get(f"{LIST}by-others/?format=csv").streaming_content).decode()
    counts = [[cells[0], *cells[2:4]] for line in sheet.splitlines()[1:] if (cells := line.split(";"))]
    assert counts == [["Aline Berlioz", "2", "1"], ["900138 ADMIN", "1", "0"]]
    assert "Aline Berlioz" not in client.get(f"{LIST}by-others/?month=2025-11").content.decode()
    for odd in ("?month=x", "?month=%00", "?month=9999-99"):
        assert client.get(f"{LIST}by-others/{odd}").status_code == 200


def test_a_parcel_that_came_with_a_file_is_shown_without_a_label(shop: SimpleNamespace, sign_in: Any) -> None:
    parcel = make_parcel(shop.north)
    client = sign_in(shop.owner)
    page = client.get(f"{LIST}{parcel.number}/").content.decode()
    assert "Camille Durand" in page and "/label/" not in page
    assert client.get(f"{LIST}{parcel.number}/label/").status_code == 404
    assert f'value="{parcel.number}"' not in client.get(LIST).content.decode()  # nothing to tick


def test_the_list_asks_as_much_for_many_as_for_one(
    shop: SimpleNamespace, sign_in: Any, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(shop.owner)
    frank_many(link=shop.owner_link, by=shop.owner, orders=[order() for _ in range(40)])
    with django_assert_max_num_queries(15):
        assert client.get(LIST).status_code == 200


def test_the_way_to_the_tracking_tool_is_shown_to_who_sees_the_parcel_there(
    shop: SimpleNamespace, sign_in: Any
) -> None:
    shown = {}
    for tag in ("LYON", "NICE"):  # the partner follows their tag only
        parcel = frank(link=shop.partner_link, by=shop.partner, order=order(tag=tag))
        page = sign_in(shop.partner).get(f"{LIST}{parcel.number}/").content.decode()
        shown[tag] = reverse("tracking:parcel", args=[parcel.number]) in page
        assert sign_in(shop.partner).get(f"/tracking/{parcel.number}/").status_code == (200 if shown[tag] else 404)
    assert shown == {"LYON": True, "NICE": False}


def test_events_keep_the_list_true(shop: SimpleNamespace, sign_in: Any) -> None:
    parcel = frank(link=shop.owner_link, by=shop.owner, order=order())
    TrackingEvent.objects.create(account_id=shop.north.pk, parcel=parcel, code="PC1", at=timezone.now())
    page = sign_in(shop.owner).get(LIST).content.decode()
    assert reverse("tracking:cancel", args=["900138", parcel.number]) not in page
