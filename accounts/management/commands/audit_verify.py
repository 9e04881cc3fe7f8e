"""`manage.py audit_verify`: whether anybody rewrote the trace."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from accounts import sealing
from accounts.erasing import Erasure
from accounts.models import CustomerAccount
from accounts.sealing import Fault, Head, Verdict
from colibox.lib import tenancy
from colibox.lib.commands import REFUSED, HelpfulCommand, Misuse

BAR = 30


class Command(HelpfulCommand):
    """Computes the seals of the trace anew and compares; it changes nothing."""

    help = (
        "Verify that no event of the trace was changed, added or removed since it was sealed, and say where it was.\n"
        "Keep the last seals elsewhere (audit_verify --head > heads.json); later, audit_verify --heads heads.json."
    )
    example = "audit_verify --account 900138"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", default="", help="one account number; all accounts otherwise")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--head", action="store_true", help="print the last seal of each account, to be kept elsewhere"
        )
        parser.add_argument(
            "--heads", type=Path, help="a file of heads that was kept: they must still be in the chains"
        )

    def handle(self, *, account: str, head: bool, heads: Path | None, **options: Any) -> None:
        self.began, self.json = time.monotonic(), options["json"]
        numbers = _numbers()
        self.named = {pk: number for number, pk in numbers.items()}
        if account and account not in numbers:
            raise Misuse(f"There is no account {account}.")
        kept = self._kept(heads, numbers) if heads else {}
        chosen = [numbers[account]] if account else None
        verdict = sealing.verify(accounts=chosen, kept=kept, watch=self._watcher())
        self._missing(verdict, kept, chosen)
        if head:
            self.stdout.write(json.dumps(self._heads(verdict), indent=1))
        else:
            self._tell(verdict)
        if verdict.faults:
            sys.exit(REFUSED)

    def _kept(self, path: Path, numbers: dict[str, int]) -> dict[int, Head]:
        """The heads of a file that --head wrote, by account."""
        try:
            read = json.loads(path.read_text())
            heads = {number: Head(int(each["seal"]), str(each["digest"])) for number, each in read.items()}
        except OSError as error:
            raise Misuse(f"{path} cannot be read: {error.strerror}.") from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise Misuse(f"{path} is not what --head wrote.") from error
        if not heads:
            raise Misuse(f"{path} holds no seal: nothing could be compared.")
        if unknown := sorted(set(heads) - set(numbers)):
            raise Misuse(f"{path} speaks of accounts that are not here: {', '.join(unknown)}.")
        return {numbers[number]: head for number, head in heads.items()}

    def _missing(self, verdict: Verdict, kept: dict[int, Head], chosen: list[int] | None) -> None:
        """An account with a kept head whose events and seals are all gone was not even looked at."""
        for account, head in kept.items():
            said = any(fault.account == account for fault in verdict.faults)
            if account not in verdict.heads and not said and (chosen is None or account in chosen):
                verdict.faults.append(Fault(account, head.number, 0, 0, "all seals of this account are gone"))

    def _watcher(self) -> sealing.Watch:
        """The progress bar, for somebody who watches; nothing otherwise."""
        if self.json or not sys.stderr.isatty():
            return lambda done: None
        total, shown = _about_how_many(), [-1]

        def show(done: int) -> None:
            filled = min(done * BAR // max(total, 1), BAR)
            if filled != shown[0]:
                shown[0] = filled
                self.stderr.write(f"\r[{'#' * filled:<{BAR}}] {done} events ", ending="")

        return show

    def _heads(self, verdict: Verdict) -> dict[str, dict[str, Any]]:
        return {
            self._name(account): {"seal": head.number, "digest": head.digest} for account, head in verdict.heads.items()
        }

    def _name(self, account: int) -> str:
        return self.named.get(account, f"#{account}")

    def _tell(self, verdict: Verdict) -> None:
        seconds = round(time.monotonic() - self.began, 2)
        if self.json:
            facts = {
                "events": verdict.events,
                "seals": verdict.seals,
                "unsealed": verdict.unsealed,
                "erased": {
                    "events": sum(each.events for each in verdict.erasures),
                    "erasures": [{**asdict(each), "account": self._name(each.account)} for each in verdict.erasures],
                },
                "faults": [{**asdict(fault), "account": self._name(fault.account)} for fault in verdict.faults],
                "seconds": seconds,
            }
            self.stdout.write(json.dumps(facts, cls=DjangoJSONEncoder))
            return
        for erasure in verdict.erasures:
            self.stdout.write(self._erased(erasure))
        for fault in verdict.faults:
            self.stdout.write(self.style.ERROR(self._sentence(fault)))
        said = f"{verdict.events} events, {verdict.seals} seals, {verdict.unsealed} not sealed yet, {seconds} s: "
        said += f"{len(verdict.faults)} fault(s)." if verdict.faults else "all as it was sealed."
        self.stdout.write(said)

    def _erased(self, erasure: Erasure) -> str:
        """What an erasure changed, and when."""
        when = f"{erasure.at:%Y-%m-%d %H:%M:%S} UTC" if erasure.at else "nobody says when"
        return f"Account {self._name(erasure.account)}: a person was erased from {erasure.events} event(s), {when}."

    def _sentence(self, fault: Fault) -> str:
        """Where something is wrong, and what."""
        where = f"Account {self._name(fault.account)}"
        if fault.seal is not None:
            where += f", seal {fault.seal}"
        where += f", events {fault.after + 1} to {fault.until}"
        if fault.since and fault.last:
            where += f" ({fault.since:%Y-%m-%d %H:%M:%S} to {fault.last:%Y-%m-%d %H:%M:%S} UTC)"
        return f"{where}: {fault.what}."


def _numbers() -> dict[str, int]:
    """The keys of the accounts by number, and of what happened outside any."""
    with transaction.atomic(), tenancy.everything():
        found = dict(CustomerAccount.objects.values_list("number", "pk"))
    return {"outside": sealing.OUTSIDE, **found}


def _about_how_many() -> int:
    """How many events there are, as PostgreSQL estimates: a count would take as long as the work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT greatest(reltuples, 1)::bigint FROM pg_class WHERE relname = 'accounts_auditevent'")
        number: int = cursor.fetchone()[0]
    return number
