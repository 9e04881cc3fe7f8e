"""Whose access ends soon is found along an index: they are few among the people of an account."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("rights", "0020_links_with_a_role")]

    operations = [
        AddIndexConcurrently(
            "accountlink",
            models.Index("account", "ends_on", name="people_by_end", condition=models.Q(ends_on__isnull=False)),
        ),
    ]
