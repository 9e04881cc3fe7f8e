"""Calling a command as an operator types it."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.core.management import CommandError, call_command


def call(name: str, *arguments: str) -> tuple[int, str, str]:
    """The exit code, what was said, and what was complained of."""
    out, err = StringIO(), StringIO()
    try:
        call_command(name, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def answer(name: str, *arguments: str) -> dict[str, Any]:
    """What a command answers as JSON; it ended with 0."""
    code, said, complaint = call(name, *arguments, "--json")
    assert code == 0, complaint
    facts: dict[str, Any] = json.loads(said)
    return facts
