"""How the trace tells who may do what: people, their links and rights, roles, profiles, reviews, keys."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from colibox.lib.telling import Event, Family, Field, among, listed, register, register_places
from rights import catalogue
from rights.models import AccountLink, Campaign, Profile
from users.sentences import IDENTITY

STATES = dict(AccountLink.State.choices)


def _rights(value: Any) -> list[str]:
    """The labels of codes; an account's own say whether they may be passed on."""
    return catalogue.labels(value)


def _day(value: str) -> str:
    return formats.date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")


def _days(value: dict[str, str]) -> list[str]:
    """The days up to which rights are given, by right."""
    named = [(label, _day(day)) for code, day in value.items() for label in catalogue.labels([code])]
    return [_("%(right)s: %(day)s") % {"right": label, "day": day} for label, day in named]


def _yes(value: bool) -> str:
    return _("yes") if value else _("no")


def _places(number: str, subjects: Collection[UUID]) -> dict[UUID, str]:
    """The pages of people who are on the account, of its profiles and of its reviews."""
    links = AccountLink.objects.filter(account__number=number, uuid__in=subjects)
    links = links.exclude(state=AccountLink.State.ENDED)
    profiles = Profile.objects.filter(account__number=number, uuid__in=subjects)
    reviews = Campaign.objects.filter(account__number=number, uuid__in=subjects)
    found = {"person": links, "profile": profiles, "review": reviews}
    return {
        uuid: reverse(f"rights:{page}", args=[number, uuid])
        for page, rows in found.items()
        for uuid in rows.values_list("uuid", flat=True)
    }


register_places(_places)

PERSON = {
    "rights": Field(gettext_lazy("Rights"), _rights),
    "dropped": Field(gettext_lazy("Rights that could no longer be given"), _rights),
    "tags": Field(gettext_lazy("Tags"), listed),
    "profile": Field(gettext_lazy("Profile")),
    "follows_profile": Field(gettext_lazy("Follows the profile"), _yes),
    "role": Field(gettext_lazy("Role"), among(dict(AccountLink.Role.choices))),
    "state": Field(gettext_lazy("Status"), among(STATES)),
    "starts_on": Field(gettext_lazy("Start date"), _day),
    "ends_on": Field(gettext_lazy("End date"), _day),
    "since": Field(gettext_lazy("Rights given from"), _days),
    "until": Field(gettext_lazy("Rights given until"), _days),
    "places": Field(gettext_lazy("Attached to"), listed),
    **IDENTITY,
}


def _changed(event: Event) -> str:
    """What was done to somebody; of a profile, which one they follow or copied from then on."""
    after, names = event.after, {"who": event.actor_name, "whom": event.subject_name}
    if not after.get("profile") or after.get("follows_profile") is None:
        return _("%(who)s changed %(whom)s.") % names
    if after["follows_profile"]:
        text = _("%(who)s let %(whom)s follow the profile “%(profile)s”.")
    else:
        text = _("%(who)s gave %(whom)s a copy of the profile “%(profile)s”.")
    return text % {**names, "profile": after["profile"]}


register(
    Family.PEOPLE,
    {
        "person invited": gettext_lazy("%(who)s invited %(whom)s."),
        "invitation resent": gettext_lazy("%(who)s sent %(whom)s the invitation again."),
        "invitation expired": gettext_lazy("The invitation of %(whom)s expired without an answer."),
        "new invitation asked": gettext_lazy("%(whom)s asked for a new invitation."),
        "invitation accepted": gettext_lazy("%(who)s accepted the invitation and signed up."),
        "link accepted": gettext_lazy("%(who)s accepted the link to the account."),
        "link refused": gettext_lazy("%(who)s refused the link to the account."),
        "link request replaced": gettext_lazy("Another request replaced the one sent to %(whom)s."),
        "person changed": _changed,
        "person attached": gettext_lazy("%(who)s changed where %(whom)s is attached."),
        "person suspended": gettext_lazy("%(who)s suspended %(whom)s."),
        "person reactivated": gettext_lazy("%(who)s reactivated %(whom)s."),
        "link removed": gettext_lazy("%(who)s removed the link with %(whom)s."),
        "link left": gettext_lazy("%(who)s left the account."),
        "user key found": gettext_lazy("%(who)s found %(whom)s by user key."),
        "contact tied": gettext_lazy("%(who)s matched %(whom)s with a contact."),
        "password link sent": gettext_lazy("%(who)s sent %(whom)s a link to choose another password."),
        "rights ended by their date": gettext_lazy("Rights of %(whom)s ended with their last day."),
        "dates changed": gettext_lazy("%(who)s changed the dates of the access of %(whom)s."),
        "access extended": gettext_lazy("%(who)s extended the access of %(whom)s."),
        "access ended by its date": gettext_lazy("The access of %(whom)s ended with its last day: it is suspended."),
    },
    PERSON,
)

register(
    Family.ADMINISTRATION,
    {
        "rights profile created": gettext_lazy("%(who)s created the profile %(whom)s."),
        "rights profile changed": gettext_lazy("%(who)s changed the profile %(whom)s."),
        "rights profile removed": gettext_lazy("%(who)s removed the profile %(whom)s."),
        "rights profile change proposed": gettext_lazy("Colibox proposed a change of the profile %(whom)s."),
        "rights profile proposal adopted": gettext_lazy("%(who)s let the profile %(whom)s be as Colibox proposes it."),
        "rights profile proposal declined": gettext_lazy("%(who)s keeps the profile %(whom)s as it is."),
        "rights profile renewed": gettext_lazy("Colibox changed the profile %(whom)s, which nobody followed."),
    },
    {
        "name": Field(gettext_lazy("Name")),
        "description": Field(gettext_lazy("Description")),
        "rights": PERSON["rights"],
    },
)
register(
    Family.ADMINISTRATION,
    {"account rights changed": gettext_lazy("%(who)s changed the rights that the account holds.")},
    {"rights": PERSON["rights"]},
)


