"""The places of the demonstration: how its first account is divided, who works where, and the group that it heads."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.actions.groups import save_group
from accounts.models import AccountGroup, CustomerAccount, Site, SubAccount
from rights.actions.attaching import attach
from rights.models import AccountLink
from rights.places import SITE, SUB_ACCOUNT, Spot

SUB_ACCOUNTS = (("01", "Région Nord"), ("02", "Région Ouest"), ("03", "Boutique en ligne"))

# (name, number of the sub-account, address, postcode, town)
SITES = (
    ("Lille Siège", "01", "24 rue Nationale", "59800", "Lille"),
    ("Roubaix Entrepôt", "01", "110 rue du Collège", "59100", "Roubaix"),
    ("Nantes Entrepôt", "02", "12 rue du Port", "44000", "Nantes"),
    ("Rennes Magasin", "02", "41 boulevard de la Liberté", "35000", "Rennes"),
    ("Paris Sud Logistique", "03", "6 avenue de l’Europe", "91300", "Massy"),
    ("Lyon Confluence", "", "17 cours Charlemagne", "69002", "Lyon"),
)

# e-mail or user name → the sub-accounts and sites that the person is attached to
ATTACHED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "c.martin": ((), ("Lille Siège", "Roubaix Entrepôt")),
    "s.boumaza": (("01",), ()),
    "y.tanguy": ((), ("Roubaix Entrepôt",)),
    "j.lefevre": (("03",), ()),
    "t.moiret": ((), ("Nantes Entrepôt",)),
    "e.dubreuil": ((), ("Rennes Magasin",)),
    "a.berlioz": (("02",), ("Lyon Confluence", "Paris Sud Logistique")),
    "m.oconnor": ((), ("Paris Sud Logistique",)),
}
GROUP = "Groupe Comptoir"
GROUPED = ("850061", "770512", "690033")


def build(account: CustomerAccount, owner: AccountLink) -> None:
    """Make what is missing; where somebody is attached already is left as it is."""
    if SubAccount.objects.for_account(account).exists():
        return
    parents = {
        number: SubAccount.objects.create(account=account, number=number, name=name) for number, name in SUB_ACCOUNTS
    }
    sites = {
        name: Site.objects.create(
            account=account, name=name, sub_account=parents.get(parent), address_1=address, postcode=postcode, town=town
        )
        for name, parent, address, postcode, town in SITES
    }
    for username, (numbers, names) in ATTACHED.items():
        link = AccountLink.objects.for_account(account).filter(username=username).first()
        if link:
            attach(link=link, by=owner, spots=_spots(parents, numbers, sites, names))
    others = list(CustomerAccount.objects.filter(number__in=GROUPED, group=None))
    if owner.user and not AccountGroup.objects.filter(name=GROUP).exists():
        save_group(group=AccountGroup(), name=GROUP, head=account, accounts=others, by=owner.user)


def _spots(
    parents: dict[str, SubAccount], numbers: Iterable[str], sites: dict[str, Site], names: Iterable[str]
) -> set[Spot]:  # fmt: skip
    spots = {(SUB_ACCOUNT, parents[number].pk) for number in numbers}
    return spots | {(SITE, sites[name].pk) for name in names}
