"""What is asked of a long history is found along an index: what an act or import did, and all but the daily work."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

BUT_DAILY = ~models.Q(verb__in=("parcel franked", "parcel cancelled", "deposit slip made", "labels printed"))


def index(name: str, *fields: str, condition: models.Q) -> AddIndexConcurrently:
    return AddIndexConcurrently("auditevent", models.Index(fields=fields, name=name, condition=condition))


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0007_the_trace_is_never_emptied")]

    operations = [
        index("events_but_daily", "account_id", "-id", condition=BUT_DAILY),
        index("events_but_daily_by_a_person", "actor", "-id", condition=BUT_DAILY),
        index("events_of_an_act", "account_id", "reference", "-id", condition=~models.Q(reference="")),
    ]
