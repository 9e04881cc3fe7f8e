"""What a worker writes down between two mails, planned once a connection: it is the price of each of them."""

from django.db import migrations

GO_ON = """
    CREATE FUNCTION outbox_go_on(gone bigint, gone_attempts int, following bigint, following_attempts int, lease interval)
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        PERFORM set_config('synchronous_commit', 'off', true);
        UPDATE outbox_mail SET state = 'sent', error = '', sent_at = statement_timestamp()
            WHERE id = gone AND attempts = gone_attempts;
        UPDATE outbox_mail SET state = 'sending', next_try_at = statement_timestamp() + lease
            WHERE id = following AND attempts = following_attempts;
        RETURN FOUND;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_pace")]

    operations = [migrations.RunSQL(GO_ON, "DROP FUNCTION outbox_go_on")]
