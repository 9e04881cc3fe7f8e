"""Profiles of the demonstration: who follows one, who copied one and was retouched since."""

from __future__ import annotations

from rights.actions import applying, bulk, profiles, trace
from rights.actions.applying import Chosen
from rights.models import AccountLink, Profile

QUAY = "Quai d’expédition"

# (user name, profile, whether they follow it)
PEOPLE = (
    ("y.tanguy", QUAY, True),
    ("t.moiret", QUAY, True),
    ("m.oconnor", QUAY, True),
    ("s.boumaza", "accounting", True),
    ("k.leguilloux", "integrator", True),
)
RETOUCHED = (("c.martin", "shipper"), ("j.lefevre", "service"))
"""Who has a copy with fewer rights than the profile gives."""


def build(owner: AccountLink) -> None:
    """Make the account's own profile and give profiles to its people, once."""
    if Profile.objects.filter(account=owner.account).exists():
        return
    words = "Affranchit et remet les colis à l’enlèvement, suit ses propres envois."
    rights = ["coliship", "collection", "tool_key"]
    profiles.create(by=owner, name=QUAY, description=words, rights=rights)
    offered = {name: each for each in Profile.objects.offered(owner.account_id) for name in (each.key, each.name)}
    for username, name, follows in PEOPLE:
        links = AccountLink.objects.for_account(owner.account).filter(username=username)
        bulk.apply(act=bulk.Apply(Chosen(offered[name], follows)), links=links, by=owner)
    held = applying.hold([code for _username, code in RETOUCHED], account_id=owner.account_id)
    for username, code in RETOUCHED:
        for link in AccountLink.objects.for_account(owner.account).filter(username=username):
            applying.take([(link.pk, Chosen(held[code]))])
            before, after = (
                {"profile": "", "follows_profile": False},
                {"profile": held[code].name, "follows_profile": False},
            )
            trace.record("person changed", link=link, by=owner.user, before=before, after=after)
