"""What a release changes of the shipped profiles that accounts wrote down: proposed to them, never done to people."""

from __future__ import annotations

import hashlib

from django.db import transaction

from colibox.lib import outbox, tenancy
from rights.actions.following import followers_of
from rights.actions.profiles import record
from rights.emails import profiles as emails
from rights.models import AccountLink, Profile
from rights.shipped import BY_CODE

AT_ONCE = 200
"""Accounts whose turn comes at once."""


def propose_changes() -> int:
    """Tell the administrators of what people follow and a release changed, once; how many accounts were looked at.

    What nobody follows becomes what is shipped at once: that changes nobody's rights.
    """
    with transaction.atomic(), tenancy.everything():
        accounts = Profile.objects.untold().order_by("account").values_list("account", flat=True).distinct()
        due = list(accounts[:AT_ONCE])
    for account_id in due:
        with transaction.atomic(), tenancy.everything():
            _propose(account_id)
    return len(due)


def _propose(account_id: int) -> None:
    locked = Profile.objects.untold().filter(account=account_id).select_for_update(of=("self",))
    followed = [profile for profile in locked if not _renewed(profile)]
    for profile in followed:
        record("rights profile change proposed", profile, by=None)
    if followed:
        told = hashlib.sha256(" ".join(profile.proposed for profile in followed).encode()).hexdigest()[:32]
        links = AccountLink.objects.active().filter(account=account_id, role__in=AccountLink.ADMINISTRATORS)
        letters = [(f"profiles:{pk}:{told}", str(uuid), {"link": pk}) for pk, uuid in links.values_list("pk", "uuid")]
        outbox.queue_each(emails.changes_proposed, letters, account_id=account_id)


def _renewed(profile: Profile) -> bool:
    """Note that the account hears of the change; bring it about where nobody follows the profile."""
    pattern, followed = BY_CODE[profile.shipped], followers_of(profile).exists()
    profile.proposed, profile.declined = pattern.digest, False
    if not followed:
        before, profile.rights = {"rights": profile.rights}, list(pattern.rights)
        profile.version += 1
        record("rights profile renewed", profile, by=None, before=before, after={"rights": profile.rights})
    profile.save()
    return not followed
