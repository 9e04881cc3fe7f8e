"""The index of the newest parcels also holds what the dashboard counts."""

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("tracking", "0004_calls_are_forgotten")]

    operations = [
        migrations.RunSQL("SET LOCAL statement_timeout = 0"),  # of a page, not of what reads a whole table
        migrations.RemoveIndex("parcel", "parcels_newest"),
        migrations.AddIndex(
            "parcel",
            models.Index(
                F("account"), F("created_at").desc(), F("id").desc(),
                name="parcels_newest", include=("status", "delivered_at"),
            ),
        ),
    ]  # fmt: skip
