"""Blocks of rows, each held by a worker of its own; their import's number of the last row is that of the last block."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from colibox.lib import tenancy

OWN_IMPORT = """
    ALTER TABLE imports_block ADD CONSTRAINT block_of_own_import
        FOREIGN KEY (account_id, job_id) REFERENCES imports_importjob (account_id, id) ON DELETE CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_row_level_security")]

    operations = [
        migrations.AlterField(
            model_name="importjob",
            name="position",
            field=models.PositiveIntegerField(
                default=0, help_text="The number of the last row that a block was made of."
            ),
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lease_until", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("attempt", models.PositiveIntegerField(default=0)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                ("account_id", models.BigIntegerField()),
                ("first", models.PositiveIntegerField(help_text="The number of its first row.")),
                ("last", models.PositiveIntegerField()),
                (
                    "job",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocks",
                        to="imports.importjob",
                    ),
                ),
            ],
            options={
                "verbose_name": "block of rows",
            },
        ),
        migrations.RunSQL(tenancy.protect("imports_block")),
        migrations.RunSQL(OWN_IMPORT),
    ]
