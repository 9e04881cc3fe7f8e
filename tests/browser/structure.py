"""Sub-accounts and sites of an account, for pages that look otherwise with few of them and with many."""

from __future__ import annotations

from django.db import transaction

from accounts.models import CustomerAccount, Site, SubAccount
from colibox.lib import tenancy
from rights.models import AccountLink, Attachment


def make(number: str, sites: int) -> None:
    """A sub-account with so many sites; everybody on the account is attached to the first of them."""
    with transaction.atomic(), tenancy.everything():
        account = CustomerAccount.objects.get(number=number)
        west = SubAccount.objects.create(account=account, number="01", name="Région Ouest")
        made = [
            Site.objects.create(account=account, name=f"Entrepôt {n}", sub_account=west, town="Nantes")
            for n in range(sites)
        ]
        links = AccountLink.objects.filter(account=account).exclude(state="ended")
        Attachment.objects.bulk_create(Attachment(account=account, link=link, site=made[0]) for link in links)
