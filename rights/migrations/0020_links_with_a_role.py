"""Staff list who manages people along an index: they are few among a million."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("rights", "0019_reviews_suggest")]

    operations = [
        AddIndexConcurrently(
            "accountlink", models.Index("id", name="links_with_a_role", condition=~models.Q(role="member"))
        ),
    ]
