"""Signing people out, which the carrier does."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Count, QuerySet

from accounts import audit
from users.models import User


@transaction.atomic
def revoke_sessions(*, people: QuerySet[User]) -> dict[int, int]:
    """End all the sessions of these people; how many of each that had some."""
    sessions = UserSession.objects.filter(user__in=people)
    counted = dict(sessions.order_by("user").values_list("user").annotate(n=Count("pk")))
    signed_in = User.objects.filter(pk__in=counted)
    audit.record_many(
        (audit.Event("sessions ended", each.uuid, str(each), {}, {"sessions": counted[each.pk]}) for each in signed_in),
        by=None,
    )
    keys = list(sessions.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return counted
