"""The pace of mass mails, which all workers share."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0002_row_level_security")]

    operations = [
        migrations.CreateModel(
            name="Pace",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("free_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "verbose_name": "pace",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="there_is_one_pace")],
            },
        ),
    ]
