"""The request of somebody who is signed in, proof that it is still them, and of whom the operators' pages are asked."""

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from colibox.lib.access import View
from users.models import User


class PersonRequest(HttpRequest):
    """What a view tagged `signed_in` receives: its user is a person."""

    user: User


def proven(view: View) -> View:
    """Ask for the password first, unless it was asked less than five minutes ago: under the view's tag."""
    asking: View = reauthentication_required(view)
    return asking


def staff_of(request: HttpRequest) -> User:
    """The member of the carrier's staff who asks."""
    if not (isinstance(request.user, User) and request.user.is_staff):
        raise PermissionDenied
    return request.user
