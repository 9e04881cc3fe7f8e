"""Nobody looks a key up by its beginning, for which Django makes a second index: each mail had to be in both."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("outbox", "0005_outside_accounts")]

    operations = [
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(fields=["key"], name="one_mail_a_key"),
        ),
        migrations.AlterField(model_name="mail", name="key", field=models.CharField(max_length=150)),
    ]
