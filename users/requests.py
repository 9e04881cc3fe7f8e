"""The request of somebody who is signed in."""

from django.http import HttpRequest

from users.models import User


class PersonRequest(HttpRequest):
    """What a view tagged `signed_in` receives: its user is a person."""

    user: User
