"""Erasing a person: a neutral text in the place of who they were, wherever the portal keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts import erasing
from accounts.digests import NEUTRAL
from accounts.models import AuditEvent, Contact, ContactQuerySet
from colibox.lib import keys, outbox
from rights.actions import handovers
from rights.actions.many import writing
from rights.actions.sessions import revoke_sessions
from rights.models import AccountLink, Campaign, ConnectionKey, Grant, ReviewedLink, SupportVisit
from users.models import FactorReset, Identity, User

NOWHERE = "effacee.invalid"
"""A domain that no mail reaches (RFC 2606)."""
NAMING = ("email", "username")
"""Fields of events that name a person by themselves."""


@dataclass(frozen=True)
class Person:
    """Who is erased, under all that the portal knows them by."""

    user: User
    links: list[AccountLink]
    cards: list[UUID]

    @cached_property
    def known_as(self) -> list[UUID]:
        return [self.user.uuid, *(link.uuid for link in self.links), *self.cards]

    @property
    def accounts(self) -> list[int]:
        return sorted({link.account_id for link in self.links})

    @cached_property
    def words(self) -> list[str]:
        """What names them or once did, as a text by itself: what the trace called them and their cards, too."""
        user = self.user
        words = {str(user), user.full_name, user.email, user.username}
        about = AuditEvent.objects.filter(subject__in=self.known_as)
        words.update(about.values_list("subject_name", flat=True).distinct())
        words.update(AuditEvent.objects.filter(actor=user.uuid).values_list("actor_name", flat=True).distinct())
        for field in NAMING:
            for side in ("before", "after"):
                words.update(filter(None, about.values_list(f"{side}__{field}", flat=True).distinct()))
        return sorted(words - {"", NEUTRAL})

    @property
    def blank(self) -> dict[str, str]:
        """An identity that says nothing."""
        said = dict.fromkeys(Identity.IDENTITY, "") | {"last_name": NEUTRAL, "country": "FR"}
        return said | {"email": f"{self.user.uuid}@{NOWHERE}"}


@transaction.atomic
def erase_person(*, user: User) -> dict[str, int]:
    """Put a neutral text in the place of this person, for good; how much was changed, by what it was.

    Their links end, nothing of theirs opens anything any more. The trace keeps that something was done, and its
    seals still verify. Raises ValidationError for staff and for who owns an account: that is handed over first.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    links = list(
        AccountLink.objects.filter(Q(user=user) | Q(invitee=user)).select_for_update(of=("self",), no_key=True)
    )
    _check(user, links)
    handovers.end_towards(links)
    cards = _cards(user, links)
    person = Person(user, links, _cards_ever(user, links, cards))
    done = {"links": len(links), "contacts": _contacts(cards), "mails": _mails(person)}
    _close(person)
    _rename(person)
    for name in settings.ERASURES:
        import_string(name)(person=user, neutral=NEUTRAL)
    changed = erasing.erase(people=person.known_as, accounts=person.accounts, words=person.words)
    _blank(person)
    return {**done, "events": sum(changed.values())}


def is_erased(user: User) -> bool:
    """Whether there is nothing left to erase."""
    return user.email.endswith(f"@{NOWHERE}")


def _check(user: User, links: list[AccountLink]) -> None:
    if user.kind == User.Kind.STAFF:
        raise ValidationError(_("A member of staff answers for what they did: they cannot be erased."))
    owned = [link for link in links if link.role == AccountLink.Role.OWNER and link.state != AccountLink.State.ENDED]
    if owned:
        numbers = ", ".join(link.account.number for link in owned)
        raise ValidationError(_("They own the account %(numbers)s: it is handed over first.") % {"numbers": numbers})


