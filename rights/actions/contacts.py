"""What happens to the directory of contacts and to the web access of those in it, in one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import audit
from accounts.actions import contacts as directory
from accounts.models import Contact
from colibox.lib import throttle
from colibox.lib.database import insert, reserve, update
from rights.actions import trace
from rights.actions.applying import Chosen
from rights.actions.invitations import invite_advanced, resend
from rights.actions.links import change as change_link
from rights.actions.links import end
from rights.actions.many import known
from rights.actions.reach import Conflict, check_reach
from rights.models import AccountLink, AccountLinkQuerySet
from users import actions as people

State, Kind = AccountLink.State, AccountLink.Kind
RESETS_AN_HOUR = 5
MOST_AT_ONCE = 1000
COPIED = ("civility", "last_name", "first_name", "function", "email", "phone")
"""What a contact takes from the person of whom it is made."""


def check_keeps(by: AccountLink, contact: Contact | None = None) -> None:
    """Raise ValidationError unless the holder of `by` keeps the contacts of their account, and this one is of it."""
    if not by.keeps_contacts or (contact and contact.account_id != by.account_id):
        raise ValidationError(_("You do not keep the contacts of this account."))


@transaction.atomic
def add(*, by: AccountLink, facts: dict[str, Any], access: bool = False, profile: Chosen | None = None) -> Contact:
    """Write a new contact and, if asked, invite them. Raises ValidationError on `email` when they cannot be."""
    check_keeps(by)
    contact = directory.add_contact(account=by.account, by=by.user, facts=facts)
    if access:
        give_access(contact=contact, by=by, profile=profile)
    return contact


@transaction.atomic
def change(
    *, contact: Contact, by: AccountLink, version: int, facts: dict[str, Any], profile: Chosen | None = None
) -> Contact:
    """Write what changed of a contact, and another web profile. Raises the directory's Conflict when somebody
    saved in between.

    What a person says of themselves is theirs: only what the account knows them by is written here.
    """
    check_keeps(by, contact)
    link = link_of(contact)
    if profile and link:  # before the contact: whoever changes their own data locks in this order too
        _change_profile(link, profile, by=by)
    return directory.change_contact(contact=contact, by=by.user, version=version, facts=facts)


def _change_profile(link: AccountLink, profile: Chosen, *, by: AccountLink) -> None:
    """Let a person follow another profile; or none, with the rights they have."""
    had = set(link.grants.values_list("right", flat=True))
    rights = set(profile.profile.rights) if profile.profile else had
    try:
        change_link(link=link, by=by, rights=rights, tags=link.tags, version=link.version, profile=profile)
    except Conflict:
        text = _("Somebody changed the rights of %(person)s just now: save again.") % {"person": link}
        raise ValidationError(text) from None


@transaction.atomic
def remove(*, contact: Contact, by: AccountLink, with_access: bool = False) -> None:
    """Take a contact out of the directory, and end their web access if asked; only the first can be undone."""
    check_keeps(by, contact)
    link = link_of(contact)
    if with_access and link:
        end(link=link, by=by)
    directory.remove_contact(contact=contact, by=by.user)


@transaction.atomic
def restore(*, contact: Contact, by: AccountLink) -> None:
    """Put a removed contact back, while it is kept."""
    check_keeps(by, contact)
    directory.restore_contact(contact=contact, by=by.user)


def link_of(contact: Contact) -> AccountLink | None:
    """The web access of a contact, if it has one: the link that names it."""
    links = AccountLink.objects.filter(account=contact.account_id, contact=contact).exclude(state=State.ENDED)
    return links.select_related("account", "user", "profile").first()


# Web access.


@transaction.atomic
def give_access(*, contact: Contact, by: AccountLink, email: str = "", profile: Chosen | None = None) -> AccountLink:
    """Invite a contact as an advanced user, with a profile or no right yet.

    Whoever has access with this address already is tied to the contact, and keeps their rights. Raises
    ValidationError on `profile`, and on `email` when there is none or it serves somebody else of the directory.
    """
    check_keeps(by, contact)
    contact = Contact.objects.select_for_update(of=("self",), no_key=True).get(pk=contact.pk, deleted_at=None)
    if link_of(contact):
        raise ValidationError(_("%(person)s has web access already.") % {"person": contact})
    if email and not contact.email:
        contact = directory.change_contact(contact=contact, by=by.user, version=contact.version, facts={"email": email})
    if not contact.email:
        raise ValidationError({"email": _("An invitation needs an e-mail address.")})
    link = _known(contact, by) or _invited(contact, by, profile)
    _tie(link, contact, by=by)
    return link


def _invited(contact: Contact, by: AccountLink, profile: Chosen | None) -> AccountLink:
    """A new link to a contact, who is written to in the language of who invites."""
    identity = {name: str(getattr(contact, name) or "") for name in COPIED}
    return invite_advanced(
        by=by, identity=identity, rights=[], tags=[], language=by.recipient_language, profile=profile
    )


def _known(contact: Contact, by: AccountLink) -> AccountLink | None:
    """Who has access to the account with the contact's address already."""
    keys = [
        key
        for kind in Kind.values
        for found in known.addresses(by.account_id, kind, [contact.email]).values()
        for key in found
    ]
    links = list(AccountLink.objects.filter(pk__in=keys).select_related("account", "contact")[:2])
    if not links:
        return None
    if len(links) > 1 or (links[0].contact and not links[0].contact.deleted_at):
        raise ValidationError({"email": _("This address serves somebody else who has web access.")})
    return links[0]


