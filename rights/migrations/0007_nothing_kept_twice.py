"""No index and no key that says what another one says already: each costs every person invited.

- The composite keys of 0002 say more than the plain ones: a grant's link exists on the grant's account, which
  exists; a link's person exists, of the link's kind.
- Links by account are found through link_id_with_account, grants through who_has_a_right and one_grant_a_right.
- Nobody looks a digest up by its beginning, for which Django makes a second index.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# By its name: AlterField would take one_owner_an_account, on the same column, for the index to drop.
ACCOUNT_INDEX = "DROP INDEX rights_accountlink_account_id_cb44f022"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_row_level_security"),
        ("rights", "0006_known_addresses"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(ACCOUNT_INDEX)],
            state_operations=[
                migrations.AlterField(
                    model_name="accountlink",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="accounts.customeraccount",
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="accountlink",
            name="token_digest",
            field=models.CharField(max_length=64, null=True),
        ),
        migrations.AlterField(
            model_name="accountlink",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="links",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="grant",
            name="account",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="accounts.customeraccount",
            ),
        ),
        migrations.AlterField(
            model_name="grant",
            name="link",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="grants",
                to="rights.accountlink",
            ),
        ),
        migrations.AddConstraint(
            model_name="accountlink",
            constraint=models.UniqueConstraint(fields=("token_digest",), name="one_link_a_token_digest"),
        ),
    ]
