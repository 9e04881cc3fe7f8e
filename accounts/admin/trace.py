"""The trace as operators read it: in sentences, with the account and the people by their names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.history import CHANNELS
from accounts.models import AuditEvent, CustomerAccount
from colibox.lib import telling
from colibox.lib.days import midnight
from colibox.lib.operators.showing import link, moment
from colibox.lib.operators.site import ReadOnly
from colibox.lib.telling import Family
from users.models import User

LATEST = 100_000
"""Through how many of the latest events a filter looks where no search says whose."""
RECENT = 8


def named(events: list[AuditEvent]) -> list[AuditEvent]:
    """These events, each with its account, who acted and whom it is about, in three statements for all."""
    accounts = CustomerAccount.objects.in_bulk({event.account_id for event in events if event.account_id})
    known = {each for event in events for each in (event.actor, event.subject) if each}
    people = {person.uuid: person for person in User.objects.filter(uuid__in=known)}
    by_link = dict(User.objects.filter(links__uuid__in=known - people.keys()).values_list("links__uuid", "pk"))
    linked_people = User.objects.in_bulk(set(by_link.values()))
    for event in cast("list[Any]", events):
        event.account = accounts.get(event.account_id)
        event.doer = people.get(event.actor)
        event.about = people.get(event.subject) or linked_people.get(by_link.get(event.subject))
    return events


class Named(ChangeList):
    """A page of events with the names of what they speak of."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = named(list(self.result_list))


class About(admin.SimpleListFilter):
    """What the events are about, as in the histories of accounts."""

    title, parameter_name = _("subject"), "family"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(family.value, family.label) for family in Family]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        if self.value() not in list(Family):
            return queryset
        told = queryset.filter(verb__in=telling.verbs(Family(cast(str, self.value()))))
        return told if request.GET.get("q") else told.filter(pk__gt=_last() - LATEST)


class Since(admin.SimpleListFilter):
    """From which day on: looked up by key, for the events of a day stand together."""

    title, parameter_name = _("day"), "days"
    DAYS = (("0", _("Today")), ("1", _("Since yesterday")), ("7", _("Past 7 days")), ("30", _("Past 30 days")))

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.DAYS)

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        if self.value() not in dict(self.DAYS):
            return queryset
        day = timezone.localdate() - timedelta(days=int(cast(str, self.value())))
        since = midnight(day)
        return queryset.filter(pk__gte=_first_since(since), at__gte=since)


def _last() -> int:
    return AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _first_since(moment: datetime) -> int:
    """The key from which on events are of this moment or later: sought by halves, a few rows of the primary key."""
    low, high = 0, _last() + 1
    while low < high:
        middle = (low + high) // 2
        at = AuditEvent.objects.filter(pk__gte=middle).order_by("pk").values_list("at", flat=True).first()
        if at is not None and at < moment - timedelta(minutes=10):  # keys are dealt before transactions begin to write
            low = middle + 1
        else:
            high = middle
    return low


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "of_account", "told", "by_whom", "way", "ip")
    list_filter = (Since, About)
    search_fields = ("account_id",)
    search_help_text = _("A whole account number, or a whole user name: what was done to this person.")
    ordering = ("-id",)
    fields = ("when", "of_account", "by_whom", "about_whom", "changed", "way", "ip", "reference", "number")
    labels = {"reference": _("Reference")}

    def found(self, rows: QuerySet[AuditEvent], term: str) -> QuerySet[AuditEvent]:
        if account := CustomerAccount.objects.filter(number=term).first():
            return rows.filter(account_id=account.pk)
        if subject := _uuid(term):
            return rows.filter(subject=subject)
        person = User.objects.with_username(term).first()
        if person is None:
            return rows.none()
        subjects = [person.uuid, *person.links.values_list("uuid", flat=True)]
        return rows.filter(subject__in=subjects)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Named

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditEvent | None:
        found = super().get_object(request, object_id, from_field)
        return named([found])[0] if found else None

    def recent(self, request: HttpRequest) -> Iterator[dict[str, str]]:
        done = AuditEvent.objects.filter(actor=cast(User, request.user).uuid).exclude(verb="signed in")
        for event in done.order_by("-pk")[:RECENT]:
            url = reverse("admin:accounts_auditevent_change", args=[event.pk])
            yield {"url": url, "sentence": telling.sentence(event), "at": moment(event.at)}

    def named(self, row: AuditEvent) -> str:
        return telling.sentence(row)

    def trace_of(self, row: AuditEvent) -> str:
        return ""

    @admin.display(description=_("When"))
    def when(self, event: AuditEvent) -> str:
        return moment(event.at)

    @admin.display(description=_("Account"))
    def of_account(self, event: Any) -> str:
        return link(event.account)

    @admin.display(description=_("What happened"))
    def told(self, event: AuditEvent) -> str:
        url = reverse("admin:accounts_auditevent_change", args=[event.pk])
        return format_html('<a href="{}">{}</a>', url, telling.sentence(event))

    @admin.display(description=_("By whom"))
    def by_whom(self, event: Any) -> str:
        return link(event.doer) if event.doer else event.actor_name

    @admin.display(description=_("About whom"))
    def about_whom(self, event: Any) -> str:
        return link(event.about) if event.about else event.subject_name or "–"

    @admin.display(description=_("What changed"))
    def changed(self, event: AuditEvent) -> str:
        changes = telling.changes(event)
        return format_html_join("", "<div>{}</div>", ((change,) for change in changes)) if changes else "–"

    @admin.display(description=_("By which way"))
    def way(self, event: AuditEvent) -> str:
        return str(CHANNELS.get(event.channel, event.channel))

    @admin.display(description=_("Event number"))
    def number(self, event: AuditEvent) -> int:
        return event.pk


def _uuid(term: str) -> UUID | None:
    try:
        return UUID(term) if len(term) == 36 else None
    except ValueError:
        return None
