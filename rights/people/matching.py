"""Which people of an account are asked for: each filter of the list as a condition that its indexes answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import LessThan
from django.utils import timezone

from accounts.models import AuditEvent, CustomerAccount, Site, SubAccount
from colibox.lib.text import Fold, fold
from rights.bounds import people_of
from rights.models import TODAY, AccountLink, AccountLinkQuerySet, Attachment, Grant, Profile
from rights.people.details import NEVER
from rights.people.filters import ROLES, Asked
from users.models import User

State = AccountLink.State

EVERYONE = 10_000_000


class _Found(Func):
    """The people of an account in whose words all of these are found: an index that row-level security forbids."""

    template = "(SELECT rights_search(%(expressions)s))"
    output_field = BigIntegerField()


def matching(by: AccountLink, asked: Asked, rights: Iterable[str]) -> AccountLinkQuerySet:
    """The people that are asked for of those whom `by` manages; `rights` are those shown to them."""
    links = people_of(by)
    if asked.kind:
        links = links.filter(kind=asked.kind)
    if asked.terms:
        links = links.filter(said(by.account, asked.terms))
    if asked.states:
        links = links.filter(Q.create([in_state(state) for state in asked.states], connector=Q.OR))
    for code in asked.held:
        links = links.filter(_holds(code, by.account_id)) if code in rights else links.none()
    for code in asked.lacked:
        links = links.exclude(_holds(code, by.account_id)) if code in rights else links
    for tag in asked.tags:
        links = links.filter(said(by.account, [tag]), tags__contains=[tag])
    if asked.roles:
        links = links.filter(role__in=[role for name in asked.roles for role in ROLES[name].roles])
    if asked.profiles:
        links = links.filter(profile__in=Profile.objects.called(by.account_id, asked.profiles).values("pk"))
    if asked.sub_accounts or asked.sites:
        links = links.filter(attached_to(by.account_id, sub_accounts=asked.sub_accounts, sites=asked.sites))
    if asked.nowhere:
        links = links.filter(~Exists(Attachment.objects.filter(account=by.account_id, link=OuterRef("pk"))))
    if asked.imported:
        links = links.filter(brought_by(by.account_id, asked.imported))
    if asked.ends:
        today = timezone.localdate()
        links = links.filter(ends_on__range=(today, today + timedelta(days=asked.ends)))
    if asked.idle:
        before = Now() - timedelta(days=asked.idle)
        signed_in = Subquery(User.objects.filter(pk=OuterRef("user")).values("last_login"))
        idle = LessThan(Coalesce(signed_in, Value(NEVER)), before)  # not joined: that reads all users there are
        links = links.filter(idle, accepted_at__isnull=False)
    return links


def brought_by(account_id: int, number: int) -> Q:
    """Invited or changed by the import of this number, as the trace of the account tells."""
    events = AuditEvent.objects.filter(account_id=account_id, reference=f"import:{number}", subject__isnull=False)
    return Q(uuid__in=events.values("subject"))


def said(account: CustomerAccount, terms: Sequence[str]) -> Q:
    """All these words found in the name, the e-mail, the user name and the tags of somebody of the account."""
    return Q(pk__in=_Found(Value(account.pk), Value(list(terms)), Value(EVERYONE)))


def in_state(state: str) -> Q:
    """The state as it is shown: an invitation past its deadline is expired before the sweeper comes by."""
    if state == State.INVITED:
        return Q(state=state, expires_at__gt=Now())
    if state == State.EXPIRED:
        return Q(state=state) | Q(state=State.INVITED, expires_at__lte=Now())
    paused = Q(second_factor=False, account__second_factor_from__lte=TODAY)
    if state == AccountLink.PAUSED:
        return Q(paused, state=State.ACTIVE)
    return Q(~paused, state=state) if state == State.ACTIVE else Q(state=state)


def attached_to(account_id: int, *, sub_accounts: Sequence[str] = (), sites: Sequence[str] = ()) -> Q:
    """Attached to a place so called: a sub-account by number or name, which covers its sites, or a site."""
    there = Q()
    if sub_accounts:
        called = _called(SubAccount.objects.filter(account=account_id), ("number", "name"), sub_accounts)
        there = Q(sub_account__in=called) | Q(site__sub_account__in=called)
    if sites:
        there &= Q(site__in=_called(Site.objects.filter(account=account_id), ("name",), sites))
    return Q(pk__in=Attachment.objects.filter(there, account=account_id).values("link"))


def _called(places: QuerySet[Any], fields: Sequence[str], texts: Sequence[str]) -> QuerySet[Any]:
    """The places in whose number and name one of these texts is found; where it is all of one, that place alone."""
    said = {"all_said": Fold(*map(F, fields)), **{f"{field}_said": Fold(F(field)) for field in fields}}
    places, wanted = places.alias(**said), Q()
    for text in map(fold, texts):
        exactly = Q.create([(name, text) for name in said], connector=Q.OR)
        wanted |= exactly | (Q(all_said__contains=text) & ~Q(Exists(places.filter(exactly))))
    return places.filter(wanted).values("pk")


def _holds(code: str, account_id: int) -> Q:
    """Given this right that the account holds; administrators have them all."""
    given = Grant.objects.held().filter(account=account_id, right=code)
    return Q(role__in=AccountLink.ADMINISTRATORS) | Q(pk__in=given.values("link"))
