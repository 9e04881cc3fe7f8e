"""The role that serves reads what Django keeps for itself, and writes nothing of it: no page and no worker does.

Which migrations were applied decides what the next start does to the tables; groups and permissions of Django's own
would open its pages past our tags.
"""

from django.db import migrations

# From whoever is not the owner: the role that serves, whatever its name is.
REVOKE = """
    DO $$
    DECLARE
        known record;
    BEGIN
        FOR known IN
            SELECT DISTINCT c.oid::regclass AS name,
                CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS role
            FROM pg_class c, aclexplode(c.relacl) a
            WHERE a.grantee <> c.relowner AND c.oid IN (
                'django_migrations'::regclass, 'django_content_type'::regclass, 'django_admin_log'::regclass,
                'auth_permission'::regclass, 'auth_group'::regclass, 'auth_group_permissions'::regclass,
                'users_user_groups'::regclass, 'users_user_user_permissions'::regclass)
        LOOP
            EXECUTE format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM %s', known.name, known.role);
        END LOOP;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0009_shortcuts_switched_off"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [migrations.RunSQL(REVOKE)]
