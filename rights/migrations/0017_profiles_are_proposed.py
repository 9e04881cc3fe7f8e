"""An account keeps what a release proposed for its copy of a shipped profile, and whether it declined."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0016_attached_to_one_place")]

    operations = [
        migrations.AddField(
            "profile",
            "proposed",
            models.CharField(
                db_default="",
                default="",
                editable=False,
                help_text="The fingerprint of the shipped rights that its administrators were last told of.",
                max_length=32,
            ),
        ),
        migrations.AddField(
            "profile",
            "declined",
            models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text="Whether they decided to keep it as it is.",
            ),
        ),
    ]
