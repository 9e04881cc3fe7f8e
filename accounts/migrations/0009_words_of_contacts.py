"""A contact keeps the words in which a search looks, so that they are not put together for each of an account anew."""

from django.db import migrations, models
from django.db.models import F

from colibox.lib.text import Fold


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_histories_by_index")]

    operations = [
        migrations.AddField(
            "contact",
            "words",
            models.GeneratedField(
                db_persist=True,
                expression=Fold(F("last_name"), F("first_name"), F("function"), F("email"), F("phone"), F("mobile")),
                output_field=models.TextField(),
            ),
        ),
    ]
