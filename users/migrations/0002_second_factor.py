"""Whether a person has a second factor, beside their name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="second_factor",
            field=models.BooleanField(
                db_default=False, editable=False, help_text="Whether the person has one: kept by the database."
            ),
        ),
    ]
