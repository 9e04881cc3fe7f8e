"""From when until when: the days of a link and of single rights, their extension, and what happens as they end."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Facts, last_round
from colibox.lib import outbox, tenancy
from rights import catalogue
from rights.access import Ceiling
from rights.actions import notices, spans, trace
from rights.actions.reach import check_reach, lock
from rights.actions.reopening import check_longer
from rights.actions.spans import LATEST, Span, text, wrong
from rights.emails import dates as date_emails
from rights.models import TODAY, AccountLink, Grant

State = AccountLink.State

WARNINGS = (14, 3)
"""So many days before an end its warnings leave, to the person and to who gave the access."""
LATE = 2
"""A warning still leaves for an end that was set so many days after its moment; after a clock that stood, any."""
MONTHS = (3, 12)
"""By so many months one click extends."""
BATCH = 500
ENDED, RIGHTS_ENDED = "access ended by its date", "rights ended by their date"
STATE_VERBS = (ENDED, "person suspended", "person reactivated")


@transaction.atomic
def change_dates(*, link: AccountLink, by: AccountLink, version: int, span: Span, rights: Mapping[str, Span]) -> bool:
    """Set the days of a link and of rights given on it; whether anything changed. One mail tells the person.

    Raises Conflict when somebody saved in between, ValidationError on `starts_on`, `ends_on`, `since_<right>` and
    `until_<right>`.
    """
    link = lock(link, version=version)
    check_reach(link, by)
    given = {grant.right: grant for grant in link.grants.all()}
    rights = {code: span for code, span in rights.items() if code in given and span != _span(given[code])}
    spans.check(span, Span.of(link))
    check_longer(link, span, given, Ceiling(by))
    for code, wanted in rights.items():
        _check_right(given[code], wanted, link, by)
    before = _facts(link, given.values())
    link.starts_on, link.ends_on = span.since, span.until
    for code, wanted in rights.items():
        given[code].since, given[code].until = wanted.since, wanted.until
        given[code].save(update_fields=["since", "until"])
    return _save(link, "dates changed", before, _facts(link, given.values()), by=by)


def _span(grant: Grant) -> Span:
    return Span(grant.since, grant.until)


def _check_right(grant: Grant, span: Span, link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError unless `by` may give this right for these days: to give it longer is to give it."""
    if reason := wrong(span, past=span.until == grant.until):
        raise ValidationError({f"until_{grant.right}": reason})
    refused = Ceiling(by).refusal(grant.right, link.kind)
    if refused is not None and not span.is_within(_span(grant)):
        raise ValidationError({f"until_{grant.right}": str(refused)})


def _facts(link: AccountLink, grants: Iterable[Grant]) -> Facts:
    """The days of a link and its rights, as the trace tells them."""
    listed = sorted(grants, key=lambda grant: grant.right)
    return {
        **Span.of(link).facts,
        "since": {grant.right: text(grant.since) for grant in listed if grant.since},
        "until": {grant.right: text(grant.until) for grant in listed if grant.until},
    }


def _save(link: AccountLink, verb: str, before: Facts, after: Facts, *, by: AccountLink) -> bool:
    """Write the days, their event and their mail; whether anything changed."""
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return False
    link.version += 1
    link.save(update_fields=["starts_on", "ends_on", "version"])
    was, now = ({name: facts[name] for name in changed} for facts in (before, after))
    trace.record(verb, by=by.user, link=link, before=was, after=now)
    if link.state == State.ACTIVE and link.accepted:
        notices.send([notices.about_access(link, date_emails.dates_changed, by=by)], by=by)
    return True


# One click.


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@transaction.atomic
def extend(*, link: AccountLink, by: AccountLink, months: int, right: str = "") -> date:
    """Let an access that has an end, or one right of it, last longer; the new last day.

    What ended already is extended from today on; a link that was suspended because its day had come opens again.
    """
    if months not in MONTHS:
        raise ValidationError(_("Choose three months or one year."))
    link = lock(link)
    check_reach(link, by)
    given = {grant.right: grant for grant in link.grants.all()}
    former = given[right].until if right in given else link.ends_on if not right else None
    if former is None:
        raise ValidationError(_("There is no end to extend."))
    until = min(later(max(former, timezone.localdate()), months), LATEST)
    before = _facts(link, given.values())
    if right:
        _check_right(given[right], Span(given[right].since, until), link, by)
        given[right].until = until
        given[right].save(update_fields=["until"])
    else:
        check_longer(link, Span(link.starts_on, until), given, Ceiling(by))
        link.ends_on = until
    _reopen(link, by=by)
    _save(link, "access extended", before, _facts(link, given.values()), by=by)
    return until


