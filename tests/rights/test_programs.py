"""What programs ask at every call: the same rights as everybody's definition, however a link stands."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import CustomerAccount
from colibox.lib import tenancy
from colibox.lib.compiled import MARK, Compiled
from rights.access import rights_of
from rights.keys.programs import held_by, rights_on
from rights.models import AccountLink, Entitlement, Grant
from users.models import User

TODAY = timezone.localdate()
CHANGES: dict[str, Any] = {
    "nothing": lambda: None,
    "suspended": lambda: AccountLink.objects.update(state="suspended"),
    "over": lambda: AccountLink.objects.update(ends_on=TODAY - timedelta(days=1)),
    "to come": lambda: AccountLink.objects.update(starts_on=TODAY + timedelta(days=1)),
    "grants over": lambda: Grant.objects.update(until=TODAY - timedelta(days=1)),
    "last day of grants": lambda: Grant.objects.update(until=TODAY),
    "rights withdrawn": lambda: Entitlement.objects.filter(right__in=["shipping_ws", "coliship"]).delete(),
    "accounts closed": lambda: CustomerAccount.objects.update(state="closed"),
    "administrators": lambda: AccountLink.objects.filter(role="member").update(role="administrator"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_programs_get_the_rights_that_everybody_gets(cast: SimpleNamespace, change: str) -> None:
    CHANGES[change]()
    for person in (cast.owner, cast.colleague, cast.partner, cast.stranger):
        links = list(AccountLink.objects.filter(user=person))
        rights = {pk: held for pk, held in rights_of(links).items() if held}
        assert {link.pk: held for link, held in held_by_apart(person).items()} == rights
        assert {link.pk: held for link in links if (held := rights_on(link))} == rights


def held_by_apart(person: User) -> dict[AccountLink, frozenset[str]]:
    with tenancy.scope():
        return held_by(person)


def test_a_compiled_query_needs_its_key() -> None:
    with pytest.raises(ValueError, match="key"):
        Compiled(lambda key: User.objects.values_list("pk"))(1)
    assert MARK < 2**31
