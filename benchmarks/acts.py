"""Acts on many people of one account, each taken back: processor time here and in the database, and statements.

One in ten of the people of the account follows the profile that is changed and removed; the acts of the list are about
as many as one act may change. To be read as so much for each person, beside the same of another state of the code.
"""

from __future__ import annotations

import argparse
import os
import statistics
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import django

from benchmarks import administration, pages
from benchmarks.administration import Looker, counted
from benchmarks.company import Company

RIGHTS = ("coliship", "invoices", "shipping_ws", "tool_consolidated")
"""What the profile becomes: one right goes for everybody, two come of which each kind of user gets what suits it."""


class TakenBack(Exception):
    """What ends the transaction of an act once it is measured."""


class Acting:
    """Does acts as the administrator of the account, in a process that became a portal."""

    def __init__(self) -> None:
        from benchmarks.portal import looking
        from rights.models import AccountLink, Profile

        self.processor = Looker().processor
        with looking():
            self.by = AccountLink.objects.select_related("account", "user").get(pk=1)
            self.profile, self.other = Profile.objects.order_by("pk")[:2]

    def acts(self) -> dict[str, Callable[[], int]]:
        """What is done; it answers to how many people."""
        from rights.actions import bulk, following, profiles
        from rights.actions.applying import Chosen
        from rights.models import AccountLink

        people = following.followers_of(self.profile)

        def change() -> int:
            name, version = self.profile.name, self.profile.version
            return profiles.change(
                profile=self.profile, by=self.by, name=name, description="", rights=RIGHTS, version=version
            ).count

        def remove() -> int:
            count = people.count()
            profiles.remove(profile=self.profile, by=self.by, digest=profiles.plan_removal(profile=self.profile))
            return count

        def of_list(act: bulk.Act) -> Callable[[], int]:
            chosen = AccountLink.objects.filter(pk__in=people.values("pk"))
            return lambda: len(bulk.apply(act=act, links=chosen, by=self.by)[0].changes)

        return {
            "profile changed": change,
            "profile removed": remove,
            "profile given": of_list(bulk.Apply(Chosen(self.other, follows=True))),
            "right given": of_list(bulk.Give("shipping_ws")),
            "tag added": of_list(bulk.AddTag("BANC")),
            "suspended": of_list(bulk.Suspend()),
        }

    def cost(self, act: Callable[[], int]) -> tuple[int, float, float, int]:
        """How many people, milliseconds of processor here and in the database, statements."""
        from django.db import connection, transaction

        from colibox.lib import tenancy

        people = 0

        def done() -> None:
            nonlocal people
            with suppress(TakenBack), transaction.atomic(), tenancy.scope(user=self.by.user_id):
                tenancy.reach(accounts=[self.by.account_id], user=self.by.user_id)
                people = act()
                connection.check_constraints()  # as the end of the transaction would
                raise TakenBack

        with counted() as statements:
            here, there = self.processor.spent(done)
        return people, here, there, statements[0]


def measure(url: str, redis_url: str, rounds: int) -> None:
    """Become a portal, and say what each act costs; the middle of the rounds."""
    os.environ.update(pages.environment(url, 8000), REDIS_URL=redis_url)
    django.setup()
    acting = Acting()
    print(f"{'ms':18} {'people':>7} {'here':>7} {'(db)':>7} statements")
    for name, act in acting.acts().items():
        costs: list[Any] = [acting.cost(act) for _round in range(rounds + 1)][1:]
        people, here, there, statements = (statistics.median(each) for each in zip(*costs, strict=True))
        print(f"{name:18} {people:7.0f} {here:7.0f} {there:7.0f} {statements:10.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000, help="how many there are, half of them on the account")
    parser.add_argument("--reuse", action="store_true", help="measure the database of an earlier run")
    parser.add_argument("--rounds", type=int, default=3, help="how often each act is done")
    given = parser.parse_args()
    owner_url, app_url = pages.servers()
    size = Company(given.people)
    if not given.reuse:
        administration.build(size, owner_url, app_url)
    measure(pages.on_database(app_url, size.database), os.environ["REDIS_URL"], given.rounds)


if __name__ == "__main__":
    main()
