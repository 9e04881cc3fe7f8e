"""How the trace tells what happens to an account itself: its sites, its contacts, its documents, its history."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Contact, CustomerAccount
from colibox.lib.telling import Event, Family, Field, among, register
from users.sentences import IDENTITY

ROLES = dict(Contact.Role.choices)


def _roles(values: list[str]) -> list[str]:
    return [str(ROLES.get(value, value)) for value in values]


COMPANY = {
    "account opened": gettext_lazy("%(who)s opened the account %(number)s for %(company)s."),
    "account changed": gettext_lazy("%(who)s put right what the account says of itself."),
    "account closed": gettext_lazy("%(who)s closed the account."),
    "account opened again": gettext_lazy("%(who)s opened the account again."),
    "demonstration made": gettext_lazy(
        "%(who)s made this account for the demonstration: what its people did before is told nowhere."
    ),
    "account exported": gettext_lazy("%(who)s wrote out all that is kept of the account."),
    "person erased": gettext_lazy("%(who)s erased a person, whose name and data left the history: %(whom)s."),
    "site added": gettext_lazy("%(who)s added the site %(whom)s."),
    "site changed": gettext_lazy("%(who)s changed the site %(whom)s."),
    "site removed": gettext_lazy("%(who)s removed the site %(whom)s."),
    "sub-account added": gettext_lazy("%(who)s added the sub-account %(whom)s."),
    "sub-account changed": gettext_lazy("%(who)s changed the sub-account %(whom)s."),
    "sub-account removed": gettext_lazy("%(who)s removed the sub-account %(whom)s."),
    "contact added": gettext_lazy("%(who)s added %(whom)s to the contacts."),
    "contact changed": gettext_lazy("%(who)s changed the contact %(whom)s."),
    "contact removed": gettext_lazy("%(who)s removed %(whom)s from the contacts."),
    "document added": gettext_lazy("%(who)s added the document %(whom)s."),
    "document taken": gettext_lazy("%(who)s downloaded the document %(whom)s."),
    "document withdrawn": gettext_lazy("%(who)s withdrew the document %(whom)s."),
    "service address changed": gettext_lazy("%(who)s changed the address of an outside service (%(whom)s)."),
    "account put in a group": gettext_lazy("%(who)s put the account in the group %(whom)s."),
    "account taken out of its group": gettext_lazy("%(who)s took the account out of the group %(whom)s."),
    "contact put back": gettext_lazy("%(who)s put %(whom)s back among the contacts."),
}


def _exported(event: Event) -> str:
    n = event.after["events"]
    text = ngettext("%(who)s exported the history: %(n)s event.", "%(who)s exported the history: %(n)s events.", n)
    return text % {"who": event.actor_name, "n": n}


FIELDS = {
    **IDENTITY,
    "number": Field(gettext_lazy("Number")),
    "name": Field(gettext_lazy("Name")),
    "sub_account": Field(gettext_lazy("Sub-account")),
    "roles": Field(gettext_lazy("Roles"), _roles),
    "company": Field(gettext_lazy("Company")),
    "contract": Field(gettext_lazy("Contract"), among(dict(CustomerAccount.Contract.choices))),
    "payment": Field(gettext_lazy("Payment method"), among(dict(CustomerAccount.Payment.choices))),
    "reason": Field(gettext_lazy("Reason")),
}

register(Family.COMPANY, COMPANY, FIELDS)
register(Family.FILES, {"history exported": _exported})