def _close(person: Person) -> None:
    """Nothing of theirs opens anything."""
    for link in person.links:
        if link.state != AccountLink.State.ENDED:
            writing.end([link], verb="link removed", by=None)
    ConnectionKey.objects.filter(user=person.user, revoked_at=None).update(revoked_at=Now())
    ConnectionKey.objects.filter(user=person.user).update(name="", last_used_ip=None, networks=[])
    Authenticator.objects.filter(user=person.user).delete()
    revoke_sessions(people=User.objects.filter(pk=person.user.pk))


def _cards(user: User, links: list[AccountLink]) -> ContactQuerySet:
    """Their cards in the directories of their accounts: by link, and by the same address."""
    same = Q(pk__in=[link.contact_id for link in links if link.contact_id])
    if user.is_advanced:
        same |= Q(account__in={link.account_id for link in links}, email__iexact=user.email)
    return Contact.objects.filter(same)


def _cards_ever(user: User, links: list[AccountLink], cards: ContactQuerySet) -> list[UUID]:
    """The same as the trace knows them, with those that were forgotten since; a card of somebody else is theirs."""
    known = set(cards.values_list("uuid", flat=True))
    if user.is_advanced:
        told = AuditEvent.objects.filter(
            account_id__in={link.account_id for link in links}, verb__startswith="contact "
        )
        named = told.filter(Q(before__email__iexact=user.email) | Q(after__email__iexact=user.email))
        gone = {subject for subject in named.values_list("subject", flat=True).distinct() if subject}
        known |= gone - set(Contact.objects.filter(uuid__in=gone).values_list("uuid", flat=True))
    return sorted(known)


def _contacts(cards: ContactQuerySet) -> int:
    blank = {"last_name": NEUTRAL, "first_name": "", "civility": "", "function": "", "email": "", "phone": ""}
    return cards.update(**blank, mobile="", deleted_at=Now())


def _mails(person: Person) -> int:
    """E-mails to them or about them are forgotten, those that wait too; of others, what names them is taken out."""
    mine = Q(about__in=person.known_as) | Q(args__user=person.user.pk)
    gone, _rows = outbox.Mail.objects.filter(mine).delete()
    for fact in ("by", "former", "address"):
        named = outbox.Mail.objects.filter(**{f"args__{fact}__in": person.words})
        for mail in named.filter(Q(account_id__in=person.accounts) | Q(account_id=None)):
            mail.args[fact] = NEUTRAL
            mail.save(update_fields=["args"])
            gone += 1
    return gone


def _rename(person: Person) -> None:
    """Where their name was kept beside what they did."""
    links = [link.pk for link in person.links]
    Grant.objects.filter(given_by=person.user).update(given_by_name=NEUTRAL)
    ReviewedLink.objects.filter(link__in=links).update(name=NEUTRAL, sort_key=NEUTRAL.lower())
    reviewed = ReviewedLink.objects.filter(account__in=person.accounts, decided_by_name__in=person.words)
    reviewed.update(decided_by_name=NEUTRAL)
    campaigns = Campaign.objects.filter(account__in=person.accounts)
    campaigns.filter(opened_by=person.user).update(opened_by_name=NEUTRAL)
    campaigns.filter(closed_by_name__in=person.words).update(closed_by_name=NEUTRAL)
    SupportVisit.objects.filter(person=person.user).update(reason=NEUTRAL)
    FactorReset.objects.filter(person=person.user).update(reason=NEUTRAL)


def _blank(person: Person) -> None:
    """The person and their links themselves, last: until here they were to be found."""
    user, blank = person.user, person.blank
    username = f"effacee-{user.uuid.hex[:20]}"
    gone = {"username": username, "is_active": False, "suspended_at": None, "last_login": None}
    for name, value in {**blank, **gone}.items():
        setattr(user, name, value)
    user.user_key = keys.new_user_key() if user.is_advanced else None
    user.set_unusable_password()
    user.save()
    AccountLink.objects.filter(pk__in=[link.pk for link in person.links]).update(
        **blank, username=username, masked_email="", token_digest=None, tags=[], contact=None
    )
