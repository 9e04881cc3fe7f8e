"""Who may act on which link, on which version of it and in which state."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rights import bounds, catalogue
from rights.access import PEOPLE_NOT_RIGHTS, Ceiling
from rights.models import AccountLink, Handover

State = AccountLink.State

OTHERS_ADDRESS = gettext_lazy("Links to sign in go to this address: an administrator of the account changes it.")
SUCCESSORS_ADDRESS = gettext_lazy(
    "This person is to take over the account: their address stays until that is done or called off."
)


class Conflict(Exception):
    """Somebody else changed the link since it was read; `link` is how it is now."""

    def __init__(self, link: AccountLink) -> None:
        super().__init__(link)
        self.link = link


def lock(link: AccountLink, *, version: int | None = None) -> AccountLink:
    """The link as it is now, kept from others until the transaction ends; Conflict if its version is another."""
    current = AccountLink.objects.select_for_update(of=("self",), no_key=True).get(pk=link.pk)
    if version is not None and current.version != version:
        raise Conflict(current)
    return current


def check_manages(by: AccountLink) -> None:
    """Raise ValidationError unless the holder of `by` manages people of their account."""
    if not by.manages:
        raise ValidationError(_("You do not manage the people of this account."))


def check_administers(by: AccountLink) -> None:
    """Raise ValidationError unless the holder of `by` manages everybody on their account."""
    if not by.administers:
        raise ValidationError(_("You do not manage all the people of this account."))


def refusal(link: AccountLink, by: AccountLink) -> str | None:
    """Why the holder of `by` may not act on this link, of those they manage; None when they may."""
    if link.pk == by.pk:
        return _("You cannot change your own access.")
    if link.role == AccountLink.Role.OWNER:
        return _("The account's own administrator cannot be changed here.")
    if link.rank >= by.rank:
        return _("You cannot change the access of somebody who manages people as you do, or more.")
    return None


def check_reach(link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError unless the holder of `by` may act on this link: one of theirs, no peer, no superior."""
    check_manages(by)
    check_inside(link, bounds.inside([link], by))
    check_others(link, by)


def check_inside(link: AccountLink, inside: set[int]) -> None:
    """Raise ValidationError unless the link is among those that somebody manages."""
    if link.pk not in inside:
        raise ValidationError(_("You do not manage this person."))


def staying(link: AccountLink, by: AccountLink) -> str:
    """Why the holder of `by` may not end a whole access of somebody in their reach; empty where they may."""
    return stays(bounds.elsewhere([link], by).get(link.pk, ()), awaited=link.pk in awaited(link.account_id))


def stays(places: Collection[str], *, awaited: bool) -> str:
    """Why an access is not to be ended: they work where one does not manage them, or are to take over the account."""
    if awaited:
        return _("This person is to take over the account: that is done or called off first.")
    text = _("They also work at %(places)s, which you do not manage: take them off your places instead.")
    return text % {"places": ", ".join(places)} if places else ""


def awaited(account_id: int) -> frozenset[int]:
    """The links of an account, by key, whose person is to take it over."""
    changes = Handover.objects.filter(account=account_id, state__in=Handover.EXPECTED)
    return frozenset(changes.values_list("successor", flat=True))


def check_others(link: AccountLink, by: AccountLink) -> None:
    """Raise ValidationError when this link, of those they manage, is their own, a peer's or a superior's."""
    if (reason := refusal(link, by)) is not None:
        raise ValidationError(reason)


def readdress_refusal(link: AccountLink, ceiling: Ceiling) -> catalogue.Text | None:
    """Why they may not change where a standard user's mails go; None when they may.

    Links that open the sign-in go there: whoever reads them becomes that person, so has what they have, and takes
    over the account that they are about to be given. Of who has come, whoever administers changes it: rights can be
    withdrawn first, and come later.
    """
    if link.pk in awaited(link.account_id):
        return SUCCESSORS_ADDRESS
    if ceiling.link.administers:
        return None
    followed = link.profile.rights if link.profile and link.follows_profile else []
    held = {*link.grants.values_list("right", flat=True), *followed}
    return OTHERS_ADDRESS if link.accepted or not ceiling.covers(held, link.kind) else None


def check_tags(before: Collection[str], after: Collection[str], by: AccountLink) -> None:
    """Raise ValidationError on `tags` unless these may be changed: a local administrator moves only their own.

    With another's tag somebody could be shown parcels that the local administrator does not see; without
    any of theirs, the person would be out of their sight.
    """
    moved, own = set(before) ^ set(after), set(by.tags)
    if moved and not by.gives_rights:
        raise ValidationError({"tags": PEOPLE_NOT_RIGHTS})
    if not by.is_local or not moved:
        return
    if not moved <= own:
        reason = _("You can give and withdraw only your own tags: %(tags)s.") % {"tags": ", ".join(by.tags) or "–"}
        raise ValidationError({"tags": reason})
    if own & set(before) and not own & set(after):
        raise ValidationError({"tags": _("Leave them at least one of your tags, or you no longer manage them.")})


def check_newcomer(tags: Collection[str], by: AccountLink) -> None:
    """Raise ValidationError unless who is invited with these tags would be among those whom `by` manages."""
    check_manages(by)
    if tags:
        check_tags([], tags, by)
    if by.is_local and not tags and not bounds.places(by):
        raise ValidationError(
            _("You manage the people who bear your tags: give them one of yours, which only an advanced user can bear.")
        )


def check_waiting(link: AccountLink) -> None:
    """Raise ValidationError unless an invitation is waiting for an answer, or did in vain."""
    if link.state not in (State.INVITED, State.EXPIRED):
        raise ValidationError(_("%(person)s is no longer waiting for an invitation.") % {"person": link})


def check_active(link: AccountLink) -> None:
    """Raise ValidationError unless there is something to suspend."""
    if link.state != State.ACTIVE:
        raise ValidationError(_("Only an active access can be suspended; %(person)s has none.") % {"person": link})


def check_suspended(link: AccountLink) -> None:
    """Raise ValidationError unless there is something to take up again, on a day when it could be used."""
    if link.state != State.SUSPENDED:
        raise ValidationError(_("%(person)s is not suspended.") % {"person": link})
    if link.ends_on and link.ends_on < timezone.localdate():
        raise ValidationError(_("The last day of %(person)s is over: extend their access instead.") % {"person": link})
