"""Imports are visible within their account's reach; their parts and rows cannot belong to another account."""

from django.db import migrations

from colibox.lib import tenancy

COMPOSITE_KEYS = """
    ALTER TABLE imports_filepart ADD CONSTRAINT part_of_own_import
        FOREIGN KEY (account_id, job_id) REFERENCES imports_importjob (account_id, id) ON DELETE CASCADE;
    ALTER TABLE imports_importrow ADD CONSTRAINT row_of_own_import
        FOREIGN KEY (account_id, job_id) REFERENCES imports_importjob (account_id, id) ON DELETE CASCADE;
    ALTER TABLE imports_importjob ADD CONSTRAINT import_by_own_link
        FOREIGN KEY (account_id, by_id) REFERENCES rights_accountlink (account_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial"), ("rights", "0005_pages_of_people")]

    operations = [
        migrations.RunSQL(tenancy.protect("imports_importjob")),
        migrations.RunSQL(tenancy.protect("imports_filepart")),
        migrations.RunSQL(tenancy.protect("imports_importrow")),
        migrations.RunSQL(COMPOSITE_KEYS),
    ]
