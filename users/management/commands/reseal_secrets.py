"""`manage.py reseal_secrets`: what is sealed under a former SECRET_KEY, sealed under the present one."""

from __future__ import annotations

from typing import Any

from colibox.lib.commands import REFUSED, Facts, OperatorCommand
from users import actions


class Command(OperatorCommand):
    """Once it is done, the former key may leave SECRET_KEY_FALLBACKS; run again, it does no harm."""

    help = "Seal the secrets of second factors under the present SECRET_KEY, so that former ones can be forgotten."
    example = "reseal_secrets --dry-run"

    def answer(self, **options: Any) -> Facts:
        resealed, lost = actions.reseal_factors()
        self.code = REFUSED if lost else 0
        return {"resealed": resealed, "unreadable": lost}
