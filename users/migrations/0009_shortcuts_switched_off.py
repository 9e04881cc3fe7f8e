"""Whoever is led astray by keys of one letter can do without them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0008_suspended_everywhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="keyboard_shortcuts",
            field=models.BooleanField(db_default=True, default=True, verbose_name="keyboard shortcuts"),
        ),
    ]
