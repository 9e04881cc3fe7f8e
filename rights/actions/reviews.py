"""Reviews of access: opened with a picture of every link, decided by the acts there are, closed by an administrator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Facts
from colibox.lib import outbox, tenancy
from colibox.lib.database import constraint_of, update
from rights.access import Ceiling
from rights.actions import bulk, grants
from rights.actions.many.writing import Change
from rights.actions.reach import check_waiting
from rights.emails import reviews as review_emails
from rights.models import AccountLink, AccountLinkQuerySet, Campaign, ConnectionKey, ReviewedLink

Decision = ReviewedLink.Decision
State, Role = AccountLink.State, AccountLink.Role

LONGEST = timedelta(days=366)
"""How far away the deadline of a review may be."""
REMINDERS = (-1, 1, 7)
"""How many days before its deadline a review is recalled to the administrators, and once after it."""

PICTURE = """
    INSERT INTO rights_reviewedlink (uuid, account_id, campaign_id, link_id, name, sort_key, rights, last_used_at,
                                     suggested, unused, decision, removed, decided_by_name)
    SELECT gen_random_uuid(), link.account_id, %(campaign)s, link.id,
           left(coalesce(nullif(trim(link.first_name || ' ' || link.last_name), ''), link.email), 170), link.sort_key,
           CASE WHEN link.role = ANY (%(administrators)s) THEN account.rights ELSE coalesce(given.rights, '[]') END,
           greatest(person.last_login, key.used),
           CASE WHEN NOT settled.long_ago THEN ''
                WHEN coalesce(greatest(person.last_login, key.used), '-infinity') < %(since)s THEN 'suspend'
                WHEN coalesce(spare.rights, '[]') <> '[]' THEN 'reduce' ELSE '' END,
           CASE WHEN settled.long_ago THEN coalesce(spare.rights, '[]') ELSE '[]' END, '', '[]', ''
    FROM rights_accountlink AS link
    CROSS JOIN (SELECT coalesce(jsonb_agg("right" ORDER BY "right"), '[]') AS rights
                FROM rights_entitlement WHERE account_id = %(account)s) AS account
    LEFT JOIN (SELECT link_id, jsonb_agg("right" ORDER BY "right") AS rights
               FROM rights_grant WHERE account_id = %(account)s GROUP BY link_id) AS given ON given.link_id = link.id
    LEFT JOIN users_user AS person ON person.id = link.user_id AND link.accepted_at IS NOT NULL
    LEFT JOIN LATERAL (SELECT max(last_used_at) AS used FROM rights_connectionkey
                       WHERE user_id = person.id AND (links IS NULL OR link.id = ANY (links))) AS key ON true
    CROSS JOIN LATERAL (SELECT link.state = 'active' AND link.role <> 'owner' AND link.accepted_at < %(since)s
                               AS long_ago) AS settled
    LEFT JOIN LATERAL (SELECT jsonb_agg("right" ORDER BY "right") AS rights FROM rights_grant AS held
                       WHERE held.link_id = link.id AND settled.long_ago AND held."right" = ANY (%(by_key)s)
                       AND held.given_at < %(since)s AND NOT link.role = ANY (%(administrators)s)
                       AND NOT EXISTS (SELECT FROM rights_connectionkey AS used WHERE used.user_id = person.id
                           AND used.last_used_at >= %(since)s AND (used.links IS NULL OR link.id = ANY (used.links))
                           AND (used.rights IS NULL OR held."right" = ANY (used.rights)))) AS spare ON true
    WHERE link.account_id = %(account)s AND link.state <> 'ended'
"""
"""Every link of an account as it is, in one statement. A key that was not made for the link tells nothing of it.

