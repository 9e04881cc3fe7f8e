"""Several parcels and claims have names of their own in the staff pages."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tracking", "0007_parcels_to_hand_over")]

    operations = [
        migrations.AlterModelOptions("claim", {"verbose_name": "claim", "verbose_name_plural": "claims"}),
        migrations.AlterModelOptions("parcel", {"verbose_name": "parcel", "verbose_name_plural": "parcels"}),
    ]
