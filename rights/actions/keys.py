"""How connection keys are issued and replaced."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from accounts import audit
from colibox.lib import keys, outbox
from rights.models import ConnectionKey
from users import emails
from users.models import User


@transaction.atomic
def renew_connection_key(*, user: User) -> str:
    """Issue a connection key, kill the former one and tell its owner; the key, to be shown this once."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    outbox.queue(emails.connection_key_renewed, user=user.pk)
    return issue_connection_key(user)


def issue_connection_key(user: User) -> str:
    """Write a new live key of a locked person; the key itself is stored nowhere."""
    revoked = user.connection_keys.filter(revoked_at=None).update(revoked_at=Now())
    public, key = keys.new_connection_key()
    ConnectionKey.objects.create(user=user, public=public, last_four=key[-4:], fingerprint=keys.fingerprint(key))
    verb = "connection key renewed" if revoked else "connection key issued"
    audit.record(verb, by=user, subject=user.uuid, subject_name=str(user), after={"public": public})
    return key
