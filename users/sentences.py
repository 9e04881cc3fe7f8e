"""How the trace tells what people do to themselves: signing in, their data, passwords, second factors, sessions."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_countries import countries
from phonenumber_field.phonenumber import PhoneNumber

from colibox.lib.numbers import telephone
from colibox.lib.telling import Event, Family, Field, among, register
from users.models import Civility, Language


def _telephone(typed: str) -> str:
    number = PhoneNumber.from_string(typed)
    return telephone(number) if number.is_valid() else typed


IDENTITY = {
    "civility": Field(gettext_lazy("Title"), among(dict(Civility.choices)), personal=True),
    "last_name": Field(gettext_lazy("Last name"), personal=True),
    "first_name": Field(gettext_lazy("First name"), personal=True),
    "function": Field(gettext_lazy("Job title"), personal=True),
    "phone": Field(gettext_lazy("Telephone"), _telephone, personal=True),
    "fax": Field(gettext_lazy("Fax"), _telephone, personal=True),
    "email": Field(gettext_lazy("E-mail"), personal=True),
    "address_1": Field(gettext_lazy("Address"), personal=True),
    "address_2": Field(gettext_lazy("Address, line 2"), personal=True),
    "address_3": Field(gettext_lazy("Address, line 3"), personal=True),
    "postcode": Field(gettext_lazy("Postcode"), personal=True),
    "town": Field(gettext_lazy("Town"), personal=True),
    "country": Field(gettext_lazy("Country"), lambda code: str(countries.name(code)) or code, personal=True),
}
"""The identity of a person, as any event keeps it."""


def _ended(event: Event) -> str:
    text = ngettext(
        "%(who)s ended %(n)s session of %(whom)s.", "%(who)s ended %(n)s sessions of %(whom)s.", event.after["sessions"]
    )
    return text % {"who": event.actor_name, "whom": event.subject_name, "n": event.after["sessions"]}


def _refused(event: Event) -> str:
    if not event.subject_name:
        return _("A sign-in was refused: nobody has that user name.")
    return _("A sign-in under the name of %(whom)s was refused.") % {"whom": event.subject_name}


register(
    Family.SECURITY,
    {
        "signed in": gettext_lazy("%(who)s signed in."),
        "sign-in refused": _refused,
        "password changed": gettext_lazy("%(who)s chose another password."),
        "profile changed": gettext_lazy("%(who)s changed their own data."),
        "user key renewed": gettext_lazy("%(who)s renewed their user key."),
        "e-mail changed": gettext_lazy("%(who)s changed their e-mail address."),
        "sessions ended": _ended,
        "second factor added": gettext_lazy("%(who)s added a second factor."),
        "second factor removed": gettext_lazy("%(who)s removed a second factor."),
        "second factor reset": gettext_lazy("%(who)s took the second factors of %(whom)s away."),
        "second factor reset asked": gettext_lazy("%(who)s asked that the second factors of %(whom)s be taken away."),
        "second factor reset withdrawn": gettext_lazy("%(who)s withdrew the reset of the second factors of %(whom)s."),
        "second factor reset stopped by e-mail": gettext_lazy(
            "The reset of the second factors of %(whom)s was stopped, by the link of the e-mail that told them."
        ),
        "second factor reset lapsed": gettext_lazy("Nobody confirmed the reset of the second factors of %(whom)s."),
        "second step refused": gettext_lazy("A second step of %(whom)s was refused."),
        "passkey renamed": gettext_lazy("%(who)s renamed a passkey."),
        "recovery codes renewed": gettext_lazy("%(who)s renewed their recovery codes."),
        "staff invited": gettext_lazy("%(who)s made %(whom)s a member of the carrier’s staff."),
        "staff ended": gettext_lazy("%(who)s ended the work of %(whom)s as a member of the carrier’s staff."),
        "recovery code used": gettext_lazy("%(who)s signed in with a recovery code."),
    },
    {
        **IDENTITY,
        "language": Field(gettext_lazy("Language"), among(dict(Language.choices))),
        "asked_by": Field(gettext_lazy("Asked by")),
    },
)

register(
    Family.SECURITY,
    {
        "signed out by the carrier": gettext_lazy("%(who)s ended all the sessions of %(whom)s."),
        "suspended everywhere": gettext_lazy("%(who)s suspended %(whom)s everywhere on the portal."),
        "resumed everywhere": gettext_lazy("%(who)s let %(whom)s sign in to the portal again."),
    },
    {"reason": Field(gettext_lazy("Reason"))},
)
