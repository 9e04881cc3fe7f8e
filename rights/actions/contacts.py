"""What happens to the directory of contacts and to the web access of those in it, in one transaction each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from rights.access import Ceiling
from rights.actions import trace
from rights.actions.applying import Chosen
from rights.actions.invitations import create_standard, invite_advanced, resend
from rights.actions.links import change as change_link
from rights.actions.links import end
from rights.actions.many import known
from rights.actions.reach import Conflict, check_reach
from rights.models import AccountLink, AccountLinkQuerySet
from users import actions as people

State, Kind = AccountLink.State, AccountLink.Kind
RESETS_AN_HOUR = 5
MOST_AT_ONCE = 5000
SHOWN_TWINS = 3
COPIED = ("civility", "last_name", "first_name", "function", "email", "phone")
"""What a contact takes from the person of whom it is made."""
READ_BY_MAIL = frozenset({"invoices", "tariffs"})
"""The rights to what contacts called for invoices are written of: each new document, with its title."""


def check_keeps(by: AccountLink, contact: Contact | None = None) -> None:
    """Raise ValidationError unless the holder of `by` keeps the contacts of their account, and this one is of it."""
    if not by.keeps_contacts or (contact and contact.account_id != by.account_id):
        raise ValidationError(_("You do not keep the contacts of this account."))


def may_call_for_invoices(by: AccountLink) -> bool:
    """Whether they may say who is called for invoices, and where: it opens e-mails about documents."""
    return by.administers or Ceiling(by).held >= READ_BY_MAIL


def check_calls(by: AccountLink, facts: dict[str, Any], before: Contact | None = None) -> None:
    """Raise ValidationError on `roles` or `email` where e-mails about documents would go where `by` may not send them.

    Whom somebody else called for invoices stays called, at the address they gave; anybody may take the role away.
    """
    called = before is not None and Contact.Role.INVOICES in before.roles
    if Contact.Role.INVOICES not in facts.get("roles", before.roles if before else []) or may_call_for_invoices(by):
        return
    if not called:
        text = _("Only who may see the invoices and the price conditions says who is called for invoices.")
        raise ValidationError({"roles": text})
    if before and facts.get("email", before.email).casefold() != before.email.casefold():
        text = _("This contact is called for invoices: only who may see them changes the address they are told at.")
        raise ValidationError({"email": text})


def sharing(account_id: int, email: str, *, but: Contact | None = None) -> list[Contact]:
    """The contacts in the directory who have this address too, a few of them."""
    if not email:
        return []
    twins = Contact.objects.filter(account=account_id, deleted_at=None, email__iexact=email)
    if but:
        twins = twins.exclude(pk=but.pk)
    return list(twins.order_by("sort_key", "pk")[:SHOWN_TWINS])


@transaction.atomic
def add(*, by: AccountLink, facts: dict[str, Any], access: bool = False, profile: Chosen | None = None) -> Contact:
    """Write a new contact and, if asked, invite them. Raises ValidationError on `email` when they cannot be."""
    check_keeps(by)
    check_calls(by, facts)
    contact = directory.add_contact(account=by.account, by=by.user, facts=facts)
    _tell_called([(None, contact)], by)
    if access:
        give_access(contact=contact, by=by, profile=profile)
    return contact


def _tell_called(changes: Iterable[tuple[Contact | None, Contact]], by: AccountLink) -> None:
    """Tell the owner whom e-mails about documents reach, or reach elsewhere, of contacts as they were and are."""
    where = directory.told_at
    called = [now for was, now in changes if where(now) not in ("", where(was))]
    directory.tell_called(account=by.account, contacts=called, by=str(by))


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
    changed = _write(contact, facts, by=by, version=version)
    _tell_called([(contact, changed)], by)
    return changed


def _write(contact: Contact, facts: dict[str, Any], *, by: AccountLink, version: int) -> Contact:
    check_calls(by, facts, contact)
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
def take_in(
    *, by: AccountLink, new: Sequence[dict[str, Any]], changed: Sequence[tuple[Contact, dict[str, Any]]]
) -> None:
    """Write what a file says of contacts; nobody is invited. Raises the directory's Conflict as `change` does."""
    written: list[tuple[Contact | None, Contact]] = []
    for contact, facts in sorted(changed, key=lambda pair: pair[0].pk):
        check_keeps(by, contact)
        written.append((contact, _write(contact, facts, by=by, version=contact.version)))
    check_keeps(by)
    for facts in new:
        check_calls(by, facts)
    written += [(None, contact) for contact in directory.add_contacts(account=by.account, by=by.user, facts=new)]
    _tell_called(written, by)


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
    contact = _without_access(contact, by)
    if email and not contact.email:
        facts = {"email": email}
        was, contact = contact, _write(contact, facts, by=by, version=contact.version)
        _tell_called([(was, contact)], by)
    if not contact.email:
        raise ValidationError({"email": _("An invitation needs an e-mail address.")})
    link = find_access(contact, by) or _invited(contact, by, profile)
    _tie(link, contact, by=by)
    return link


@transaction.atomic
def give_standard_access(*, contact: Contact, by: AccountLink, **facts: Any) -> AccountLink:
    """Create a standard user who is this contact; `facts` are what `create_standard` takes."""
    contact = _without_access(contact, by)
    link = create_standard(by=by, **facts)
    _tie(link, contact, by=by)
    return link


def _without_access(contact: Contact, by: AccountLink) -> Contact:
    """The contact, held. Raises ValidationError when they have web access already, or left the directory."""
    check_keeps(by, contact)
    held = Contact.objects.select_for_update(of=("self",), no_key=True).filter(pk=contact.pk, deleted_at=None).first()
    if held is None:
        raise ValidationError(_("%(contact)s was removed meanwhile.") % {"contact": contact})
    if link_of(held):
        raise ValidationError(_("%(person)s has web access already.") % {"person": held})
    return held


def _invited(contact: Contact, by: AccountLink, profile: Chosen | None) -> AccountLink:
    """A new link to a contact, who is written to in the language of who invites."""
    identity = {name: str(getattr(contact, name) or "") for name in COPIED}
    return invite_advanced(
        by=by, identity=identity, rights=[], tags=[], language=by.recipient_language, profile=profile
    )


def find_access(contact: Contact, by: AccountLink) -> AccountLink | None:
    """Who has access to the account with the contact's address already. Raises ValidationError on `email` when that
    is somebody else of the directory."""
    keys = [
        key
        for kind in Kind.values
        for found in known.addresses(by.account_id, kind, [contact.email] if contact.email else []).values()
        for key in found
    ]
    links = list(AccountLink.objects.filter(pk__in=keys).select_related("account", "contact")[:2])
    if not links:
        return None
    if len(links) > 1 or (links[0].contact and not links[0].contact.deleted_at):
        raise ValidationError({"email": _served(contact, links)})
    return links[0]


def _served(contact: Contact, links: list[AccountLink]) -> str:
    """Whose address it is, as far as the account was told."""
    shown = [link for link in links if link.email.casefold() == contact.email.casefold()]
    if len(links) > 1 or not shown:
        return _("This address belongs to somebody else who has web access.")
    text = _("%(email)s is the address of %(person)s, who has web access with it: give %(contact)s another one.")
    return text % {"email": contact.email, "person": links[0].contact, "contact": contact}


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
    where = {"account": by.account.number, "company": by.account.company}
    people.send_password_link(user=link.user, by=str(by), **where)
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