def _reopen(link: AccountLink, *, by: AccountLink) -> None:
    """Open a link again that nobody suspended but its own last day, once that is to come."""
    if link.state != State.SUSPENDED or link.ends_on is None or link.ends_on < timezone.localdate():
        return
    events = AuditEvent.objects.filter(account_id=link.account_id, subject=link.uuid, verb__in=STATE_VERBS)
    if events.order_by("-pk").values_list("verb", flat=True).first() != ENDED:
        return
    AccountLink.objects.filter(pk=link.pk).update(state=State.ACTIVE)
    link.state = State.ACTIVE
    states: tuple[Facts, Facts] = {"state": State.SUSPENDED}, {"state": State.ACTIVE}
    trace.record("person reactivated", by=by.user, link=link, before=states[0], after=states[1])


# What the clock does.


def suspend_due() -> int:
    """Suspend the links whose last day is over, tell the person and who gave the access; how many."""
    done = 0
    while some := _suspend_some():
        done += some
    return done


@transaction.atomic
def _suspend_some() -> int:
    with tenancy.everything():
        due = AccountLink.objects.filter(state=State.ACTIVE, ends_on__lt=TODAY).exclude(role=AccountLink.Role.OWNER)
        locked = due.select_for_update(of=("self",), skip_locked=True, no_key=True)
        links = list(locked.order_by("ends_on", "pk")[:BATCH])
        AccountLink.objects.filter(pk__in=[link.pk for link in links]).update(
            state=State.SUSPENDED, version=F("version") + 1
        )
        before: Facts = {"state": State.ACTIVE}
        trace.record_each(ENDED, links, before=before, after={"state": State.SUSPENDED})
        outbox.queue_many(mail for link in links for mail in _mails(link, "over", link.ends_on))
    return len(links)


def end_rights() -> int:
    """Write down and tell of the rights whose last day is over, each once; they open nothing since midnight."""
    with transaction.atomic(), tenancy.everything(), last_round("rights ended", days=LATE) as last:
        found = _rights_ending(last, timezone.localdate() - timedelta(days=1))
        told = set(_told(last))
        ended = [each for each in found if (each.link.uuid, each.until.isoformat()) not in told]
        for each in ended:
            facts: Facts = {"ended": each.until.isoformat(), "rights": each.rights}
            trace.record(RIGHTS_ENDED, by=None, link=each.link, before=facts, after={"ended": facts["ended"]})
        outbox.queue_many(mail for each in ended for mail in _mails(each.link, "over", each.until, each.rights))
    return len(ended)


def _told(last: date) -> Iterator[tuple[object, str]]:
    """Of which links and days the end of rights was written down since the last round."""
    events = AuditEvent.objects.filter(verb=RIGHTS_ENDED, at__date__gte=last)
    for subject, after in events.values_list("subject", "after"):
        yield subject, after.get("ended", "")


def warn_of_dates() -> int:
    """Tell the person and who gave the access, 14 and 3 days before, once each; how many ends there were.

    Where nobody made the round for days, the step that is due by now leaves, and no former one.
    """
    ends, today, nearer = 0, timezone.localdate(), -1
    with transaction.atomic(), tenancy.everything(), last_round("date warnings", days=LATE) as last:
        for days in sorted(WARNINGS):
            bounds = max(last + timedelta(days=days), today + timedelta(days=nearer + 1)), today + timedelta(days=days)
            links, rights = _links_ending(*bounds), _rights_ending(*bounds)
            mails = [mail for link in links for mail in _mails(link, str(days), link.ends_on)]
            mails += [mail for each in rights for mail in _mails(each.link, str(days), each.until, each.rights)]
            outbox.queue_many(mails)
            ends += len(links) + len(rights)
            nearer = days
    return ends


def _links_ending(soonest: date, latest: date) -> list[AccountLink]:
    return list(AccountLink.objects.filter(state=State.ACTIVE, ends_on__range=(soonest, latest)).order_by("pk"))


@dataclass(frozen=True)
class Ending:
    """Rights of one link that end on one day."""

    link: AccountLink
    until: date
    rights: list[str]


def _rights_ending(soonest: date, latest: date) -> list[Ending]:
    grants = Grant.objects.filter(until__range=(soonest, latest), link__state=State.ACTIVE).select_related("link")
    found: dict[tuple[int, date], Ending] = {}
    for grant in grants.order_by("link", "until", "right"):
        if grant.until and not grant.link.administers and grant.right in catalogue.BY_CODE:
            ending = found.setdefault((grant.link_id, grant.until), Ending(grant.link, grant.until, []))
            ending.rights.append(grant.right)
    return list(found.values())


def _mails(link: AccountLink, step: str, until: date | None, rights: Iterable[str] = ()) -> Iterator[outbox.Mail]:
    """The two mails of one step towards an end: their keys let each leave once."""
    for reader in ("person", "giver"):
        what = "rights" if rights else "link"
        yield outbox.draft(
            date_emails.access_ends,
            key=f"ends:{what}:{link.uuid}:{until}:{step}:{reader}",
            account_id=link.account_id,
            about=link.uuid if reader == "person" else None,
            link=link.pk,
            rights=list(rights),
            until=text(until),
            over=step == "over",
            reader=reader,
        )
