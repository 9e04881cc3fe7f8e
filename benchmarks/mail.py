"""How fast invitations leave: deliver() of one process against ready bytes on one SMTP connection, in one run.

The two take turns, so that whatever else the machine does slows them alike. The mails are real: made from the rows
of links, rights and people, in two languages, marked before and settled after each.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import smtplib
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

import django
from django.utils import timezone

from benchmarks import throwaway
from benchmarks.pages import ROOT, environment, free_port

GOAL, BEYOND = 0.65, 0.8
RIGHTS = ("coliship", "tracking_ws", "tool_consolidated")


def sink() -> int:
    """The port of an SMTP server, a process of its own, that takes everything and keeps nothing."""
    port = free_port()
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    server = subprocess.Popen(command)
    atexit.register(server.terminate)
    for _attempt in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return port
    raise SystemExit("The mail server did not start.")


def become_a_worker() -> int:
    """Make this process one of the portal's, on a migrated database of its own; the port of its mail server."""
    owner_url, app_url = throwaway.start()
    migrate = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
    subprocess.run(migrate, cwd=ROOT, env=environment(owner_url, 8000), check=True)
    port = sink()
    os.environ.update(environment(app_url, 8000), EMAIL_URL=f"smtp://127.0.0.1:{port}", MAILS_PER_SECOND="0")
    os.environ["DJANGO_SETTINGS_MODULE"] = "colibox.settings"
    django.setup()
    return port


def invite(count: int) -> tuple[Callable[[], None], bytes]:
    """So many people invited by one administrator: what queues a mail to each of them, once a call, and one mail."""
    from django.db import transaction

    from accounts.models import CustomerAccount
    from colibox.lib import outbox, tenancy
    from colibox.lib.outbox import wire
    from rights.emails import links as emails
    from rights.models import AccountLink, Grant
    from users.models import User

    with transaction.atomic(), tenancy.everything():
        account = CustomerAccount.objects.create(number="900138", company="Comptoir du Nord", email="c@nord.example")
        by = User.objects.create_user(username="odile", email="o@nord.example", kind="staff", last_name="Hervé")
        links = AccountLink.objects.bulk_create(
            AccountLink(
                account=account, kind="advanced", generation=1, invited_by=by, language="en" if n % 10 == 0 else "fr",
                last_name=f"Dupont {n}", first_name="Éric", email=f"eric.dupont{n}@agence{n % 97}.example",
                expires_at=timezone.now() + timedelta(hours=48),
            )
            for n in range(count)
        )  # fmt: skip
        Grant.objects.bulk_create(
            Grant(account=account, link=link, right=right, given_by_name="Odile") for link in links for right in RIGHTS
        )

    def queue() -> None:
        with transaction.atomic(), tenancy.everything():
            outbox.Mail.objects.bulk_create(
                outbox.draft(
                    emails.invitation, account_id=account.pk, about=link.uuid, priority=outbox.Mail.Priority.BULK,
                    link=link.pk, generation=1,
                )
                for link in links
            )  # fmt: skip

    with transaction.atomic(), tenancy.everything():
        message = emails.invitation(link=links[0].pk, generation=1)
        assert message is not None
    return queue, wire.written(message)


def rate(count: int, send: Callable[[], None]) -> float:
    began = time.perf_counter()
    send()
    return count / (time.perf_counter() - began)


def measure(port: int, *, count: int, rounds: int) -> dict[str, list[float]]:
    """Mails a second of both, round by round."""
    from colibox.lib.outbox import tasks

    queue, ready = invite(count)
    rates: dict[str, list[float]] = {"limit": [], "ours": []}
    post = smtplib.SMTP("127.0.0.1", port)

    def limit() -> None:
        for n in range(count):
            post.sendmail("noreply@colibox.example", [f"eric.dupont{n}@agence.example"], ready)

    def ours() -> None:
        sent = 0
        while sent < count and (went := tasks.deliver()):
            sent += went
        if sent != count:
            raise SystemExit(f"{sent} of {count} went.")

    for number in range(rounds + 1):
        queue()
        turns = {"limit": limit, "ours": ours}
        for name, send in sorted(turns.items(), reverse=number % 2 == 1):
            found = rate(count, send)
            if number:  # the first round warms up
                rates[name].append(found)
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=500, help="how many mails a round")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    rates = measure(become_a_worker(), count=given.mails, rounds=given.rounds)
    ratios = [ours / limit for ours, limit in zip(rates["ours"], rates["limit"], strict=True)]
    print("round  limit/s  ours/s  ratio")
    for number, (limit, ours) in enumerate(zip(rates["limit"], rates["ours"], strict=True), start=1):
        print(f"{number:5}  {limit:7.0f}  {ours:6.0f}  {ours / limit:5.2f}")
    print(f"Goal {GOAL}, {BEYOND} beyond; median {statistics.median(ratios):.2f}")
    told = {name: round(statistics.median(values)) for name, values in rates.items()}
    print(json.dumps({"ratio_mail": round(statistics.median(ratios), 3), "mails_per_second": told}))


if __name__ == "__main__":
    main()
