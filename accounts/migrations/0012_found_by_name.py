"""Staff find an account by the beginning of its company, and a document by that of its number."""

from django.db import migrations, models
from django.db.models import F

from colibox.lib.text import Fold


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_the_database_seals_the_trace")]

    operations = [
        migrations.AddField(
            "customeraccount",
            "company_folded",
            models.GeneratedField(
                db_persist=True, expression=Fold(F("company")), output_field=models.TextField(db_collation="C")
            ),
        ),
        migrations.AddIndex("customeraccount", models.Index(fields=["company_folded"], name="accounts_by_company")),
        migrations.AddIndex("document", models.Index(fields=["number"], name="documents_by_number")),
    ]
