"""`manage.py doctor`: what is wrong, and how to mend it."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.utils import translation

from colibox.lib.commands import REFUSED, HelpfulCommand
from colibox.lib.health import checks


class Command(HelpfulCommand):
    """Looks only; it answers within half a minute, whatever is down."""

    help = (
        "Examine what the portal stands on: database, role and row-level security, migrations, clock, e-mails, cache,\n"
        "broker, workers, scheduler, mail server, storage, settings. Each fault is said with its remedy."
    )
    example = "doctor --json"
    codes = "Exit code 0: all is well; 1: something is not; 2: the call is wrong."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        with translation.override("en"):
            findings = checks.examine()
        faults = [finding for finding in findings if finding.ok is False]
        if options["json"]:
            facts = {"ok": not faults, "checks": [finding.facts() for finding in findings]}
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            for finding in findings:
                self.stdout.write("\n".join(_lines(finding)))
            self.stdout.write(
                f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}." if faults else "All is well."
            )
        if faults:
            sys.exit(REFUSED)


def _lines(finding: checks.Finding) -> list[str]:
    sign = {True: "ok", False: "FAULT", None: "–"}[finding.ok]
    lines = [f"{sign:<7}{finding.name:<20}{finding.said}"]
    return [*lines, f"{'':<27}→ {finding.fix}"] if finding.fix else lines