Nothing is suggested about who is there for less than 90 days, nor about a right that was given since.
"""


@transaction.atomic
def open_review(*, by: AccountLink, name: str, deadline: date) -> Campaign:
    """Ask the administrators to look at every link of the account until a day; one review at a time."""
    _check_administers(by)
    today = timezone.localdate()
    if not today < deadline <= today + LONGEST:
        raise ValidationError({"deadline": _("Choose a day after today, within a year.")})
    campaign = _create(by, name, deadline)
    with connection.cursor() as cursor:
        administrators = [str(role) for role in AccountLink.ADMINISTRATORS]
        facts: dict[str, Any] = {"campaign": campaign.pk, "account": by.account_id, "administrators": administrators}
        facts |= {"since": timezone.now() - Campaign.IDLE, "by_key": list(ConnectionKey.RIGHTS)}
        cursor.execute(PICTURE, facts)
        record("review opened", campaign, by, people=cursor.rowcount, deadline=deadline.isoformat())
    _tell_others("opened", campaign, by)
    return campaign


def _create(by: AccountLink, name: str, deadline: date) -> Campaign:
    try:
        with transaction.atomic():
            return Campaign.objects.create(
                account_id=by.account_id, name=name, deadline=deadline, opened_by=by.user, opened_by_name=str(by)[:170]
            )
    except IntegrityError as error:
        if constraint_of(error) != "one_open_review_an_account":
            raise
        raise ValidationError(_("A review is open already: close it first.")) from error


class Chosen(NamedTuple):
    """A row about which something is to be decided."""

    pk: int
    name: str
    decision: str
    decided_by_name: str
    link: int
    role: str
    state: str

    @property
    def invited(self) -> bool:
        """Whether they never answered their invitation."""
        return self.state in (State.INVITED, State.EXPIRED)


CHOSEN = ("pk", "name", "decision", "decided_by_name", "link_id", "link__role", "link__state")


@dataclass
class Outcome:
    """How many rows were decided, and whom nothing could be decided about, by the reason."""

    decided: int = 0
    refused: dict[str, list[str]] = field(default_factory=dict)

    def refuse(self, name: str, reason: str) -> None:
        """Nothing is decided about this person."""
        self.refused.setdefault(reason, []).append(name)

    def add(self, other: Outcome) -> None:
        """Count what came of other rows with these."""
        self.decided += other.decided
        for reason, names in other.refused.items():
            self.refused.setdefault(reason, []).extend(names)


@dataclass(frozen=True)
class Reduce(bulk.Act):
    """Withdraw some rights, of those that each has."""

    rights: frozenset[str]

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        if link.administers:
            raise ValidationError(_("An administrator has all the rights of the account."))
        difference = grants.compare(had, had - self.rights, kind=link.kind, tags=link.tags, ceiling=ceiling)
        if not difference:
            raise ValidationError(_("They have none of these rights."))
        return Change(link, difference)


class Shut(bulk.Act):
    """Suspend an access; take back an invitation that nobody answered: there is nothing to suspend."""

    def propose(self, link: AccountLink, had: set[str], ceiling: Ceiling) -> Change:
        if link.state == State.ACTIVE:
            return Change(link, state=State.SUSPENDED)
        check_waiting(link)
        return Change(link, had=frozenset(had), state=State.ENDED)


@transaction.atomic
def decide(
    *,
    campaign: Campaign,
    rows: QuerySet[ReviewedLink],
    decision: str,
    by: AccountLink,
    rights: Collection[str] = (),
    revising: bool = False,
) -> Outcome:
    """Keep, reduce or suspend these people of an open review, by the acts and under the rules of the users page.

    The review is locked, so that of two reviewers the second finds what the first decided. What was decided stays,
    but when `revising`, who was kept may still be reduced or suspended.
    """
    campaign = _lock_open(campaign, by)
    outcome, free = Outcome(), list[Chosen]()
    for values in rows.filter(campaign=campaign).order_by("pk").values_list(*CHOSEN):
        row = Chosen(*values)
        if reason := refusal(row, by, revising=revising):
            outcome.refuse(row.name, reason)
        else:
            free.append(row)
    done = _apply(Decision(decision), free, frozenset(rights), by, outcome)
    _write(done, decision, by)
    outcome.decided = len(done)
    if done:
        names = [row.name for row in free if row.pk in done]
        alone = {"name": names[0]} if len(names) == 1 else {}
        record("review decided", campaign, by, decision=str(decision), people=len(done), **alone)
    return outcome


@transaction.atomic
def take_suggestions(*, campaign: Campaign, by: AccountLink) -> dict[str, Outcome]:
    """Do all that is suggested and not decided yet, each by its act; what came of it, by decision."""
    campaign = _lock_open(campaign, by)
    waiting = ReviewedLink.objects.filter(campaign=campaign).suggested().exclude(link=by)
    alike: defaultdict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
    for pk, suggested, unused in waiting.values_list("pk", "suggested", "unused"):
        alike[suggested, tuple(unused) if suggested == Decision.REDUCE else ()].append(pk)
    found = {str(decision): Outcome() for decision in (Decision.SUSPEND, Decision.REDUCE)}
    for (suggested, unused), keys in sorted(alike.items()):
        rows = ReviewedLink.objects.filter(pk__in=keys)
        found[suggested].add(decide(campaign=campaign, rows=rows, decision=suggested, by=by, rights=unused))
    return found


def refusal(row: Chosen, by: AccountLink, *, revising: bool = False) -> str:
    """Why this person may decide nothing about this row; empty when they may."""
    if row.decision and not (revising and row.decision == Decision.KEEP):
        label = Decision(row.decision).label
        return _("Decided already by %(person)s: %(decision)s.") % {"person": row.decided_by_name, "decision": label}
    if row.state == State.ENDED:
        return _("Their link was removed since the review opened.")
    if row.role == Role.OWNER:
        return _("The owner stays: only a change of owner changes that.")
    if row.link == by.pk:
        return _("Nobody decides about their own access: another administrator will.")
    return ""


def _apply(
    decision: Decision, free: list[Chosen], rights: frozenset[str], by: AccountLink, outcome: Outcome
) -> dict[int, list[str]]:
    """Do it to these people; the rows that are decided, each with the rights that went."""
    if decision == Decision.KEEP:
        return {row.pk: [] for row in free}
    if decision == Decision.REDUCE:
        return _act(Reduce(rights), free, by, outcome)
    done = {row.pk: list[str]() for row in free if row.state == State.SUSPENDED}
    return done | _act(Shut(), [row for row in free if row.state != State.SUSPENDED], by, outcome)


def _act(act: bulk.Act, rows: list[Chosen], by: AccountLink, outcome: Outcome) -> dict[int, list[str]]:
    """The act on many people, with its ceiling, its trace and its mails; as many at a time as an act may change."""
    done: dict[int, list[str]] = {}
    for start in range(0, len(rows), bulk.MOST):
        of_link = {row.link: row for row in rows[start : start + bulk.MOST]}
        plan, _reference = bulk.apply(act=act, links=AccountLink.objects.filter(pk__in=of_link), by=by)
        for refused in plan.refusals:
            outcome.refuse(of_link[refused.link.pk].name, refused.reason)
        done |= {of_link[change.link.pk].pk: sorted(change.rights.lost) for change in plan.changes}
    return done


def _write(done: dict[int, list[str]], decision: str, by: AccountLink) -> None:
    said = {"decision": decision, "decided_by_name": str(by)[:170], "decided_at": Now()}
    update(ReviewedLink, ("id", "removed"), done.items(), **said)


@transaction.atomic
def close_review(*, campaign: Campaign, by: AccountLink) -> Campaign:
    """End a review, whether or not everything is decided; the statement lists what is not."""
    campaign = _lock_open(campaign, by)
    campaign.closed_by_name, campaign.closed_at = str(by)[:170], timezone.now()
    campaign.save(update_fields=["closed_by_name", "closed_at"])
    record("review closed", campaign, by, undecided=ReviewedLink.objects.filter(campaign=campaign).waiting().count())
    _tell_others("closed", campaign, by)
    return campaign


def _tell_others(what: str, campaign: Campaign, by: AccountLink) -> None:
    """Tell the administrators but the one who did it that a review is open, or closed."""
    others = _administrators(campaign).exclude(pk=by.pk).values_list("pk", "uuid")
    email = review_emails.review_opened if what == "opened" else review_emails.review_closed
    mails = [
        (f"review:{campaign.uuid}:{what}:{pk}", str(uuid), {"link": pk, "campaign": campaign.pk}) for pk, uuid in others
    ]
    outbox.queue_each(email, mails, account_id=campaign.account_id)


def _administrators(campaign: Campaign) -> AccountLinkQuerySet:
    return AccountLink.objects.active().filter(account=campaign.account_id, role__in=AccountLink.ADMINISTRATORS)


def remind_of_reviews() -> int:
    """Tell the administrators of the reviews whose deadline comes or has just passed; how many letters were drafted."""
    today, around = timezone.localdate(), timedelta(days=max(REMINDERS))
    with transaction.atomic(), tenancy.everything():
        due = Campaign.objects.filter(closed_at=None, deadline__range=(today - around, today + around))
        return sum(_remind(campaign, today) for campaign in due)


def _remind(campaign: Campaign, today: date) -> int:
    """Each reminder once: its key is known to the outbox. None for a day before the review was opened."""
    days = next(days for days in REMINDERS if (campaign.deadline - today).days <= days)
    if timezone.localdate(campaign.opened_at) >= campaign.deadline - timedelta(days=days):
        return 0
    mails = [
        (f"review:{campaign.uuid}:{days}:{pk}", str(uuid), {"link": pk, "campaign": campaign.pk})
        for pk, uuid in _administrators(campaign).values_list("pk", "uuid")
    ]
    outbox.queue_each(review_emails.review_ends, mails, account_id=campaign.account_id)
    return len(mails)


def _check_administers(by: AccountLink) -> None:
    if not by.administers:
        raise ValidationError(_("You do not manage the people of this account."))


def _lock_open(campaign: Campaign, by: AccountLink) -> Campaign:
    """The review as it is now, kept from others. Raises ValidationError when it is closed or another account's."""
    _check_administers(by)
    current = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if current.account_id != by.account_id:
        raise ValidationError(_("You do not manage the people of this account."))
    if current.closed_at:
        raise ValidationError(_("This review is closed."))
    return current


def record(verb: str, campaign: Campaign, by: AccountLink, **after: Any) -> None:
    """Write the event of what happened to a review."""
    facts: Facts = after
    audit.record(
        verb, by=by.user, account_id=campaign.account_id, subject=campaign.uuid, subject_name=campaign.name, after=facts
    )
