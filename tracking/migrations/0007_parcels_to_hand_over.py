"""What waits for a deposit slip is counted and listed without a look at the parcels that left long ago."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("tracking", "0006_pages_by_index")]

    operations = [
        migrations.AddIndex(
            "parcel",
            models.Index(
                F("account"),
                F("created_at"),
                F("id"),
                name="parcels_to_hand_over",
                condition=Q(slip__isnull=True, cancelled_at__isnull=True, event="DR1", label__isnull=False),
            ),
        ),
    ]
