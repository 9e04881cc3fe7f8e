"""Staff, and people who may no longer sign in, are listed along an index: they are few among a million."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def index(name: str, **condition: object) -> AddIndexConcurrently:
    return AddIndexConcurrently("user", models.Index("id", name=name, condition=models.Q(**condition)))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("users", "0006_found_by_last_name")]

    operations = [index("people_who_are_staff", kind="staff"), index("people_who_left", is_active=False)]
