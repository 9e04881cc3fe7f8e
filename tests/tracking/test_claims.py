"""Claims: who may file and follow them, what they say of themselves, how staff answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import AuditEvent
from colibox.lib.outbox import Mail, deliver
from rights.models import Grant
from tests.conftest import make_person
from tests.tracking.conftest import make_parcel
from tracking import emails
from tracking.actions import claims as actions
from tracking.models import Claim, Parcel
from tracking.scopes import scopes_of

SAID = "Le carton est arrivé <b>ouvert</b>.\nIl manque deux pièces."


def file(parcel: Parcel, by: Any, reason: str = "damaged", text: str = SAID) -> Claim:
    """A claim on a parcel by somebody who may file it."""
    [scope] = [scope for scope in scopes_of(by) if scope.account == parcel.account]
    return actions.file_claim(parcel=parcel, scope=scope, by=by, reason=reason, text=text)


def address(claim: Claim) -> str:
    return reverse("tracking:claim", args=[claim.uuid])


def filing(parcel: Parcel | str) -> str:
    return reverse("tracking:file_claim", args=[str(parcel)])


@pytest.fixture
def claim(cast: SimpleNamespace) -> Claim:
    """A claim of the partner, who has access to customer service on south."""
    return file(make_parcel(cast.south, addressee="Anaïs Petit"), cast.partner)


@pytest.fixture
def operator(cast: SimpleNamespace) -> Any:
    return make_person("operateur", kind="staff", last_name="Odile", first_name="Agent")


def test_a_claim_is_filed_on_the_page_followed_and_closed(cast: SimpleNamespace, sign_in: Any) -> None:
    client, parcel = sign_in(cast.partner), make_parcel(cast.south)
    assert "Aucune réclamation" not in client.get(reverse("tracking:claims")).content.decode()
    page = client.get(filing(parcel))
    assert page.status_code == 200 and parcel.shown in page.content.decode()
    response = client.post(filing(parcel), {"reason": "damaged", "text": SAID + "\x00\u202e"})
    claim = Claim.objects.get()
    assert response.headers["Location"] == address(claim)
    assert (claim.number, claim.state, claim.account, claim.by) == (1, "open", cast.south, cast.partner)
    shown = client.get(address(claim)).content.decode()
    assert "&lt;b&gt;ouvert&lt;/b&gt;.<br>Il manque" in shown and "\u202e" not in shown
    assert parcel.shown in client.get(reverse("tracking:claims")).content.decode()
    client.post(reverse("tracking:close_claim", args=[claim.uuid]))
    client.post(reverse("tracking:close_claim", args=[claim.uuid]))
    claim.refresh_from_db()
    assert claim.state == "closed"
    assert client.post(address(claim), {"text": "Encore un mot."}).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "open" and claim.messages.count() == 2
    verbs = list(AuditEvent.objects.filter(subject=claim.uuid).order_by("id").values_list("verb", flat=True))
    assert verbs == ["claim filed", "claim closed", "claim reopened"]


def test_what_is_missing_or_too_long_is_said_and_nothing_is_filed(cast: SimpleNamespace, sign_in: Any) -> None:
    client, parcel = sign_in(cast.partner), make_parcel(cast.south)
    endless = {"reason": "damaged", "text": "e" + "\u0301\u0316" * 200_000}
    for sent in (
        {},
        {"reason": "damaged", "text": " \u200b"},
        {"reason": "x", "text": "y"},
        {"text": "y" * 4001},
        endless,
    ):
        page = client.post(filing(parcel), sent)
        assert page.status_code == 200 and "error-summary" in page.content.decode()
    assert not Claim.objects.exists()


def test_one_claim_is_open_for_a_reason_and_numbers_follow_each_other(cast: SimpleNamespace, claim: Claim) -> None:
    with pytest.raises(ValidationError, match=r"n° 1|no\. 1"):
        file(claim.parcel, cast.partner)
    assert file(claim.parcel, cast.partner, "late").number == 2
    [scope] = [scope for scope in scopes_of(cast.partner) if scope.account == cast.south]
    actions.close(claim=claim, scope=scope, by=cast.partner)
    assert file(claim.parcel, cast.partner).number == 3
    with pytest.raises(ValidationError):
        actions.reply(claim=claim, scope=scope, by=cast.partner, text="Et celle-ci ?")
    assert file(make_parcel(cast.north), cast.owner).number == 1


def test_without_access_to_customer_service_there_is_no_claim(cast: SimpleNamespace, sign_in: Any) -> None:
    """On north the partner follows by tag without that access; the colleague follows nothing."""
    parcel = make_parcel(cast.north, tag="LYON")
    client = sign_in(cast.partner)
    assert client.get(filing(parcel)).status_code == 403
    assert client.post(filing(parcel), {"reason": "late", "text": "x"}).status_code == 403
    claim = file(parcel, cast.owner)
    answers = [client.get(address(claim)), client.get(reverse("tracking:claim", args=[parcel.uuid]))]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content.replace(str(claim.uuid).encode(), b"") == answers[1].content.replace(
        str(parcel.uuid).encode(), b""
    )
    assert parcel.shown not in client.get(reverse("tracking:claims")).content.decode()
    for url in (reverse("tracking:claims"), address(claim), filing(parcel)):
        assert sign_in(cast.colleague).get(url).status_code == 403
    with pytest.raises(PermissionDenied):
        actions.close(claim=claim, scope=scopes_of(cast.partner)[0], by=cast.partner)


def test_a_parcel_one_does_not_see_is_one_there_is_not(cast: SimpleNamespace, sign_in: Any) -> None:
    foreign, client = make_parcel(cast.north), sign_in(cast.partner)
    for method in (client.get, client.post):
        hidden, absent = method(filing(foreign)), method(filing("6C00000000001"))
        assert hidden.status_code == absent.status_code == 404
        shared = hidden.content.replace(foreign.number.encode(), b"")
        assert shared == absent.content.replace(b"6C00000000001", b"")


def test_a_narrow_scope_follows_the_claims_on_its_own_parcels(cast: SimpleNamespace, sign_in: Any) -> None:
    Grant.objects.filter(link=cast.partner_south_link).update(right="tool_service_key")
    mine = file(make_parcel(cast.south, franked_by=cast.partner), cast.partner)
    other = file(make_parcel(cast.south), cast.stranger)
    assert set(Claim.objects.seen(scopes_of(cast.partner))) == {mine}
    assert sign_in(cast.partner).get(address(other)).status_code == 404
    assert set(Claim.objects.seen(scopes_of(cast.stranger))) == {mine, other}


def test_the_list_goes_from_the_newest_change_to_the_oldest_page_by_page(
    cast: SimpleNamespace, sign_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracking.views.claims.PAGE", 2)
    claims = [file(make_parcel(cast.south), cast.partner) for _ in range(3)]
    client = sign_in(cast.partner)
    first = client.get(reverse("tracking:claims"))
    assert [claim.number for claim in first.context["claims"]] == [3, 2]
    second = client.get(reverse("tracking:claims"), {"after": first.context["next"]})
    assert [claim.number for claim in second.context["claims"]] == [1] and second.context["next"] is None
    [scope] = [scope for scope in scopes_of(cast.partner) if scope.account == cast.south]
    actions.close(claim=claims[0], scope=scope, by=cast.partner)
    closed = client.get(reverse("tracking:claims"), {"status": "closed", "after": "nonsense"})
    assert [claim.number for claim in closed.context["claims"]] == [1]
    assert "Aucune n’a ce statut" in client.get(reverse("tracking:claims"), {"status": "answered"}).content.decode()


def test_staff_answer_the_oldest_first_and_the_asker_is_told(
    claim: Claim, cast: SimpleNamespace, operator: Any, sign_in: Any, mailoutbox: list[Any]
) -> None:
    later = file(make_parcel(cast.north), cast.owner)
    client = sign_in(operator)
    queue = client.get(reverse("admin:tracking_claim_changelist"))
    assert list(queue.context["cl"].result_list) == [claim, later]
    page = client.get(reverse("admin:tracking_claim_change", args=[claim.pk])).content.decode()
    assert "Il manque deux pièces" in page
    send = reverse("admin:tracking_claim_answer", args=[claim.pk])
    assert "Écrivez la réponse" in client.post(send, {"text": ""}, follow=True).content.decode()
    assert client.post(send, {"text": "Nous <i>cherchons</i>."}).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "answered"
    assert list(client.get(reverse("admin:tracking_claim_changelist")).context["cl"].result_list) == [later]
    answered = client.get(reverse("admin:tracking_claim_changelist"), {"state": "answered", "o": "0.-6"})
    assert list(answered.context["cl"].result_list) == [claim]
    deliver()
    [mail] = mailoutbox
    assert mail.to == [cast.partner.email] and "répondu à votre réclamation n° 1" in mail.subject
    assert "Nous <i>cherchons</i>." in mail.body and "&lt;i&gt;" in mail.alternatives[0].content
    followed = sign_in(cast.partner).get(address(claim)).content.decode()
    assert "Service client" in followed and "Odile" not in followed


def test_staff_close_with_or_without_a_word(
    claim: Claim, cast: SimpleNamespace, operator: Any, sign_in: Any, mailoutbox: list[Any]
) -> None:
    client, send = sign_in(operator), reverse("admin:tracking_claim_answer", args=[claim.pk])
    client.post(send, {"text": "Remboursé.", "close": "1"})
    claim.refresh_from_db()
    assert (claim.state, claim.messages.count()) == ("closed", 2)
    second = file(make_parcel(cast.north), cast.owner)
    send = reverse("admin:tracking_claim_answer", args=[second.pk])
    client.post(send, {"text": "", "close": "1"})
    client.post(send, {"text": "", "close": "1"})
    second.refresh_from_db()
    assert (second.state, second.messages.count()) == ("closed", 1)
    deliver()
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted([cast.partner.email, cast.owner.email])
    assert client.get(send).status_code == 405
    assert sign_in(cast.owner).post(send, {"text": "x"}).status_code in (302, 403)
    with pytest.raises(PermissionDenied):
        actions.answer(claim=second, by=cast.owner, text="x")


def test_whoever_lost_the_right_meanwhile_is_not_written_to(claim: Claim, cast: SimpleNamespace, operator: Any) -> None:
    actions.answer(claim=claim, by=operator, text="Voici.")
    facts = Mail.objects.get(kind=emails.claim_answered.name).args
    assert emails.claim_answered(**facts) is not None
    Grant.objects.filter(link=cast.partner_south_link).delete()
    assert emails.claim_answered(**facts) is None


def test_each_reads_the_mail_in_their_language(claim: Claim, cast: SimpleNamespace, operator: Any) -> None:
    type(cast.partner).objects.filter(pk=cast.partner.pk).update(language="en")
    actions.close_by_staff(claim=claim, by=operator)
    mail = emails.claim_closed(claim=claim.pk)
    assert mail is not None and mail.subject == "Your claim no. 1 is closed" and "Damaged" in mail.body
