"""An attachment names one place: a sub-account or a site, never both."""

from django.db import migrations, models
from django.db.models import Q

ONE_PLACE = """
    DELETE FROM rights_attachment WHERE site_id IS NOT NULL AND id NOT IN (
        SELECT min(id) FROM rights_attachment WHERE site_id IS NOT NULL GROUP BY link_id, site_id);
    UPDATE rights_attachment SET sub_account_id = NULL WHERE site_id IS NOT NULL AND sub_account_id IS NOT NULL;
    SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("rights", "0015_support_visits_are_named")]

    operations = [
        migrations.RunSQL(ONE_PLACE, migrations.RunSQL.noop),
        migrations.RemoveConstraint("attachment", "attachment_is_somewhere"),
        migrations.AddConstraint(
            "attachment",
            models.CheckConstraint(
                condition=Q(sub_account=None, site__isnull=False) | Q(sub_account__isnull=False, site=None),
                name="attachment_is_to_one_place",
            ),
        ),
    ]
