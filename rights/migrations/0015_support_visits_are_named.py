"""What several support visits are called."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rights", "0014_own_history")]

    operations = [
        migrations.AlterModelOptions(
            name="supportvisit",
            options={"verbose_name": "support visit", "verbose_name_plural": "support visits"},
        ),
    ]
