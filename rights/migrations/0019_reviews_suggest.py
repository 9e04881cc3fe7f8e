"""A row of a review bears what is suggested about it, and the rights that seem unused."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rights", "0018_own_profile")]

    operations = [
        migrations.AddField(
            "reviewedlink",
            "suggested",
            models.CharField(
                blank=True,
                choices=[("keep", "keep"), ("reduce", "reduce"), ("suspend", "suspend")],
                db_default="",
                editable=False,
                max_length=7,
            ),
        ),
        migrations.AddField(
            "reviewedlink",
            "unused",
            models.JSONField(default=list, help_text="The rights that seem unused, which a reduction would take."),
        ),
    ]
