"""The carrier lets a person sign in nowhere: since when is kept apart from who left."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0007_few_among_many"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="suspended_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="suspended on"),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(suspended_at=None) | Q(is_active=False), name="suspended_person_signs_in_nowhere"
            ),
        ),
    ]
