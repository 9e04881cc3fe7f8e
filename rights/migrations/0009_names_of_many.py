"""Several entitlements have a name of their own in the staff pages."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rights", "0008_several_connection_keys")]

    operations = [
        migrations.AlterModelOptions(
            "entitlement", {"verbose_name": "entitlement", "verbose_name_plural": "entitlements"}
        ),
    ]
