"""The pages of imports: what each state shows, what may be done, what nobody else learns, and what they cost."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, CustomerAccount
from imports import actions, work
from imports.models import FilePart, ImportJob, ImportRow
from rights.models import AccountLink
from tests.imports.conftest import HEADER as CSV_HEADER
from tests.imports.conftest import person

State = ImportJob.State
HEADER = ["Nom", "Prénom", "Email", "Web Service suivi"]
URL = "/accounts/900138/users/imports/"
NARROW = "\u202f"


def make_job(by: AccountLink, state: str = State.READY, **facts: Any) -> ImportJob:
    """An import of the account of this link, with the next number."""
    last = ImportJob.objects.for_account(by.account).first()
    return ImportJob.objects.create(
        **{
            "account": by.account, "number": last.number + 1 if last else 1, "by": by, "by_name": str(by),
            "source": "file", "language": "fr", "filename": "équipe.csv", "size": 12_345, "state": state,
            "header": HEADER, "keep_until": timezone.now() + timedelta(days=7), "sha256": uuid4().hex, **facts,
        }
    )  # fmt: skip


def entry(email: str, *, act: str = "create", **facts: Any) -> dict[str, Any]:
    """What a row asks, as the reader keeps it."""
    identity = {"last_name": "Durand", "first_name": email.partition("@")[0].title()}
    return {
        "email": email, "act": act, "kind": "advanced", "identity": identity, "rights": ["tracking_ws"],
        "others": [], "tags": ["LYON"], "language": "fr", **facts,
    }  # fmt: skip


def fault(**facts: str) -> dict[str, str]:
    return {"column": "", "value": "", "reason": "", "fix": "", "right": "", **facts}


def add(job: ImportJob, number: int, plan: str, status: str = "ok", **facts: Any) -> None:
    """One row with what would come of it, or did."""
    email = f"p{number}@example.com"
    cells = ["Durand", f"P{number}", email, "oui"]
    values = {"cells": cells, "entry": entry(email), "plan": plan, "status": status, "faults": [], **facts}
    ImportRow.objects.create(job=job, account_id=job.account_id, number=number, **values)


def fill(job: ImportJob, invited: int, refused: int = 0) -> None:
    """So many rows to invite, then so many that are refused; and the counts of the import."""
    wrong = [fault(column="Email", value="chez nous", reason="Adresse incomplète.", fix="nom@exemple.fr")]
    ImportRow.objects.bulk_create(
        ImportRow(job=job, account_id=job.account_id, number=n + 2, cells=["Durand", f"P{n}", f"p{n}@example.com"],
                  entry=entry(f"p{n}@example.com") if n < invited else None, faults=[] if n < invited else wrong,
                  plan="invite" if n < invited else "refused", status="ok" if n < invited else "identity")
        for n in range(invited + refused)
    )  # fmt: skip
    job.total, job.planned = invited + refused, {"invite": invited, "refused": refused}
    if job.state in (State.DONE, State.CANCELLED):
        job.tally, job.applied, job.position = job.planned, job.total, job.total + 1
        job.started_at = job.finished_at = timezone.now()
    job.save()


def address(job: ImportJob, name: str = "job") -> str:
    return reverse(f"imports:{name}", args=[job.account.number, job.uuid])


def text_of(html: str) -> str:
    """What a page says, spaces made plain."""
    bare = re.sub(r"<(script|template|noscript).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).replace(NARROW, " ").split())


def read(client: Client, url: str, **extra: Any) -> str:
    response = client.get(url, **extra)
    assert response.status_code == 200, response.status_code
    return text_of(response.content.decode())


@pytest.fixture
def admin(cast: SimpleNamespace, sign_in: Callable[..., Client]) -> Client:
    return sign_in(cast.owner)


@pytest.fixture
def english(cast: SimpleNamespace, admin: Client) -> Client:
    cast.owner.language = "en"
    cast.owner.save()
    return admin


class TestThePageOfImports:
    """Three steps, the last result, the history."""

    def test_it_says_the_three_steps_in_the_known_words(self, admin: Client) -> None:
        text = read(admin, URL)
        for words in (
            "Ajouter plusieurs utilisateurs au compte",
            "Vous souhaitez ajouter plusieurs utilisateurs en une fois ? Il vous suffit de :",
            "Réaliser un fichier CSV selon le fichier d’import ci-dessous",
            "Charger le fichier en cliquant sur le bouton Importer",
            "Récupérer les résultats pour contrôler l’ajout des utilisateurs",
            "Télécharger le format du fichier d’import",
            "Récupération des résultats",
        ):
            assert words in text

    def test_it_says_the_limits_and_that_no_result_is_lost(self, admin: Client) -> None:
        text = read(admin, URL)
        assert "10 Mo et 50 000 lignes au plus" in text
        assert "Un import ne supprime pas les résultats des précédents." in text
        assert "Aucun import pour l’instant" in text

    def test_it_speaks_english(self, english: Client) -> None:
        text = read(english, URL)
        assert "Add several users to the account" in text and "En français : modèle CSV" in text

    def test_each_form_bears_another_token(self, admin: Client) -> None:
        tokens = {re.search(r'name="token" value="([^"]+)"', admin.get(URL).content.decode())[1] for _ in range(2)}  # type: ignore[index]
        assert len(tokens) == 2

    def test_the_latest_result_has_its_date_and_download(self, cast: SimpleNamespace, admin: Client) -> None:
        done = make_job(cast.owner_link, State.DONE)
        fill(done, 3, 1)
        make_job(cast.owner_link, State.READY)
        html = admin.get(URL).content.decode()
        text = text_of(html)
        day = timezone.localtime(done.keep_until)
        assert f"Votre fichier est disponible jusqu’au : {day:%d/%m/%Y}" in text
        assert "3 invitées, 1 refusée" in text and "Récupérer les résultats" in text
        assert address(done, "result") in html

    def test_a_result_no_longer_kept_is_not_offered(self, cast: SimpleNamespace, admin: Client) -> None:
        old = make_job(cast.owner_link, State.DONE, purged_at=timezone.now())
        fill(old, 3)
        html = admin.get(URL).content.decode()
        assert address(old) in html and address(old, "result") not in html

    def test_the_history_has_pages(self, cast: SimpleNamespace, admin: Client) -> None:
        for _ in range(21):
            make_job(cast.owner_link, State.REFUSED)
        assert "21 imports" in read(admin, URL)
        first, second = admin.get(URL).content.decode(), admin.get(f"{URL}?page=2").content.decode()
        assert first.count('<th scope="row">') == 20 and second.count('<th scope="row">') == 1

    def test_nothing_of_another_account_is_seen(self, cast: SimpleNamespace, admin: Client) -> None:
        foreign = make_job(cast.stranger_link, State.DONE, filename="secret.csv")
        fill(foreign, 1)
        html = admin.get(URL).content.decode()
        assert "secret.csv" not in html and str(foreign.uuid) not in html

    def test_the_users_page_leads_there(self, admin: Client) -> None:
        html = admin.get("/accounts/900138/users/").content.decode()
        assert f'href="{URL}"' in html and f'href="{URL}list/"' in html
        assert "Importer un fichier" in text_of(html) and "Coller plusieurs adresses" in text_of(html)


class TestSending:
    """A file becomes an import; a double click is one."""

    def send(self, client: Client, content: bytes, **data: Any) -> Any:
        file = SimpleUploadedFile("équipe.csv", content)
        return client.post(URL, {"token": str(uuid4()), "file": file, **data})

    def test_a_file_becomes_an_import_and_its_page_opens(self, admin: Client) -> None:
        response = self.send(admin, b"Nom;Email\r\nDurand;d@example.com\r\n")
        job = ImportJob.objects.get()
        assert response.status_code == 302 and response["Location"] == address(job)
        assert (job.filename, job.language, job.state) == ("équipe.csv", "fr", State.READING)
        assert b"".join(bytes(part.data) for part in FilePart.objects.filter(job=job)).startswith(b"Nom;Email")

    def test_a_double_click_is_one_import(self, admin: Client) -> None:
        token = str(uuid4())
        answers = [self.send(admin, b"Nom;Email\r\nA;a@example.com\r\n", token=token) for _ in range(2)]
        assert answers[0]["Location"] == answers[1]["Location"]
        assert ImportJob.objects.count() == 1

    def test_without_a_file_it_says_what_to_do(self, admin: Client) -> None:
        response = admin.post(URL, {"token": str(uuid4())})
        assert response.status_code == 200 and ImportJob.objects.count() == 0
        html = response.content.decode()
        assert "Choisissez le fichier que vous avez rempli." in html and 'href="#id_file"' in html

    def test_an_empty_file_is_refused_with_a_sentence(self, admin: Client) -> None:
        response = self.send(admin, b"")
        assert response.status_code == 200 and ImportJob.objects.count() == 0
        assert 'aria-invalid="true"' in response.content.decode() or "error-summary" in response.content.decode()

    def test_the_template_comes_in_both_formats_and_languages(self, admin: Client) -> None:
        french, english = (
            b"".join(admin.get(f"{URL}template/?format=csv&lang={language}")).decode("utf-8-sig")
            for language in ("fr", "en")
        )
        assert "Email" in french and french != english
        workbook = admin.get(f"{URL}template/?format=xlsx")
        assert b"".join(workbook).startswith(b"PK") and ".xlsx" in workbook["Content-Disposition"]
        assert "users-to-import" in admin.get(f"{URL}template/?lang=en")["Content-Disposition"]


class TestPasting:
    """Addresses, rights chosen once, the same preview."""

    def post(self, client: Client, **data: Any) -> Any:
        return client.post(f"{URL}list/", {"token": str(uuid4()), "language": "fr", "tags": "", **data})

    def test_addresses_become_an_import(self, admin: Client) -> None:
        response = self.post(admin, addresses="a@example.com; b@example.com", rights=["tracking_ws"], tags="lyon")
        job = ImportJob.objects.get()
        assert response["Location"] == address(job) and job.source == "list"
        assert (job.found["rights"], job.found["tags"]) == (["tracking_ws"], ["LYON"])

    def test_at_least_one_address_and_one_right(self, admin: Client) -> None:
        text = text_of(self.post(admin).content.decode())
        assert "Saisissez au moins une adresse e-mail" in text and "Choisissez au moins un droit" in text
        assert ImportJob.objects.count() == 0

    def test_a_right_that_the_account_does_not_hold_is_shown_closed(self, cast: SimpleNamespace, admin: Client) -> None:
        cast.north.entitlements.filter(right="pickup_ws").delete()
        html = admin.get(f"{URL}list/").content.decode()
        assert re.search(r'value="pickup_ws"[^>]* disabled', html)


class TestReading:
    """While the file is read, and when it cannot be."""

    def test_the_page_waits_with_and_without_javascript(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link, State.READING)
        html = admin.get(address(job)).content.decode()
        assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in html
        assert f'hx-get="{address(job)}?seen=reading"' in html and 'hx-trigger="every 1s"' in html

    def test_the_fragment_goes_on_or_has_the_page_loaded_anew(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link, State.READING)
        same = admin.get(f"{address(job)}?seen=reading", headers={"HX-Request": "true"})
        assert same.status_code == 204 and "HX-Refresh" not in same
        ImportJob.objects.update(state=State.READY)
        assert admin.get(f"{address(job)}?seen=reading", headers={"HX-Request": "true"})["HX-Refresh"] == "true"

    def test_a_file_that_cannot_be_read_says_why(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link, State.REFUSED, problem="Ce fichier est une image <b>.")
        html = admin.get(address(job)).content.decode()
        assert "Ce fichier est une image &lt;b&gt;." in html and "Envoyer un fichier corrigé" in html
        assert "noscript" not in html


class TestThePreview:
    """What would happen, before anything does."""

    def test_it_counts_and_the_button_says_how_many_invitations_leave(
        self, cast: SimpleNamespace, admin: Client
    ) -> None:
        job = make_job(cast.owner_link)
        fill(job, 9, 2)
        job.planned |= {"invite": 9_750}
        job.save()
        text = read(admin, address(job))
        assert "Inviter 9 750 personnes" in text and "2 refusées" in flat(text)

    def test_it_shows_the_first_rows_and_what_is_wrong(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link)
        fill(job, 30, 60)
        html = admin.get(address(job)).content.decode()
        assert html.count('<th scope="row">') == 20 + 50
        text = text_of(html)
        assert "Adresse incomplète. nom@exemple.fr" in text and "chez nous" in text
        assert "10 autres sont dans le fichier" in text

    def test_it_says_how_the_file_was_read(self, cast: SimpleNamespace, admin: Client) -> None:
        found = {
            "format": "csv", "encoding": "cp1252", "separator": ";", "unknown": ["Prenon", "Note"],
            "meant": {"Prenon": "Prénom"}, "missing": ["Ville"], "not_held": ["WS livraison"],
            "repairs": {"postcode": 3}, "empty_rows": 2,
        }  # fmt: skip
        job = make_job(cast.owner_link, found=found)
        fill(job, 1)
        text = read(admin, address(job))
        assert "CSV, Windows-1252, points-virgules" in text
        assert "3 codes postaux : zéro du début rendu" in text
        assert "Prenon : vouliez-vous dire « Prénom » ?" in text and "Ville" in text and "2 lignes vides" in text

    def test_who_loses_access_is_named_and_the_button_is_red(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link, total=12, planned={"suspend": 11, "invite": 1})
        for number in range(2, 13):
            add(job, number, "suspend", entry=entry(f"p{number}@example.com", act="suspend"))
        add(job, 13, "invite")
        html = admin.get(address(job)).content.decode()
        assert "11 personnes perdent leur accès dès le démarrage." in text_of(html)
        assert "et 1 autre" in text_of(html)
        assert re.search(r'class="btn btn-danger" type="submit">Inviter 1 personne, retirer l’accès à 11<', html)

    def test_nothing_valid_leaves_nothing_to_start(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link)
        fill(job, 0, 3)
        html = admin.get(address(job)).content.decode()
        assert address(job, "start") not in html and "Aucune ligne de ce fichier ne peut être traitée." in html

    def test_nothing_to_change_is_said(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link, total=1, planned={"unchanged": 1})
        add(job, 2, "unchanged")
        html = admin.get(address(job)).content.decode()
        assert address(job, "start") not in html and "Il n’y a rien à changer" in html

    def test_the_same_file_within_a_day_is_asked_about(self, cast: SimpleNamespace, admin: Client) -> None:
        first = make_job(cast.owner_link, State.DONE, sha256="a" * 64)
        fill(first, 1)
        job = make_job(cast.owner_link, sha256="a" * 64)
        fill(job, 1)
        html = admin.get(address(job)).content.decode()
        assert "Voulez-vous importer ce fichier une seconde fois" in html and address(first) in html

    def test_a_file_of_another_account_is_not_the_same(self, cast: SimpleNamespace, admin: Client) -> None:
        foreign = make_job(cast.stranger_link, State.DONE, sha256="a" * 64)
        fill(foreign, 1)
        job = make_job(cast.owner_link, sha256="a" * 64)
        fill(job, 1)
        assert "une seconde fois" not in admin.get(address(job)).content.decode()

    def test_it_does_not_tell_who_exists_elsewhere(self, cast: SimpleNamespace, admin: Client) -> None:
        """A person of another account and one nobody knows make the same page."""
        pages = []
        for email in ("850061@example.com", "nobody@example.com"):
            job = make_job(cast.owner_link, total=1, planned={"invite": 1})
            add(job, 2, "invite", cells=[], entry=entry(email, identity={}))
            html = admin.get(address(job)).content.decode()
            pages.append(
                re.sub(rf"{email}|{job.uuid}|n° {job.number}|import={job.number}\b|\"X-CSRF[^}}]+|csrf[^>]+", "", html)
            )
        assert pages[0] == pages[1]


def flat(text: str) -> str:
    """Labels and their figures stand in the order of the markup: 'refusées 2' reads as '2 refusées'."""
    return re.sub(r"([a-zéà]+) (\d+)(?= |$)", r"\2 \1", text)


class TestRunning:
    """Progress, speed, and the way to stop it."""

    def running(self, cast: SimpleNamespace, **facts: Any) -> ImportJob:
        started = timezone.now() - timedelta(seconds=10)
        values = {"total": 10_000, "applied": 2_000, "tally": {"invite": 1_990, "refused": 10}, "started_at": started}
        return make_job(cast.owner_link, State.RUNNING, **{**values, **facts})

    def test_it_says_how_far_how_fast_and_how_long(self, cast: SimpleNamespace, admin: Client) -> None:
        html = admin.get(address(self.running(cast))).content.decode()
        assert 'max="10000" value="2000"' in html and "noscript><meta" in html
        text = text_of(html)
        assert "2 000 lignes sur 10 000" in text
        assert re.search(r"(1[5-9]\d|200) lignes par seconde · encore 1 minute environ", text)
        assert "Vous pouvez quitter cette page" in text and "Arrêter l’import maintenant" in text

    def test_tens_of_percent_are_said_aloud_once(self, cast: SimpleNamespace, admin: Client) -> None:
        job = self.running(cast)
        for said, spoken in (("10", True), ("20", False), ("", False)):
            url = f"{address(job)}?seen=running&said={said}"
            html = admin.get(url, headers={"HX-Request": "true"}).content.decode()
            assert ("hx-swap-oob" in html) == spoken

    def test_it_says_for_which_import_it_waits(self, cast: SimpleNamespace, admin: Client) -> None:
        first = self.running(cast)
        second = self.running(cast, applied=0, tally={})
        html = admin.get(address(second)).content.decode()
        assert f"l’import n° {first.number}" in html and address(first) in html and "attend son tour" in html
        assert f"l’import n° {second.number}" not in admin.get(address(first)).content.decode()
        asking = {"HX-Request": "true"}
        assert admin.get(f"{address(second)}?seen=waiting", headers=asking).status_code == 204
        ImportJob.objects.filter(pk=first.pk).update(state=State.DONE)
        assert admin.get(f"{address(second)}?seen=waiting", headers=asking)["HX-Refresh"] == "true"


class TestTheResult:
    """Row by row, with the four statuses word for word."""

    @pytest.fixture
    def job(self, cast: SimpleNamespace) -> ImportJob:
        job = make_job(cast.owner_link, State.DONE, total=5, applied=5, position=6, finished_at=timezone.now())
        job.tally = {"invite": 1, "unchanged": 1, "refused": 3}
        job.save()
        add(job, 2, "invite")
        add(job, 3, "unchanged", entry=entry("a.berlioz@example.com"))
        add(job, 4, "refused", "right", faults=[fault(reason="Non détenu.", right="pickup_ws")])
        add(job, 5, "refused", "choice", faults=[fault(value="peut-être", reason="Oui ou non.", right="tracking_ws")])
        wrong = [fault(column="Email", value="chez nous", reason="Adresse incomplète.")]
        add(job, 6, "refused", "identity", entry=None, faults=wrong)
        return job

    def test_the_statuses_are_the_known_words_with_the_right(self, admin: Client, job: ImportJob) -> None:
        text = read(admin, address(job))
        assert "Traitement OK" in text
        assert "Vous ne pouvez pas donner le droit" in text and "Choix invalide" in text
        assert "Erreur sur les informations de l’utilisateur" in text
        assert "L’import est terminé ; 3 lignes ont été refusées." in text

    def test_a_list_is_not_called_a_file(self, admin: Client, job: ImportJob) -> None:
        assert "lignes de votre fichier" in read(admin, address(job))
        ImportJob.objects.filter(pk=job.pk).update(source="list")
        assert "lignes que vous avez envoyées" in read(admin, address(job))

    def test_a_row_that_could_not_be_read_is_named_as_it_was_typed(self, admin: Client, job: ImportJob) -> None:
        ImportJob.objects.filter(pk=job.pk).update(header=["Prénom", "Fonction", "NOM", "Email"])
        ImportRow.objects.filter(job=job, number=6).update(cells=["Zoé", "Acheteuse", "Petit", "chez nous"])
        html = admin.get(address(job) + "?status=identity").content.decode()
        assert "Zoé Petit" in html
        assert re.search(r"<td[^>]*>\s*(<span[^>]*>)?chez nous", html)

    def test_rows_of_a_status_can_be_seen_alone(self, admin: Client, job: ImportJob) -> None:
        def numbers(query: str) -> list[str]:
            html = admin.get(address(job) + query).content.decode()
            return re.findall(r'<td class="row-number"[^>]*>(\d+)<', html)

        assert numbers("") == ["2", "3", "4", "5", "6"]
        assert numbers("?status=refused") == ["4", "5", "6"]
        assert numbers("?status=right") == ["4"]
        assert numbers("?status=nonsense") == ["2", "3", "4", "5", "6"]

    def test_a_row_leads_to_its_person(self, cast: SimpleNamespace, admin: Client, job: ImportJob) -> None:
        AccountLink.objects.filter(pk=cast.partner_link.pk).update(email="a.berlioz@example.com")
        html = admin.get(address(job)).content.decode()
        assert reverse("rights:person", args=["900138", cast.partner_link.uuid]) in html

    def test_a_row_never_leads_to_somebody_of_another_account(
        self, cast: SimpleNamespace, admin: Client, job: ImportJob
    ) -> None:
        add(job, 7, "invite", entry=entry("850061@example.com"))
        ImportJob.objects.update(position=7)
        html = admin.get(address(job)).content.decode()
        assert str(cast.stranger_link.uuid) not in html

    def test_its_rows_are_downloaded_and_that_leaves_a_trace(self, admin: Client, job: ImportJob) -> None:
        response = admin.post(address(job, "result"), {"format": "csv"})
        body = b"".join(response).decode("utf-8-sig")
        assert body.count("\r\n") == 6 and "Traitement OK" in body
        assert f"resultat-import-900138-{job.number}.csv" in response["Content-Disposition"]
        event = AuditEvent.objects.get(verb="import result downloaded")
        assert event.after == {"import": job.number, "rows": "all", "format": "csv"}

    def test_the_refused_rows_are_downloaded_as_they_were_sent(self, admin: Client, job: ImportJob) -> None:
        response = admin.post(address(job, "result"), {"format": "csv", "rows": "refused"})
        body = b"".join(response).decode("utf-8-sig")
        assert body.startswith(";".join(HEADER)) and body.count("\r\n") == 4
        assert "lignes-a-corriger" in response["Content-Disposition"]

    def test_a_workbook_too(self, admin: Client, job: ImportJob) -> None:
        response = admin.post(address(job, "result"), {"format": "xlsx"})
        assert b"".join(response).startswith(b"PK")

    def test_a_get_downloads_nothing(self, admin: Client, job: ImportJob) -> None:
        assert admin.get(address(job, "result")).status_code == 405

    def test_once_purged_it_says_so(self, admin: Client, job: ImportJob) -> None:
        ImportRow.objects.all().delete()
        ImportJob.objects.update(purged_at=timezone.now())
        text = read(admin, address(job))
        assert "Les lignes de cet import ne sont plus conservées depuis le" in text and "1 invitée" not in text
        response = admin.post(address(job, "result"), {"format": "csv"}, follow=True)
        assert "Il n’y a pas de résultat à télécharger" in response.content.decode()

    def test_one_that_was_stopped_tells_what_was_left_out(self, admin: Client, job: ImportJob) -> None:
        ImportJob.objects.update(state=State.CANCELLED, position=2, applied=1, tally={"invite": 1})
        text = read(admin, address(job))
        assert "L’import a été arrêté avant la fin." in text and "Non traitées 1" in text
        html = admin.get(address(job) + "?status=waiting").content.decode()
        assert re.findall(r'<td class="row-number"[^>]*>(\d+)<', html) == ["3"]

    def test_one_that_was_discarded_did_nothing(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link, State.CANCELLED, total=3, planned={"invite": 3})
        text = read(admin, address(job))
        assert "Cet import a été abandonné." in text and "Personne n’a été invité et rien n’a changé." in text


class TestStartingAndStopping:
    """By a POST, by an administrator of the account."""

    def test_start_sets_it_going(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link)
        fill(job, 2)
        assert admin.get(address(job, "start")).status_code == 405
        assert admin.post(address(job, "start"))["Location"] == address(job)
        job.refresh_from_db()
        assert job.state == State.RUNNING and job.started_at is not None

    def test_cancel_stops_it(self, cast: SimpleNamespace, admin: Client) -> None:
        job = make_job(cast.owner_link)
        fill(job, 2)
        assert admin.get(address(job, "cancel")).status_code == 405
        admin.post(address(job, "cancel"))
        job.refresh_from_db()
        assert job.state == State.CANCELLED

    def test_a_refusal_becomes_a_message(
        self, cast: SimpleNamespace, admin: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(**facts: Any) -> None:
            raise ValidationError("Cela ne va pas.")

        monkeypatch.setattr(actions, "start", refuse)
        job = make_job(cast.owner_link)
        assert "Cela ne va pas." in admin.post(address(job, "start"), follow=True).content.decode()

    @pytest.mark.parametrize("name", ["job", "start", "cancel", "result"])
    def test_the_import_of_another_account_does_not_exist(
        self, cast: SimpleNamespace, admin: Client, name: str
    ) -> None:
        foreign = make_job(cast.stranger_link)
        fill(foreign, 2)
        url = reverse(f"imports:{name}", args=["900138", foreign.uuid])
        answer = admin.get(url) if name == "job" else admin.post(url)
        assert answer.status_code == 404
        foreign.refresh_from_db()
        assert foreign.state == State.READY


def queries(client: Client, url: str, **extra: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url, **extra).status_code == 200
    return len(captured)


@pytest.mark.parametrize("state", [State.READING, State.REFUSED, State.READY, State.RUNNING, State.DONE])
def test_a_page_costs_the_same_with_ten_rows_and_two_thousand(cast: SimpleNamespace, admin: Client, state: str) -> None:
    small, large = make_job(cast.owner_link, state), make_job(cast.owner_link, state)
    fill(small, 8, 2)
    fill(large, 1_600, 400)
    assert queries(admin, address(small)) == queries(admin, address(large)) <= 17


def test_the_history_costs_the_same_with_many_imports(cast: SimpleNamespace, admin: Client) -> None:
    fill(make_job(cast.owner_link, State.DONE), 2)
    few = queries(admin, URL)
    for _ in range(15):
        fill(make_job(cast.owner_link, State.DONE), 2)
    assert queries(admin, URL) == few <= 15


def test_an_account_without_an_administrators_link_sees_nothing(
    cast: SimpleNamespace, sign_in: Callable[..., Client]
) -> None:
    job = make_job(cast.owner_link)
    for who, status in ((cast.colleague, 403), (cast.partner, 403), (cast.stranger, 404)):
        assert sign_in(who).get(address(job)).status_code == status


def test_accounts_number_their_imports_each_for_itself(cast: SimpleNamespace) -> None:
    accounts: list[CustomerAccount] = [cast.north, cast.south]
    jobs = [make_job(link) for link in (cast.owner_link, cast.stranger_link)]
    assert [job.number for job in jobs] == [1, 1] and [job.account for job in jobs] == accounts


def test_a_file_far_too_large_is_let_pass_by_and_said(cast: SimpleNamespace, sign_in: Any, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    file = SimpleUploadedFile("people.csv", b"x" * 5000)
    response = sign_in(cast.owner).post(URL, {"token": str(uuid4()), "file": file})
    assert "trop volumineux" in response.content.decode()
    assert not ImportJob.objects.exists()


def test_the_preview_says_what_each_person_gains_and_loses(cast: SimpleNamespace, sign_in: Any, send: Any) -> None:
    row = person(1, right="non", tag="PARIS").replace("durand00001@agence.example", cast.partner.email) + ";oui"
    job = send([row], header=f"{CSV_HEADER};WEB SERVICE SUIVI", language="fr")
    work.work_on()
    page = unescape(sign_in(cast.owner).get(f"{URL}{job.uuid}/").content.decode())
    part = page.partition('id="updates"')[2].partition("</section>")[0]
    assert "Aline Berlioz" in part and "Durand" not in part
    gains, losses = part.partition("changes__loss")[::2]
    assert "Web Service suivi" in gains and "PARIS" in gains
    assert "Web Service Affranchissement" in losses and "LYON" in losses
