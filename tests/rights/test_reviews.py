"""Reviews of access: the picture taken, what is decided and by whom, reminders, the end and the statement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from colibox.lib import tenancy
from colibox.lib.database import insert
from colibox.lib.outbox import Mail
from rights.actions import bulk, reviews
from rights.actions.reviews import close_review, decide, open_review, remind_of_reviews
from rights.emails.reviews import review_closed, review_ends, review_opened
from rights.models import AccountLink, Campaign, ReviewedLink
from rights.reviews.campaigns import Asked, Page, progress
from rights.reviews.statements import Words, paper
from tests.conftest import PASSWORD, make_account, make_link, make_person
from tests.rights.facts import new_key, rights_of
from tests.together import together

IN_A_MONTH = timedelta(days=30)


def open_(cast: SimpleNamespace, *, by: AccountLink | None = None, days: int = 30) -> Campaign:
    """A review of north that is open."""
    return open_review(
        by=by or cast.owner_link, name="1er trimestre", deadline=timezone.localdate() + timedelta(days=days)
    )


def row_of(campaign: Campaign, link: AccountLink) -> ReviewedLink:
    return ReviewedLink.objects.get(campaign=campaign, link=link)


def rows(campaign: Campaign, *links: AccountLink) -> Any:
    return ReviewedLink.objects.filter(campaign=campaign, link__in=links)


@pytest.fixture
def second(cast: SimpleNamespace) -> AccountLink:
    """Another administrator of north."""
    return make_link(cast.north, make_person("second"), role="administrator")


def test_a_review_shows_each_link_with_its_rights_and_last_use(cast: SimpleNamespace, second: AccountLink) -> None:
    signed, called = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    for person in (cast.partner, cast.colleague):
        person.last_login = signed
        person.save()
    new_key(cast.partner, last_used_at=called)
    new_key(cast.partner, last_used_at=called + IN_A_MONTH, links=[cast.partner_south_link.pk])
    gone = make_link(cast.north, make_person("gone"), state="ended")
    campaign = open_(cast)
    found = {row.link_id: row for row in ReviewedLink.objects.filter(campaign=campaign)}
    assert gone.pk not in found and cast.partner_south_link.pk not in found
    assert found[cast.partner_link.pk].rights == ["shipping_ws", "tool_tag"]
    assert found[cast.partner_link.pk].last_used_at == called  # not what a key did on another account
    assert found[cast.colleague_link.pk].last_used_at == signed
    assert found[second.pk].last_used_at is None
    assert "dashboard" in found[second.pk].rights  # an administrator has what the account holds
    assert found[cast.partner_link.pk].name == "Aline Berlioz"
    event = AuditEvent.objects.get(verb="review opened")
    assert (event.after["people"], event.subject) == (len(found), campaign.uuid)


def test_an_invitation_tells_nothing_of_the_person_asked(cast: SimpleNamespace) -> None:
    person = make_person("known", last_login=timezone.now())
    link = make_link(cast.north, person, state="invited", accepted_at=None, expires_at=timezone.now() + IN_A_MONTH)
    assert row_of(open_(cast), link).last_used_at is None


def test_a_review_is_a_few_statements_however_many_the_links(
    cast: SimpleNamespace, django_assert_max_num_queries: Any
) -> None:
    people = [(f"p{n}@agence.example", f"Nom {n:04}") for n in range(2000)]
    same = {"account_id": cast.north.pk, "kind": "advanced", "state": "expired", "first_name": "Zoé"}
    insert(AccountLink, ("email", "last_name"), people, **same, expires_at=timezone.now())
    with django_assert_max_num_queries(8):
        campaign = open_(cast)
    assert progress(campaign).total == 2003
    seen: list[int] = []
    page = Page(campaign, Asked())
    while page.next_url:
        seen += [row.pk for row in page.rows]
        page = Page(campaign, Asked(after=page.rows[-1].uuid))
        if len(seen) > 300:
            break
    first = list(Asked().rows(campaign).values_list("pk", flat=True)[: len(seen)])
    assert seen == first
    back = Page(campaign, Asked(before=page.rows[0].uuid))
    assert [row.pk for row in back.rows] == seen[-50:]
    assert back.next_url and back.previous_url
    with django_assert_max_num_queries(8):
        done = decide(campaign=campaign, rows=Asked().rows(campaign), decision="keep", by=cast.owner_link)
    assert done.decided == 2002
    assert progress(campaign).waiting == 0


def test_one_review_at_a_time_within_a_year_by_an_administrator(cast: SimpleNamespace) -> None:
    for days in (0, -1, 400):
        with pytest.raises(ValidationError) as refusal:
            open_(cast, days=days)
        assert "deadline" in refusal.value.message_dict
    with pytest.raises(ValidationError):
        open_(cast, by=cast.colleague_link)
    campaign = open_(cast)
    with pytest.raises(ValidationError, match=r"déjà ouverte|already"):
        open_(cast)
    close_review(campaign=campaign, by=cast.owner_link)
    assert open_(cast).pk != campaign.pk


def test_keeping_reducing_and_suspending_go_by_the_usual_acts(cast: SimpleNamespace) -> None:
    campaign, by = open_(cast), cast.owner_link
    partner, colleague = cast.partner_link, cast.colleague_link
    outcome = decide(
        campaign=campaign, rows=rows(campaign, partner), decision="reduce", by=by, rights=["shipping_ws", "dashboard"]
    )
    assert outcome.decided == 1
    assert rights_of(partner) == ["tool_tag"]
    row = row_of(campaign, partner)
    assert (row.decision, row.removed, row.decided_by_name) == ("reduce", ["shipping_ws"], str(by))
    decide(campaign=campaign, rows=rows(campaign, colleague), decision="suspend", by=by)
    colleague.refresh_from_db()
    assert colleague.state == "suspended"
    kinds = [kind.rpartition(".")[2] for kind in Mail.objects.order_by("pk").values_list("kind", flat=True)]
    assert kinds == ["rights_changed", "suspended"]
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["review opened", "person changed", "review decided", "person suspended", "review decided"]
    assert progress(campaign).waiting == 0


def test_the_owner_stays_and_nobody_decides_about_themselves(cast: SimpleNamespace, second: AccountLink) -> None:
    campaign = open_(cast, by=second)
    mine, owner = rows(campaign, second), rows(campaign, cast.owner_link)
    for decision in ("keep", "suspend"):
        assert decide(campaign=campaign, rows=mine, decision=decision, by=second).decided == 0
        assert decide(campaign=campaign, rows=owner, decision=decision, by=second).decided == 0
    assert decide(campaign=campaign, rows=mine, decision="keep", by=cast.owner_link).decided == 1
    waiting = {row.link_id for row in ReviewedLink.objects.filter(campaign=campaign).waiting()}
    assert waiting == {cast.partner_link.pk, cast.colleague_link.pk}


def test_what_cannot_be_done_is_left_undecided_with_the_reason(cast: SimpleNamespace, second: AccountLink) -> None:
    third = make_link(cast.north, make_person("third"), role="administrator")
    late = {"state": "expired", "accepted_at": None, "expires_at": timezone.now()}
    invited = make_link(cast.north, make_person("invited"), rights=["tool_key"], **late)
    paused = make_link(cast.north, make_person("paused"), state="suspended", rights=["tool_key"])
    campaign = open_(cast)
    outcome = decide(campaign=campaign, rows=rows(campaign, third, invited, paused), decision="suspend", by=second)
    assert outcome.decided == 2  # who is suspended already stays so, and an invitation is withdrawn
    assert sum(map(len, outcome.refused.values())) == 1  # a peer
    assert decide(campaign=campaign, rows=rows(campaign, invited), decision="keep", by=second).decided == 0
    assert progress(campaign).waiting == 4  # second, third, colleague, partner: who left needs no decision


def test_a_decision_stays_but_who_was_kept_may_be_reduced_or_suspended(cast: SimpleNamespace) -> None:
    campaign, by = open_(cast), cast.owner_link
    one = rows(campaign, cast.partner_link)
    decide(campaign=campaign, rows=one, decision="keep", by=by)
    assert decide(campaign=campaign, rows=one, decision="suspend", by=by).decided == 0
    assert decide(campaign=campaign, rows=one, decision="suspend", by=by, revising=True).decided == 1
    assert decide(campaign=campaign, rows=one, decision="keep", by=by, revising=True).decided == 0


def test_another_accounts_review_and_rows_are_out_of_reach(cast: SimpleNamespace) -> None:
    campaign, other = open_(cast), open_(cast, by=cast.stranger_link)
    with pytest.raises(ValidationError):
        decide(campaign=other, rows=ReviewedLink.objects.all(), decision="keep", by=cast.owner_link)
    foreign = rows(other, cast.partner_south_link)
    assert decide(campaign=campaign, rows=foreign, decision="suspend", by=cast.owner_link).decided == 0
    with tenancy.scope(accounts=[cast.north.pk]):
        assert set(Campaign.objects.all()) == {campaign}
        assert set(ReviewedLink.objects.values_list("campaign", flat=True)) == {campaign.pk}
    with tenancy.scope():
        assert not ReviewedLink.objects.exists()


def test_a_closed_review_decides_nothing_more(cast: SimpleNamespace) -> None:
    campaign = open_(cast)
    close_review(campaign=campaign, by=cast.owner_link)
    event = AuditEvent.objects.get(verb="review closed")
    assert event.after["undecided"] == 2
    for again in (
        lambda: close_review(campaign=campaign, by=cast.owner_link),
        lambda: decide(campaign=campaign, rows=rows(campaign), decision="keep", by=cast.owner_link),
    ):
        with pytest.raises(ValidationError):
            again()


@pytest.mark.parametrize(
    ("days", "opened_days_ago", "told"),
    [(30, 0, 0), (7, 20, 2), (6, 20, 2), (7, 0, 0), (5, 0, 0), (1, 20, 2), (0, 20, 2), (-1, 20, 2), (-8, 20, 0)],
)
def test_administrators_are_reminded_a_week_and_a_day_before_and_once_it_is_late(
    cast: SimpleNamespace, second: AccountLink, days: int, opened_days_ago: int, told: int
) -> None:
    campaign = open_(cast)
    today, ago = timezone.localdate(), timedelta(days=opened_days_ago)
    Campaign.objects.filter(pk=campaign.pk).update(
        deadline=today + timedelta(days=days), opened_at=timezone.now() - ago
    )
    for _ in range(2):
        remind_of_reviews()
    mails = Mail.objects.filter(kind=review_ends.name)
    assert mails.count() == told


def test_a_reminder_says_how_many_are_left_and_goes_only_while_it_is_true(cast: SimpleNamespace) -> None:
    campaign = open_(cast)
    message = review_ends(link=cast.owner_link.pk, campaign=campaign.pk)
    assert message is not None
    assert "2 personnes" in message.body
    assert f"/accounts/900138/reviews/{campaign.uuid}/" in message.body
    assert review_ends(link=cast.colleague_link.pk, campaign=campaign.pk) is None
    assert "se termine le" in message.subject
    Campaign.objects.update(deadline=timezone.localdate() - timedelta(days=1))
    late = review_ends(link=cast.owner_link.pk, campaign=campaign.pk)
    assert late is not None and "devait se terminer le" in late.subject
    close_review(campaign=campaign, by=cast.owner_link)
    assert review_ends(link=cast.owner_link.pk, campaign=campaign.pk) is None


@pytest.mark.django_db(transaction=True)
def test_of_two_reviewers_at_once_one_decides(transactional_db: None) -> None:
    with transaction.atomic(), tenancy.everything():
        account = make_account("900139", "Deux à la fois")
        owner = make_link(account, make_person("900139", kind="standard"), role="owner")
        second = make_link(account, make_person("second"), role="administrator")
        person = make_link(account, make_person("person"), rights=["tool_key", "coliship"])
        campaign = open_review(by=owner, name="x", deadline=timezone.localdate() + IN_A_MONTH)

    def reviewer(by: AccountLink, decision: str) -> int:
        with transaction.atomic(), tenancy.everything():
            wanted: dict[str, Any] = {"decision": decision, "by": by, "rights": ["coliship"]}
            return decide(campaign=campaign, rows=rows(campaign, person), **wanted).decided

    decided = together(partial(reviewer, owner, "reduce"), partial(reviewer, second, "suspend"))
    assert sorted(decided) == [0, 1]
    with transaction.atomic(), tenancy.everything():
        person.refresh_from_db()
        row = row_of(campaign, person)
        assert (row.decision == "suspend") == (person.state == "suspended")
        assert (row.decision == "reduce") == (rights_of(person) == ["tool_key"])


# On screen.


def address(name: str, campaign: Campaign, number: str = "900138") -> str:
    return reverse(f"rights:{name}", args=[number, campaign.uuid])


def test_the_pages_from_the_opening_to_the_end(cast: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(cast.owner)
    start = reverse("rights:reviews", args=["900138"])
    assert client.post(start, {"name": " ", "deadline": "2026-13-40"}).status_code == 200
    deadline = timezone.localdate() + IN_A_MONTH
    client.post(start, {"name": "Revue <b>2026</b>", "deadline": f"{deadline:%Y-%m-%d}"})
    campaign = Campaign.objects.get()
    page = client.get(address("review", campaign)).content.decode()
    assert "Revue &lt;b&gt;2026&lt;/b&gt;" in page and "Berlioz" in page
    partner, colleague = row_of(campaign, cast.partner_link), row_of(campaign, cast.colleague_link)

    client.post(address("review_decide", campaign), {"keep": str(colleague.uuid)})
    page = client.post(address("review_decide", campaign), {"reduce": str(partner.uuid)}).content.decode()
    assert 'value="shipping_ws"' in page and 'value="dashboard"' not in page
    values = {"act": "reduce", "item": str(partner.uuid), "apply": "1"}
    page = client.post(address("review_decide", campaign), values).content.decode()
    assert "Choisissez les droits" in page
    client.post(address("review_decide", campaign), {**values, "rights": ["shipping_ws", "nothing"]})
    assert rights_of(cast.partner_link) == ["tool_tag"]

    page = client.post(address("review_decide", campaign), {"suspend_after_all": str(colleague.uuid)}).content.decode()
    values = {"act": "suspend", "item": str(colleague.uuid), "apply": "1", "revising": "1"}
    assert 'name="revising"' in page
    client.post(address("review_decide", campaign), values)
    assert row_of(campaign, cast.colleague_link).decision == "suspend"

    assert "Tout le monde" in client.get(address("review_close", campaign)).content.decode()
    client.post(address("review_close", campaign))
    campaign.refresh_from_db()
    assert campaign.closed_by_name == str(cast.owner_link)
    page = client.get(address("review", campaign)).content.decode()
    assert 'name="keep"' not in page and "Clôturée" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["ADMIN", "Berlioz", "Martin"]), ("?status=undecided", ["Berlioz", "Martin"]), ("?use=never", ["Martin"]),
        ("?use=idle", ["Berlioz"]), ("?role=owner", ["ADMIN"]), ("?q=béRL", ["Berlioz"]), ("?status=keep", []),
        ("?after=x&role=king&use=%00", ["ADMIN", "Berlioz", "Martin"]),
    ],
)  # fmt: skip
def test_the_rows_are_filtered(query: str, names: list[str], cast: SimpleNamespace, sign_in: Any) -> None:
    cast.partner.last_login = timezone.now() - timedelta(days=200)
    cast.partner.save()
    cast.owner.last_login = timezone.now()
    cast.owner.save()
    campaign = open_(cast)
    page = sign_in(cast.owner).get(address("review", campaign) + query).context["page"]
    shown = [name for row in page.rows for name in ("ADMIN", "Berlioz", "Martin") if name in row.name]
    assert sorted(shown) == names


def test_the_statement_says_who_decided_what(cast: SimpleNamespace, sign_in: Any) -> None:
    AccountLink.objects.filter(pk=cast.colleague_link.pk).update(first_name="=2+5")
    campaign, client = open_(cast), sign_in(cast.owner)
    decide(
        campaign=campaign,
        rows=rows(campaign, cast.partner_link),
        decision="reduce",
        by=cast.owner_link,
        rights=["shipping_ws"],
    )
    refused = client.post(address("review_statement", campaign), {"format": "csv"})
    assert refused.headers["Location"].startswith("/auth/reauthenticate/")
    assert client.post(refused.headers["Location"], {"password": PASSWORD}).headers["Location"] == address(
        "review", campaign
    )
    response = client.post(address("review_statement", campaign), {"format": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = [line.split(";") for line in text.splitlines()]
    partner = next(line for line in lines if "Aline Berlioz" in line)
    assert partner[6:9] == ["Réduit", "Web Service Affranchissement", "900138 ADMIN"]
    assert len(lines) == 4
    assert any(line[1] == "'=2+5 Martin" for line in lines)
    assert {line[6] for line in lines[1:]} == {"Réduit", "Non décidé", "Propriétaire, reste"}
    response = client.post(address("review_statement", campaign))
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    assert response.content.startswith(b"%PDF-")
    assert list(
        AuditEvent.objects.filter(verb="review exported").order_by("pk").values_list("after__format", flat=True)
    ) == [
        "csv",
        "pdf",
    ]


def test_the_statement_has_no_end(cast: SimpleNamespace) -> None:
    """Many pages, long names, letters that no font has: it is drawn all the same."""
    names = [(f"p{n}@x.example", f"{'Très long ' * 7}{n:03} 🙂") for n in range(150)]
    same = {"account_id": cast.north.pk, "kind": "advanced", "state": "expired", "first_name": "Zoé"}
    insert(AccountLink, ("email", "last_name"), names, **same, expires_at=timezone.now())
    campaign = open_(cast)
    assert paper(campaign, Words("900138")).count(b"/Type /Page\n") >= 4


# What is suggested.


LONG_AGO = timezone.now() - timedelta(days=200)


def settled(*links: AccountLink, seen: datetime | None = None) -> None:
    """People who are there for long, and were last seen then."""
    for link in links:
        AccountLink.objects.filter(pk=link.pk).update(accepted_at=LONG_AGO)
        link.grants.update(given_at=LONG_AGO)
        assert link.user
        link.user.last_login = seen
        link.user.save()


def suggested(campaign: Campaign) -> dict[int, tuple[str, list[str]]]:
    rows = ReviewedLink.objects.filter(campaign=campaign).exclude(suggested="")
    return {row.link_id: (row.suggested, row.unused) for row in rows}


def test_what_nobody_used_for_90_days_comes_with_a_suggestion(cast: SimpleNamespace, second: AccountLink) -> None:
    settled(cast.owner_link, cast.colleague_link)
    settled(cast.partner_link, seen=timezone.now())
    settled(second, seen=timezone.now() - timedelta(days=100))
    newcomer = make_link(cast.north, make_person("new"), rights=["shipping_ws"])
    AccountLink.objects.filter(pk=newcomer.pk).update(accepted_at=timezone.now())
    campaign = open_(cast)
    assert suggested(campaign) == {
        cast.colleague_link.pk: ("suspend", []),
        cast.partner_link.pk: ("reduce", ["shipping_ws"]),
        second.pk: ("suspend", []),
    }
    assert ReviewedLink.objects.filter(campaign=campaign).exclude(decision="").count() == 0


@pytest.mark.parametrize("key", [{}, {"rights": ["shipping_ws"]}, {"rights": ["tracking_ws"]}, {"links": [0]}])
def test_a_right_that_a_key_used_lately_is_used(cast: SimpleNamespace, key: dict[str, Any]) -> None:
    settled(cast.partner_link, seen=timezone.now())
    new_key(cast.partner, last_used_at=timezone.now(), **key)
    used = key in ({}, {"rights": ["shipping_ws"]})
    assert (cast.partner_link.pk in suggested(open_(cast))) == (not used)


def test_one_click_takes_all_suggestions_and_nothing_else(
    cast: SimpleNamespace, second: AccountLink, sign_in: Any
) -> None:
    settled(cast.partner_link, seen=timezone.now())
    settled(cast.colleague_link)
    campaign = open_(cast)
    client = sign_in(cast.owner)
    page = client.get(address("review", campaign)).content.decode()
    assert "2 suggestions" in page and "Suggéré\u202f: réduire" in page and "Jamais utilisé" in page
    page = client.get(address("review_suggestions", campaign)).content.decode()
    assert "Suivre les 2 suggestions" in page and "Aucune clé de connexion" in page
    client.post(address("review_suggestions", campaign))
    decided = {row.link_id: (row.decision, row.removed) for row in ReviewedLink.objects.filter(campaign=campaign)}
    assert decided == {
        cast.owner_link.pk: ("", []), second.pk: ("", []),
        cast.colleague_link.pk: ("suspend", []), cast.partner_link.pk: ("reduce", ["shipping_ws"]),
    }  # fmt: skip
    assert rights_of(cast.partner_link) == ["tool_tag"]
    assert client.get(address("review_suggestions", campaign)).status_code == 302


def test_who_was_kept_can_be_reduced_after_all(cast: SimpleNamespace, sign_in: Any) -> None:
    campaign, client = open_(cast), sign_in(cast.owner)
    row = row_of(campaign, cast.partner_link)
    client.post(address("review_decide", campaign), {"keep": str(row.uuid)})
    assert "Réduire tout compte fait" in client.get(address("review", campaign)).content.decode()
    page = client.post(address("review_decide", campaign), {"reduce_after_all": str(row.uuid)}).content.decode()
    assert 'name="revising"' in page and 'value="shipping_ws"' in page
    values = {"act": "reduce", "item": str(row.uuid), "revising": "1", "apply": "1", "rights": ["shipping_ws"]}
    client.post(address("review_decide", campaign), values)
    row.refresh_from_db()
    assert (row.decision, rights_of(cast.partner_link)) == ("reduce", ["tool_tag"])


def test_who_accepts_while_their_invitation_is_withdrawn_is_suspended(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = open_(cast)
    row = rows(campaign, cast.partner_link)
    read = reviews.Chosen

    def a_moment_before(*values: Any) -> reviews.Chosen:
        return read(*values)._replace(state="invited")

    monkeypatch.setattr(reviews, "Chosen", a_moment_before)
    assert decide(campaign=campaign, rows=row, decision="suspend", by=cast.owner_link).decided == 1
    cast.partner_link.refresh_from_db()
    assert cast.partner_link.state == "suspended" and rights_of(cast.partner_link)


def test_more_people_than_one_act_changes_are_suspended_by_several(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [make_link(cast.north, make_person(f"p{number}")) for number in range(5)]
    campaign = open_(cast)
    monkeypatch.setattr(bulk, "MOST", 2)
    outcome = decide(campaign=campaign, rows=rows(campaign, *people), decision="suspend", by=cast.owner_link)
    assert outcome.decided == 5 and not outcome.refused
    assert AccountLink.objects.filter(pk__in=[link.pk for link in people], state="suspended").count() == 5


def test_who_is_suspended_already_is_said_to_stay_so_and_a_deadline_that_passed_is_said(
    cast: SimpleNamespace, sign_in: Any
) -> None:
    AccountLink.objects.filter(pk=cast.colleague_link.pk).update(state="suspended")
    campaign, client = open_(cast), sign_in(cast.owner)
    row = row_of(campaign, cast.colleague_link)
    page = client.post(address("review_decide", campaign), {"suspend": str(row.uuid)}).content.decode()
    assert "déjà suspendu" in page
    pages = (address("review", campaign), reverse("rights:reviews", args=["900138"]))
    assert not [page for page in pages if "dépassée" in client.get(page).content.decode()]
    Campaign.objects.update(deadline=timezone.localdate() - timedelta(days=1))
    assert not [page for page in pages if "dépassée" not in client.get(page).content.decode()]


def test_an_invitation_that_nobody_answered_is_withdrawn(cast: SimpleNamespace, sign_in: Any) -> None:
    invited = AccountLink.objects.create(
        account=cast.north, kind="advanced", state="expired", email="late@example.com", expires_at=LONG_AGO
    )
    campaign, client = open_(cast), sign_in(cast.owner)
    row = row_of(campaign, invited)
    assert "Retirer l’invitation" in client.get(address("review", campaign)).content.decode()
    page = client.post(address("review_decide", campaign), {"suspend": str(row.uuid)}).content.decode()
    assert "son invitation est retirée" in page
    client.post(address("review_decide", campaign), {"act": "suspend", "item": str(row.uuid), "apply": "1"})
    invited.refresh_from_db()
    row.refresh_from_db()
    assert (invited.state, row.decision) == ("ended", "suspend")
    assert Words("900138").cells(row)[6] == "Invitation retirée"


def test_the_other_administrators_hear_of_the_opening_and_of_the_end(
    cast: SimpleNamespace, second: AccountLink
) -> None:
    campaign = open_(cast)
    close_review(campaign=campaign, by=second)
    opened, closed = Mail.objects.filter(kind__contains="rights.emails.reviews").order_by("pk")
    assert (opened.args["link"], closed.args["link"]) == (second.pk, cast.owner_link.pk)
    assert review_opened(**opened.args) is None  # closed meanwhile
    message = review_closed(**closed.args)
    assert message is not None and "est close" in message.subject and "Non décidés\u202f: 3" in message.body
    Campaign.objects.update(closed_at=None)
    message = review_opened(**opened.args)
    assert message is not None and "est ouverte" in message.subject and str(campaign.uuid) in message.body