def _decided(event: Event) -> str:
    n = event.after["people"]
    if named := event.after.get("name"):
        alone = {
            "keep": _("%(who)s kept the access of %(name)s."),
            "reduce": _("%(who)s reduced the rights of %(name)s in a review."),
            "suspend": _("%(who)s suspended %(name)s in a review."),
        }
        return alone[event.after["decision"]] % {"who": event.actor_name, "name": named}
    decided = {
        "keep": ngettext("%(who)s kept the access of %(n)s person.", "%(who)s kept the access of %(n)s people.", n),
        "reduce": ngettext("%(who)s reduced %(n)s person’s rights.", "%(who)s reduced %(n)s people’s rights.", n),
        "suspend": ngettext("%(who)s suspended %(n)s person.", "%(who)s suspended %(n)s people.", n),
    }
    return decided[event.after["decision"]] % {"who": event.actor_name, "n": n}


register(
    Family.ADMINISTRATION,
    {
        "review opened": gettext_lazy("%(who)s opened the access review “%(whom)s”."),
        "review decided": _decided,
        "review closed": gettext_lazy("%(who)s closed the access review “%(whom)s”."),
    },
)


def _files(event: Event) -> str:
    n = event.after["people"]
    text = ngettext("%(who)s exported %(n)s person.", "%(who)s exported %(n)s people.", n)
    return text % {"who": event.actor_name, "n": n}


register(
    Family.FILES,
    {
        "people exported": _files,
        "people exported with the group": gettext_lazy(
            "%(who)s exported the people of this account with those of the group."
        ),
        "contacts exported": gettext_lazy("%(who)s exported the contacts."),
        "review exported": gettext_lazy("%(who)s downloaded the statement of the access review “%(whom)s”."),
    },
)


register(
    Family.SECURITY,
    {
        "connection key issued": gettext_lazy("%(who)s made the connection key %(whom)s."),
        "connection key rotated": gettext_lazy("%(who)s replaced the connection key %(whom)s."),
        "connection key changed": gettext_lazy("%(who)s changed the connection key %(whom)s."),
        "connection key ended": gettext_lazy("%(who)s ended the connection key %(whom)s."),
        "connection key expired": gettext_lazy("The connection key %(whom)s expired."),
    },
    {
        "name": Field(gettext_lazy("Name")),
        "accounts": Field(gettext_lazy("Accounts"), listed),
        "rights": Field(gettext_lazy("Web services"), _rights),
        "networks": Field(gettext_lazy("Addresses"), listed),
    },
)


def _required(event: Event) -> str:
    text = _("%(who)s requires a second factor from %(day)s on.")
    return text % {"who": event.actor_name, "day": _day(event.after["from"])}


register(
    Family.ADMINISTRATION,
    {
        "second factor required": _required,
        "second factor no longer required": gettext_lazy("%(who)s no longer requires a second factor."),
        "role changed": gettext_lazy("%(who)s changed the role of %(whom)s."),
        "successor named": gettext_lazy("%(who)s named %(whom)s as successor."),
        "successor withdrawn": gettext_lazy("%(who)s no longer names %(whom)s as successor."),
        "account offered": gettext_lazy("%(who)s offered the account to %(whom)s."),
        "account accepted": gettext_lazy("%(who)s accepted the account: it passes to them a day later."),
        "account refused": gettext_lazy("%(who)s declined the account."),
        "change of owner cancelled": gettext_lazy("%(who)s cancelled the change of owner to %(whom)s."),
        "change of owner objected to": gettext_lazy("%(who)s objected to the change of owner to %(whom)s."),
        "change of owner objected to by e-mail": gettext_lazy(
            "The owner objected to the change of owner to %(whom)s, by the link of the e-mail that told them."
        ),
        "change of owner failed": gettext_lazy("%(whom)s could not become the owner: their access had changed."),
        "change of owner lapsed": gettext_lazy("Nobody answered in time: %(whom)s does not become the owner."),
        "change of owner asked by the carrier": gettext_lazy("%(who)s, for the carrier, asked that %(whom)s own it."),
        "change of owner confirmed by the carrier": gettext_lazy("%(who)s confirmed that %(whom)s is to own it."),
        "change of owner withdrawn by the carrier": gettext_lazy("%(who)s withdrew the change to %(whom)s."),
        "account handed over": gettext_lazy("%(whom)s became the owner of the account, in place of %(former)s."),
    },
    {
        "role": PERSON["role"],
        "former": Field(gettext_lazy("Former owner")),
        "successor": Field(gettext_lazy("New owner")),
        "reason": Field(gettext_lazy("Reason")),
        "proof": Field(gettext_lazy("Proof")),
        "sha256": Field(gettext_lazy("Fingerprint of the proof (SHA-256)")),
    },
)  # fmt: skip

register(
    Family.ADMINISTRATION,
    {
        "support visit began": gettext_lazy("%(who)s, of the carrier, looked at the portal as %(whom)s sees it."),
        "support visit ended": gettext_lazy("The visit of %(who)s, of the carrier, to %(whom)s ended."),
    },
    {"reason": Field(gettext_lazy("Reason"))},
)
