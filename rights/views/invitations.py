"""The person asked: finish a sign-up by the link of the e-mail, ask for a new one, accept or refuse a request."""

from __future__ import annotations

from functools import wraps
from uuid import UUID

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import CustomerAccount
from colibox.lib import keys, tenancy
from colibox.lib.access import View, public, signed_in
from rights import actions, catalogue
from rights.forms import people as forms
from rights.models import AccountLink
from rights.views.answers import attempt
from users.models import User
from users.requests import PersonRequest

COOKIE = "invitation"
"""Where a browser keeps the digest of its invitation's token, signed, once the token has left the address bar."""


@public
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    """Take the token out of the address; nothing is consumed, so that a mail scanner may come first."""
    response = redirect("rights:invitation_form")
    response.set_signed_cookie(
        COOKIE,
        keys.digest(token),
        salt=COOKIE,
        max_age=settings.INVITATION_HOURS * 3600,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    response["Referrer-Policy"] = "no-referrer"
    return response


def by_token(view: View) -> View:
    """Within, what the token of this browser opens is in reach, and nothing else."""

    @wraps(view)
    def wrapper(request: HttpRequest) -> HttpResponseBase:
        with tenancy.scope(invitation=_digest(request)):
            return view(request)

    return wrapper


@public
@by_token
def invitation_form(request: HttpRequest) -> HttpResponseBase:
    """The sign-up, filled in with what the administrator typed; somebody who exists already is sent to sign in."""
    link = _open_invitation(request)
    if link is None:
        return _dead(request)
    if request.user.is_authenticated or _exists(link):
        return _somebody_known(request, link)
    form = forms.answer_form(link, request.POST or None)
    if form.is_valid():
        try:
            answer = attempt(form, actions.accept_as_new_person, link=link, **form.facts())
        except actions.DeadInvitation:
            return _dead(request)
        if answer:
            return _welcome(request, link, *answer)
    context = {"form": form, "link": link, "rights": _rights_asked(link)}
    return render(request, "rights/invitations/sign_up.html", context)


@public
@require_POST
@by_token
def ask_again(request: HttpRequest) -> HttpResponseBase:
    """Ask for a new link in place of a dead one; the answer is the same whatever that one was."""
    link = _find(request, AccountLink.State.INVITED, AccountLink.State.EXPIRED)
    if link:
        actions.ask_again(link=link)
    return render(request, "rights/invitations/asked.html")


def _digest(request: HttpRequest) -> str:
    return request.get_signed_cookie(COOKIE, default="", salt=COOKIE) or ""


def _find(request: HttpRequest, *states: str) -> AccountLink | None:
    """The link whose token this browser holds, in one of these states; its account is in reach from here on."""
    digest = _digest(request)
    link = AccountLink.objects.filter(token_digest=digest, state__in=states).first() if digest else None
    if link:
        tenancy.reach(accounts=[link.account_id])
    return link


def _open_invitation(request: HttpRequest) -> AccountLink | None:
    """The same, if it can still be answered."""
    link = _find(request, AccountLink.State.INVITED)
    if link is None or link.account.state != CustomerAccount.State.OPEN:
        return None
    return AccountLink.objects.open_invitations().select_related("account", "invited_by").filter(pk=link.pk).first()


def _dead(request: HttpRequest) -> HttpResponseBase:
    """One page for every invitation that is not good, whatever the reason."""
    return render(request, "rights/invitations/dead.html", status=410)


def _exists(link: AccountLink) -> bool:
    """Whether the person invited is somebody on the portal already."""
    if link.kind == AccountLink.Kind.STANDARD:
        return False
    return link.invitee_id is not None or User.objects.advanced_with_email(link.email).exists()


def _somebody_known(request: HttpRequest, link: AccountLink) -> HttpResponseBase:
    """Send the person asked to the request; ask anybody else to sign in, or out."""
    if request.user.is_authenticated and _is_asked(link, request.user):
        return redirect("rights:request", link.uuid)
    context = {"link": link, "exists": _exists(link)}
    return render(request, "rights/invitations/somebody_known.html", context)


def _is_asked(link: AccountLink, user: User) -> bool:
    if not user.is_advanced or link.kind == AccountLink.Kind.STANDARD:
        return False
    return link.invitee_id == user.pk or (link.invitee_id is None and link.email.casefold() == user.email.casefold())


def _rights_asked(link: AccountLink) -> list[catalogue.Right]:
    """What the account offers, in catalogue order."""
    return [catalogue.BY_CODE[code] for code in forms.rights_on(link)]


def _welcome(request: HttpRequest, link: AccountLink, user: User, connection_key: str | None) -> HttpResponseBase:
    """Sign the new person in and show their keys; the connection key is shown this once."""
    perform_login(request, user)
    rights = _rights_asked(link)
    tenancy.reach(user=user.pk)
    context = {"link": link, "person": user, "connection_key": connection_key, "rights": rights}
    response = render(request, "rights/invitations/welcome.html", context)
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


# Somebody who exists: a request to accept or to refuse.


@signed_in
def request(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """Who asks, and for which rights; or that there is nothing left to answer."""
    link = _asked_of(request, uuid)
    if link.user_id == request.user.pk and link.state == AccountLink.State.ACTIVE:
        return redirect("accounts:account", link.account.number)
    good = AccountLink.objects.open_invitations().filter(pk=link.pk).exists()
    if not good or link.account.state != CustomerAccount.State.OPEN:
        return _dead(request)
    context = {"link": link, "rights": _rights_asked(link)}
    return render(request, "rights/invitations/request.html", context)


@signed_in
@require_POST
def accept(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """Take the link."""
    link = _asked_of(request, uuid)
    try:
        actions.accept(link=link, user=request.user)
    except actions.DeadInvitation:
        return _dead(request)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("rights:my_rights")
    text = _("You are linked to the account %(number)s %(company)s.")
    messages.success(request, text % {"number": link.account.number, "company": link.account.company})
    return redirect("rights:my_rights")


@signed_in
@require_POST
def refuse(request: PersonRequest, uuid: UUID) -> HttpResponseBase:
    """Decline the link."""
    link = _asked_of(request, uuid)
    try:
        actions.refuse(link=link, user=request.user)
    except actions.DeadInvitation:
        return _dead(request)
    text = _("The request of the account %(number)s %(company)s is refused.")
    messages.success(request, text % {"number": link.account.number, "company": link.account.company})
    return redirect("home")


def _asked_of(request: PersonRequest, uuid: UUID) -> AccountLink:
    """The request made to this person, or 404. One made to their address before they had it needs its token."""
    tenancy.reach(user=request.user.pk, invitation=_digest(request))
    mine = Q(invitee=request.user) | Q(invitee=None, email__iexact=request.user.email)
    link = AccountLink.objects.filter(mine, uuid=uuid, kind=AccountLink.Kind.ADVANCED).first()
    if link is None:
        raise Http404
    tenancy.reach(accounts=[link.account_id], user=request.user.pk)
    return AccountLink.objects.select_related("account", "invited_by").get(pk=link.pk)
