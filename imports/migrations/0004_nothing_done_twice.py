"""Nothing is checked twice, and no part of a file is compressed that is deleted within seconds.

The composite keys of 0002 say more than the plain ones: a row's import exists, on the row's account.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_blocks")]

    operations = [
        migrations.AlterField(
            model_name="filepart",
            name="job",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="parts",
                to="imports.importjob",
            ),
        ),
        migrations.AlterField(
            model_name="importrow",
            name="job",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="rows",
                to="imports.importjob",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE imports_filepart ALTER COLUMN data SET STORAGE EXTERNAL",
            "ALTER TABLE imports_filepart ALTER COLUMN data SET STORAGE EXTENDED",
        ),
    ]
