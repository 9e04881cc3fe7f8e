"""An answer is kept once it is whole; calls are found by their age when they are to be forgotten."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0003_status_follows_events")]

    operations = [
        migrations.RunSQL("DELETE FROM tracking_keptanswer WHERE body IS NULL", migrations.RunSQL.noop),
        migrations.AlterField("keptanswer", "status", models.PositiveSmallIntegerField()),
        migrations.AlterField("keptanswer", "content_type", models.CharField(max_length=120)),
        migrations.AlterField("keptanswer", "body", models.BinaryField()),
        migrations.AddIndex(
            "call", django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="calls_to_forget")
        ),
    ]  # fmt: skip
