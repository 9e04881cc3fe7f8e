"""Staff find people by the beginning of their last name."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F

from colibox.lib.text import Fold


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("users", "0005_two_reset_a_factor")]

    operations = [
        AddIndexConcurrently("user", models.Index(Fold(F("last_name"), F("first_name")), name="people_by_last_name")),
    ]
