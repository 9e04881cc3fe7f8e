"""A link says since when it follows a profile, or when the profile's rights were copied."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0011_profiles_row_level_security")]

    operations = [
        migrations.AddField(
            "accountlink",
            "profile_at",
            models.DateTimeField(
                editable=False, help_text="Since when the profile is followed, or when it was copied.", null=True
            ),
        ),
    ]
