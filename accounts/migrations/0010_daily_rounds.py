"""Daily rounds note how far they have come, so that a clock that stood catches up."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_words_of_contacts"),
    ]

    operations = [
        migrations.CreateModel(
            name="Round",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("day", models.DateField()),
            ],
            options={
                "verbose_name": "round",
            },
        ),
    ]
