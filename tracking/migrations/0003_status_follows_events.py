"""The database keeps a parcel's status by its latest event, and deals number ranges out once."""

from django.db import migrations

# The latest by time, then by step, then by code, so that the order in which events arrive changes nothing. The parcels are
# locked first, in one order: who waited there sees in the next statement what the other transaction has told.
STATUS = """
    CREATE FUNCTION tracking_keep_status() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM tracking_parcel parcel WHERE parcel.id IN (SELECT parcel_id FROM added)
            ORDER BY parcel.id FOR NO KEY UPDATE;
        UPDATE tracking_parcel parcel
        SET event = latest.code, event_at = latest.at, place = latest.place,
            delivered_at = CASE WHEN latest.step = 5 THEN latest.at END
        FROM (
            SELECT DISTINCT ON (parcel_id) parcel_id, account_id, code, at, place, step
            FROM added ORDER BY parcel_id, at DESC, step DESC, code DESC
        ) latest
        WHERE parcel.id = latest.parcel_id AND parcel.account_id = latest.account_id
          AND (NOT EXISTS (
                  SELECT FROM tracking_trackingevent other
                  WHERE other.parcel_id = parcel.id
                    AND (other.at, other.step, other.code) > (latest.at, latest.step, latest.code)
              ))
          AND (parcel.event, parcel.event_at, parcel.place) IS DISTINCT FROM (latest.code, latest.at, latest.place);
        RETURN NULL;
    END $$;
    CREATE TRIGGER keep_status AFTER INSERT ON tracking_trackingevent
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tracking_keep_status();
"""

NUMBERS = """
    CREATE SEQUENCE tracking_national_blocks MINVALUE 0 MAXVALUE 99999;
    CREATE SEQUENCE tracking_international_blocks MINVALUE 0 MAXVALUE 9999;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0002_row_level_security")]

    operations = [migrations.RunSQL(STATUS), migrations.RunSQL(NUMBERS)]
