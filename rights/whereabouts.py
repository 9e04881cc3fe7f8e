"""Where people are attached, as they are told themselves, and who manages them there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from colibox.lib import tenancy
from rights.models import AccountLink, Attachment


@dataclass
class Whereabouts:
    """Where one person is attached on one account, and the local administrators who manage them for it."""

    places: list[str] = field(default_factory=list)
    locals: list[str] = field(default_factory=list)


def of(links: Collection[AccountLink]) -> dict[int, Whereabouts]:
    """Each of these links of one person, by key; two statements, whatever the accounts."""
    with tenancy.scope(accounts={link.account_id for link in links}):
        attached = _attached([link.pk for link in links])
        local = AccountLink.objects.filter(
            account__in=[link.account_id for link in links], role=AccountLink.Role.LOCAL, state=AccountLink.State.ACTIVE
        )
        others = list(local.exclude(pk__in=[link.pk for link in links]).order_by("sort_key", "pk"))
        theirs = _attached([link.pk for link in others]) if others else {}
    return {
        link.pk: Whereabouts(
            [str(place) for place in attached.get(link.pk, ())],
            [
                str(each)
                for each in others
                if each.account_id == link.account_id and not link.manages and _covers(each, theirs, link, attached)
            ],
        )
        for link in links
    }


Attached = dict[int, list[Attachment]]


def _attached(links: Collection[int]) -> Attached:
    found: Attached = {}
    attachments = Attachment.objects.filter(link__in=links).select_related("sub_account", "site")
    for attachment in attachments.order_by("sub_account__number", "site__name", "pk"):
        found.setdefault(attachment.link_id, []).append(attachment)
    return found


def _covers(by: AccountLink, theirs: Attached, link: AccountLink, attached: Attached) -> bool:
    """Whether somebody local manages a person: in the same place, in a sub-account of it, or by a tag."""
    own = {(place.sub_account_id, place.site_id) for place in theirs.get(by.pk, ())}
    here = {(place.sub_account_id, place.site_id) for place in attached.get(link.pk, ())}
    above = {(place.site.sub_account_id, None) for place in attached.get(link.pk, ()) if place.site}
    return bool(own & (here | above)) or not set(by.tags).isdisjoint(link.tags)
