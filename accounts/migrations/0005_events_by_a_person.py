"""What somebody did is found along an index, as what was done to them is."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0004_structure_row_level_security")]

    operations = [
        AddIndexConcurrently("auditevent", models.Index(fields=["actor", "-id"], name="events_by_a_person")),
    ]
