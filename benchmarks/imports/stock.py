"""The same work by a plain resource of django-import-export: `python -m benchmarks.imports.stock FILE RESULT`.

Row by row and with its defaults; each row is checked by the form that the screens use, under the same
ceiling, and saved with its grants, its event and its mail. It keeps no rows to resume from, and is called without
the dry run that the admin begins with.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import django
from tablib import Dataset  # type: ignore[attr-defined]

from benchmarks.imports.files import RIGHTS
from benchmarks.imports.process import peak

COLUMNS = {
    "last_name": "Nom", "first_name": "Prénom", "function": "Fonction", "email": "Email", "phone": "Téléphone",
    "address_1": "Adresse", "address_2": "Adresse, ligne 2", "postcode": "Code postal", "town": "Ville",
    "country": "Pays",
}  # fmt: skip
YES_NO = {"oui": True, "non": False}


def resource() -> type[Any]:
    """The resource; made once Django is set up."""
    from django.core.exceptions import ValidationError  # Django knows its settings from now on
    from django.utils import timezone
    from import_export import fields, resources

    from accounts import audit
    from colibox.lib import keys, outbox
    from rights import catalogue
    from rights.actions import grants
    from rights.emails import links as emails
    from rights.models import AccountLink, Grant
    from users.forms import IdentityForm
    from users.models import User

    class LinkResource(resources.ModelResource):
        class Meta:
            model = AccountLink
            fields = (*COLUMNS, "tags")
            import_id_fields = ("email",)

        def __init__(self, by: AccountLink) -> None:
            super().__init__()
            self.by = by
            self.fields = {name: fields.Field(name, heading) for name, heading in (*COLUMNS.items(), ("tags", "Tag"))}

        def get_queryset(self) -> Any:
            return AccountLink.objects.for_account(self.by.account).filter(kind="advanced")

        def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
            data = {name: row[heading] for name, heading in COLUMNS.items()}
            form = IdentityForm({**data, "country": {"France": "FR"}.get(data["country"], "")})
            if not form.is_valid():
                raise ValidationError(dict(form.errors.items()))
            row.update({heading: form.identity()[name] for name, heading in COLUMNS.items()})
            try:
                row["rights"] = [code for code, heading in RIGHTS.items() if YES_NO[row[heading]]]
            except KeyError as word:
                raise ValidationError(f"{word}: oui ou non") from None
            row["Tag"] = [row["Tag"]] if row["Tag"] else []
            grants.check(self.by, row["rights"], AccountLink.Kind.ADVANCED)
            grants.check_choice(row["rights"], row["Tag"])

        def before_save_instance(self, instance: AccountLink, row: dict[str, Any], **kwargs: Any) -> None:
            instance.account, instance.kind, instance.generation = self.by.account, AccountLink.Kind.ADVANCED, 1
            instance.invitee = User.objects.advanced_with_email(instance.email).first()
            instance.token_digest = keys.digest(keys.invitation_token(str(instance.uuid), 1))
            instance.invited_by, instance.invited_at = self.by.user, timezone.now()
            instance.expires_at = timezone.now() + timedelta(hours=48)

        def after_save_instance(self, instance: AccountLink, row: dict[str, Any], **kwargs: Any) -> None:
            Grant.objects.bulk_create(
                Grant(
                    account=self.by.account, link=instance, right=code, choice=catalogue.BY_CODE[code].choice,
                    given_by=self.by.user, given_by_name=str(self.by),
                )
                for code in row["rights"]
            )  # fmt: skip
            audit.record(
                "person invited", by=self.by.user, account_id=instance.account_id, subject=instance.uuid,
                subject_name=str(instance), after={"rights": row["rights"], "tags": instance.tags},
            )  # fmt: skip
            outbox.queue(
                emails.invitation, key=f"invitation:{instance.uuid}:1", account_id=instance.account_id,
                about=instance.uuid, link=instance.pk, generation=1,
            )  # fmt: skip

        def after_import(self, dataset: Dataset, result: Any, **kwargs: Any) -> None:
            """Leave the sequence alone: the portal's role may not set it back, and no key was brought along."""

    return LinkResource


def main(path: Path, result: Path) -> None:
    django.setup()
    from django.db import transaction

    from colibox.lib import origin, tenancy
    from rights.models import AccountLink

    LinkResource = resource()  # noqa: N806
    with transaction.atomic(), tenancy.everything():
        by = AccountLink.objects.select_related("account", "user").get(account__number="900138", role="owner")
    base, began = peak(), time.perf_counter()
    where = origin.Origin(channel="import", reference=f"import:{uuid4()}")
    with origin.of(where), transaction.atomic(), tenancy.scope(accounts=[by.account_id]):
        dataset = Dataset().load(path.read_text("utf-8-sig"), format="csv", delimiter=";")
        told = LinkResource(by).import_data(dataset, raise_errors=False)
    if told.has_errors():
        raise SystemExit(str([*told.base_errors, *told.row_errors()][:3]))
    wrong = {row.number: str(row.error) for row in told.invalid_rows}
    with result.open("w") as file:
        file.writelines(f"{number};{wrong.get(number, 'OK')}\n" for number in range(1, len(dataset) + 1))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "base_mb": base, "peak_mb": peak(), "refused": len(wrong)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
