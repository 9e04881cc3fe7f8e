"""What the carrier does to an account: open it, say which rights it holds, ask its owner to come."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from accounts import audit
from accounts.actions import accounts
from accounts.models import CustomerAccount
from colibox.lib import keys, outbox
from rights import catalogue
from rights.actions import trace
from rights.actions.many.inviting import hours
from rights.emails import links as emails
from rights.models import AccountLink, Entitlement, Grant
from users.models import User

State, Role = AccountLink.State, AccountLink.Role


@transaction.atomic
def open_account(*, number: str, company: str, email: str, by: User | None = None, **facts: Any) -> CustomerAccount:
    """Open an account that holds nothing yet. Raises ValidationError on what is wrong, and when it is there."""
    account = CustomerAccount(number=number, company=accounts.company(company), email=email, **facts)
    account.full_clean(exclude=["uuid"])
    account.save(force_insert=True)
    audit.record("account opened", by=by, account_id=account.pk, after={"number": number, "company": account.company})
    return account


@dataclass(frozen=True)
class Held:
    """The rights that an account is to hold: whether each may be delegated, by code."""

    rights: Mapping[str, bool]

    @classmethod
    def all(cls) -> Held:
        return cls({right.code: True for right in catalogue.RIGHTS})

    def changes(self, account: CustomerAccount) -> dict[str, dict[str, bool]]:
        """What is different from now: `gained`, `lost`, and `delegable` for those that stay; what is empty is out."""
        now = dict(Entitlement.objects.filter(account=account).values_list("right", "delegable"))
        listed = {
            "gained": {code: may for code, may in self.rights.items() if code not in now},
            "lost": {code: may for code, may in now.items() if code not in self.rights},
            "delegable": {code: may for code, may in self.rights.items() if code in now and now[code] != may},
        }
        return {what: some for what, some in listed.items() if some}


@transaction.atomic
def entitle(*, account: CustomerAccount, held: Held, by: User | None = None) -> dict[str, dict[str, bool]]:
    """Make these the rights of an account, and write down what changed.

    What people were granted stays written: a right that comes back opens again what it opened before.
    """
    if unknown := sorted(set(held.rights) - set(catalogue.BY_CODE)):
        raise ValidationError(_("There is no such right: %(codes)s.") % {"codes": ", ".join(unknown)})
    account = CustomerAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    changes = held.changes(account)
    if not changes:
        return changes
    mine = Entitlement.objects.filter(account=account)
    before = dict(mine.values_list("right", "delegable"))
    mine.filter(right__in=changes.get("lost", ())).delete()
    for code, may in {**changes.get("gained", {}), **changes.get("delegable", {})}.items():
        mine.update_or_create(account=account, right=code, defaults={"delegable": may})
    touched = {code for some in changes.values() for code in some}
    audit.record(
        "account rights changed",
        by=by,
        account_id=account.pk,
        before={"rights": {code: before[code] for code in sorted(touched & set(before))}},
        after={"rights": {code: held.rights[code] for code in sorted(touched & set(held.rights))}},
    )
    return changes


def affected(account: CustomerAccount, codes: Collection[str]) -> dict[str, int]:
    """How many people of an account were granted each of these rights; those whose access ended do not count."""
    given = Grant.objects.filter(account=account, right__in=codes).exclude(link__state=State.ENDED)
    counts = given.order_by("right").values_list("right").annotate(people=Count("pk"))
    return dict.fromkeys(codes, 0) | dict(counts)


@transaction.atomic
def invite_owner(*, account: CustomerAccount, email: str, language: str = "fr", by: User | None = None) -> AccountLink:
    """Ask by e-mail who is to own an account that has no owner; the link of the mail lets them choose a password.

    Their user name is the account's number, or the first free one after it.
    """
    validate_email(email)
    if AccountLink.objects.for_account(account).filter(role=Role.OWNER).exists():
        raise ValidationError(_("The account %(number)s has an owner.") % {"number": account.number})
    identity = {
        "last_name": "ADMIN", "first_name": account.number, "email": email, "address_1": account.address_1,
        "address_2": account.address_2, "postcode": account.postcode, "town": account.town,
        "country": str(account.country),
    }  # fmt: skip
    user = _new_owner(account, identity, language)
    link = AccountLink(
        account=account, user=user, kind=AccountLink.Kind.STANDARD, role=Role.OWNER, username=user.username,
        language=language, generation=1, state=State.INVITED, invited_by=by, **identity, **hours(),
    )  # fmt: skip
    link.token_digest = keys.digest(keys.invitation_token(str(link.uuid), link.generation))
    link.save(force_insert=True)
    trace.record("person invited", by=by, after={"kind": link.kind, "role": link.role}, link=link)
    send_invitation(link)
    return link


@transaction.atomic
def invite_owner_again(*, link: AccountLink, email: str, by: User | None = None) -> None:
    """Ask an owner who has not come yet again, under another address if need be: the former secret is dead."""
    validate_email(email)
    link = AccountLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
    if link.accepted or link.state not in (State.INVITED, State.EXPIRED):
        raise ValidationError(_("The account %(number)s has an owner.") % {"number": link.account.number})
    before = link.email
    User.objects.filter(links=link).update(email=email)
    CustomerAccount.objects.filter(pk=link.account_id, email__iexact=before).update(email=email)
    link.email, link.state, link.generation = email, State.INVITED, link.generation + 1
    link.token_digest = keys.digest(keys.invitation_token(str(link.uuid), link.generation))
    for name, value in hours().items():
        setattr(link, name, value)
    link.version += 1
    link.save()
    trace.record("invitation resent", by=by, before={"email": before}, after={"email": email}, link=link)
    send_invitation(link)


def send_invitation(link: AccountLink) -> None:
    """Queue the invitation of this generation of a link."""
    outbox.queue(
        emails.invitation,
        key=f"invitation:{link.uuid}:{link.generation}",
        account_id=link.account_id,
        about=link.uuid,
        link=link.pk,
        generation=link.generation,
    )


def _new_owner(account: CustomerAccount, identity: Mapping[str, Any], language: str) -> User:
    """A person who cannot sign in before they chose a password."""
    for n in range(1, 100):
        username = account.number if n == 1 else f"{account.number}-{n}"
        if User.objects.with_username(username).exists():
            continue
        user = User(kind=User.Kind.STANDARD, username=username, language=language, **identity)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError:  # somebody took it just now
            continue
        return user
    raise ValidationError(_("Every user name made of the number %(number)s is taken.") % {"number": account.number})