def _tie(link: AccountLink, contact: Contact, *, by: AccountLink) -> None:
    AccountLink.objects.filter(pk=link.pk).update(contact=contact)
    after = {"contact": str(contact)}
    trace.record("contact tied", by=by.user, after=after, link=link)


@transaction.atomic
def renew_access(*, contact: Contact, by: AccountLink) -> AccountLink:
    """Send a link: the invitation again, or to who signed up the one to choose another password. Never a password."""
    check_keeps(by, contact)
    link = link_of(contact)
    if link is None:
        raise ValidationError(_("%(person)s has no web access.") % {"person": contact})
    if link.state in (State.INVITED, State.EXPIRED):
        return resend(link=link, by=by)
    check_reach(link, by)
    if link.state != State.ACTIVE or link.user is None:
        raise ValidationError(_("%(person)s is suspended: reactivate them first.") % {"person": contact})
    if not throttle.allow(f"reset for:{link.uuid}", limit=RESETS_AN_HOUR, seconds=3600):
        raise ValidationError(_("This link was sent several times already: wait an hour."))
    people.ask_password_reset(username=link.user.username, email=link.user.email)
    trace.record("password link sent", by=by.user, link=link)
    return link


# People of the account who are not in the directory.


def unlisted(by: AccountLink) -> AccountLinkQuerySet:
    """The people of the account whom no contact of its directory stands for."""
    without = Q(contact=None) | Q(contact__deleted_at__isnull=False)
    return AccountLink.objects.for_account(by.account).filter(without)


@transaction.atomic
def list_people(*, by: AccountLink, links: Sequence[AccountLink]) -> int:
    """Make contacts of people of the account, with what it knows of them; how many there were."""
    check_keeps(by)
    keys = [link.pk for link in links if link.account_id == by.account_id][:MOST_AT_ONCE]
    chosen = list(unlisted(by).filter(pk__in=keys).order_by("pk").select_for_update(of=("self",), no_key=True))
    numbered = dict(zip(reserve(Contact, len(chosen)), chosen, strict=True))
    rows = [(pk, *(str(getattr(link, name) or "") for name in COPIED)) for pk, link in numbered.items()]
    insert(Contact, ("id", *COPIED), rows, account_id=by.account_id, roles=[])
    update(AccountLink, ("id", "contact_id"), [(link.pk, pk) for pk, link in numbered.items()])
    added = Contact.objects.filter(pk__in=numbered).order_by("pk")
    events = (audit.Event("contact added", each.uuid, str(each), {}, directory.facts_of(each)) for each in added)
    audit.record_many(events, by=by.user, account_id=by.account_id)
    return len(chosen)
