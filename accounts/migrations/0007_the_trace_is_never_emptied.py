"""The tables of the trace refuse to be emptied, as they refuse a change; a seal tells which event is no longer itself."""

from django.db import migrations, models

NEVER_EMPTIED = ";\n".join(
    f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON accounts_{table}"
    " FOR EACH STATEMENT EXECUTE FUNCTION accounts_refuse_change()"
    for table in ("auditevent", "auditseal", "auditerasure")
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_people_are_erased")]

    operations = [
        migrations.AddField("auditseal", "marks", models.BinaryField(default=bytes)),
        migrations.RunSQL(NEVER_EMPTIED),
    ]
