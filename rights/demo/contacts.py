"""Contacts of the demonstration: with web access, invited, and only to be called."""

from __future__ import annotations

from typing import Any

from accounts.actions import contacts as directory
from accounts.models import Contact, CustomerAccount
from rights.actions import contacts as actions
from rights.models import AccountLink

Role = Contact.Role

LISTED: dict[str, tuple[str, ...]] = {
    "c.martin": (Role.LOGISTICS,),
    "s.boumaza": (Role.INVOICES, Role.CONTRACT),
    "j.lefevre": (Role.CLAIMS,),
    "e.dubreuil": (Role.CLAIMS,),
    "k.leguilloux": (Role.TECHNICAL,),
}
"""People of the account by user name, and what they are called for."""

# (civility, first name, last name, function, e-mail, telephone, mobile, roles)
CALLED: tuple[tuple[str, str, str, str, str, str, str, tuple[str, ...]], ...] = (
    ("mme", "Monique", "Vasseur", "Standard", "accueil@comptoir-du-nord.example", "+33320123400", "", ()),
    ("m", "Bernard", "Delattre", "Directeur des achats", "b.delattre@comptoir-du-nord.example", "+33320123410",
     "+33611223344", (Role.PURCHASING, Role.CONTRACT)),
    ("m", "Ahmed", "Saïdi", "Chef de quai", "", "", "+33655443322", (Role.LOGISTICS,)),
    ("mme", "Lucie", "Hennebelle", "Comptabilité fournisseurs", "l.hennebelle@comptoir-du-nord.example",
     "+33320123420", "", (Role.INVOICES,)),
    ("", "", "Astreinte", "Quai de nuit", "", "+33320123499", "+33677889900", (Role.LOGISTICS,)),
)  # fmt: skip


def build(account: CustomerAccount) -> None:
    """Fill the directory of an account, once."""
    if Contact.objects.filter(account=account).exists():
        return
    owner = account.links.select_related("account", "user").get(role=AccountLink.Role.OWNER)
    people = account.links.filter(username__in=LISTED).exclude(state=AccountLink.State.ENDED)
    actions.list_people(by=owner, links=list(people))
    for link in account.links.filter(username__in=LISTED, contact__isnull=False).select_related("contact"):
        if link.contact:
            Contact.objects.filter(pk=link.contact.pk).update(roles=LISTED[link.username])
    for row in CALLED:
        directory.add_contact(account=account, by=owner.user, facts=_facts(row))


def _facts(row: tuple[Any, ...]) -> dict[str, Any]:
    names = ("civility", "first_name", "last_name", "function", "email", "phone", "mobile")
    return {**dict(zip(names, row, strict=False)), "roles": list(row[-1])}
