"""During a support visit: who is signed in reads as somebody else does, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.db import DatabaseError, InternalError, connection, transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from colibox.lib import tenancy
from rights.actions import visits
from rights.models import SupportVisit
from users.models import User

GetResponse = Callable[[HttpRequest], HttpResponseBase]

KEY = "support_visit"
"""Under what a session remembers the visit."""
END, SIGN_OUT = "admin:rights_supportvisit_end", "account_logout"
READING = ("GET", "HEAD")
HIDDEN_ROUTES = ("auth/", "profile/keys/", "profile/user-key/", "profile/email/", "invitations/", "mailbox/", "ws/")
"""Where secrets are, or what opens something: a visit goes past them."""
READ_ONLY = "25006"
"""What PostgreSQL calls a change in a transaction that is to read only."""


def support_visit(get_response: GetResponse) -> GetResponse:
    """Answer a member of staff on a visit as the person they visit would be answered.

    It stands behind what belongs to the session itself: language, list of sessions and messages stay the staff's.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        visit = _visit(request)
        if visit is None:
            return get_response(request)
        if visit.ended_at:
            return _over(request)
        request.support_visit = visit  # type: ignore[attr-defined]
        return _visited(request, visit, get_response)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """A page that would have written something was stopped by the database."""
        written = isinstance(exception, InternalError) and getattr(exception.__cause__, "pgcode", "") == READ_ONLY
        return _refusal(request) if written and hasattr(request, "support_visit") else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def _visit(request: HttpRequest) -> SupportVisit | None:
    """The visit that this session is on; one that is over is written down as such."""
    if not (isinstance(request.user, User) and request.user.is_staff):
        return None
    uuid = request.session.get(KEY)
    if uuid is None:
        return None
    with transaction.atomic(), tenancy.everything():
        if visit := visits.current(staff=request.user, uuid=uuid):
            return visit
        visits.end_late_visits()
        return SupportVisit.objects.filter(uuid=uuid, staff=request.user).exclude(ended_at=None).first()


def _over(request: HttpRequest) -> HttpResponseBase:
    """Nothing of what was asked is done: it was asked as somebody else."""
    del request.session[KEY]
    messages.info(request, _("The support visit is over. You are signed in as yourself again."))
    return redirect("admin:rights_supportvisit_changelist")


def _visited(request: HttpRequest, visit: SupportVisit, get_response: GetResponse) -> HttpResponseBase:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return get_response(request)
    if match.view_name == SIGN_OUT and request.method == "POST":
        with transaction.atomic(), tenancy.everything():
            visits.end_visit(visit=visit)
        return get_response(request)
    if match.view_name == END or (match.route.startswith("operator/") and request.method in READING):
        return get_response(request)
    if request.method not in READING or match.route.startswith(HIDDEN_ROUTES):
        return _refusal(request)
    request.user = _shown(visit.person)
    with _nothing_written():
        return get_response(request)


def _shown(person: User) -> User:
    """The person as a visit sees them: without the key that finds them, nor anything to sign in with."""
    person.user_key, person.password = None, ""
    return person


@contextmanager
def _nothing_written() -> Iterator[None]:
    """Within, every new transaction of this connection reads only."""
    _set("on")
    try:
        yield
    finally:
        try:
            _set("off")
        except DatabaseError:  # the connection is lost, and its settings with it
            connection.close()


def _set(state: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET default_transaction_read_only = {state}")


def _refusal(request: HttpRequest) -> HttpResponseBase:
    """The one page of what a visit does not do."""
    return render(request, "rights/visit_refused.html", status=403)
