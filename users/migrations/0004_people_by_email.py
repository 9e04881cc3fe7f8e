"""Staff find people by the beginning of any e-mail, of standard users too."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("users", "0003_second_factor_is_kept")]

    operations = [
        AddIndexConcurrently("user", models.Index(Upper("email"), name="people_by_email_prefix")),
    ]
