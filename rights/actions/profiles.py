"""What administrators do to the profiles of their account: make one, change it for all who follow it, remove it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Facts
from colibox.lib import origin
from colibox.lib.text import fold
from rights import catalogue
from rights.actions import following, grants
from rights.actions.bulk import Plan, Stale
from rights.actions.following import Effect, Followers, people_with
from rights.models import AccountLink, Profile
from rights.shipped import Shipped, reserved


class Conflict(Exception):
    """Somebody else changed the profile since it was read; `profile` is how it is now."""

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self.profile = profile


def check_decides(by: AccountLink) -> None:
    """Raise ValidationError unless the holder of `by` decides what the profiles of their account are."""
    if not by.administers:
        raise ValidationError(_("Only an administrator of the whole account changes its profiles."))


@transaction.atomic
def create(*, by: AccountLink, name: str, description: str, rights: Collection[str]) -> Profile:
    """Make a profile of the account. Raises ValidationError on `name` or `rights`."""
    check_decides(by)
    if Profile.objects.filter(account=by.account_id).count() >= Profile.MOST:
        raise ValidationError(_("An account has 100 profiles at most: remove one that nobody needs."))
    profile = Profile(account_id=by.account_id, name=name, description=description, rights=_ordered(rights))
    _save(profile)
    record("rights profile created", profile, by=by, after=_facts(profile))
    return profile


def plan(*, profile: Profile, rights: Collection[str], by: AccountLink) -> Effect:
    """What these rights would do to those who follow the profile, whether or not it is then changed."""
    return Effect.of(following.affected(profile, rights, by=by))


@transaction.atomic
def change(
    *,
    profile: Profile,
    by: AccountLink,
    name: str,
    description: str,
    rights: Collection[str],
    version: int,
    digest: str | None = None,
) -> Followers:
    """Change a profile of the account and the rights of all who follow it, each told once.

    Raises Conflict when somebody changed it in between, Stale when a digest is given and those who follow it
    are no longer as they were when it was shown, ValidationError on `name` or `rights`.
    """
    check_decides(by)
    profile = _lock(profile, version=version)
    if profile.pattern:
        raise ValidationError(_("This profile comes with the portal: copy it to change it."))
    before = _facts(profile)
    found = _affected(profile, rights, by=by, digest=digest)
    profile.name, profile.description, profile.rights = name, description, _ordered(rights)
    _save(profile)
    record("rights profile changed", profile, by=by, before=before, after=_facts(profile))
    _follow(found, by=by)
    return found


@transaction.atomic
def adopt(*, profile: Profile, by: AccountLink, proposal: str, digest: str | None = None) -> Followers:
    """Let a shipped profile be what the portal proposes, and the rights of all who follow it, each told once.

    Raises Conflict when it is no longer what was shown, Stale when those who follow it are not.
    """
    profile, pattern = _lock_proposed(profile, proposal, by=by)
    before = _facts(profile)
    found = _affected(profile, pattern.rights, by=by, digest=digest)
    profile.rights, profile.proposed, profile.declined = list(pattern.rights), pattern.digest, False
    _save(profile)
    record("rights profile proposal adopted", profile, by=by, before=before, after=_facts(profile))
    _follow(found, by=by)
    return found


@transaction.atomic
def decline(*, profile: Profile, by: AccountLink, proposal: str) -> None:
    """Keep a shipped profile as the account has it, until a release proposes something else. May raise Conflict."""
    profile, pattern = _lock_proposed(profile, proposal, by=by)
    if not profile.is_declined:
        profile.proposed, profile.declined = pattern.digest, True
        profile.save(update_fields=["proposed", "declined"])
        record("rights profile proposal declined", profile, by=by)


def _lock_proposed(profile: Profile, proposal: str, *, by: AccountLink) -> tuple[Profile, Shipped]:
    """The profile, which nobody applies meanwhile, and what was shown of what is proposed for it."""
    check_decides(by)
    profile = _lock(profile)
    if profile.proposal is None or profile.proposal.digest != proposal:
        raise Conflict(profile)
    return profile, profile.proposal


def _affected(profile: Profile, rights: Collection[str], *, by: AccountLink, digest: str | None) -> Followers:
    """What it does to those who follow a locked profile, locked as well; Stale if that was not what was shown."""
    following.lock(following.followers_of(profile))
    found = following.affected(profile, rights, by=by)
    if digest is not None and digest != found.digest:
        raise Stale(Effect.of(found))
    return found


def _follow(found: Followers, *, by: AccountLink) -> None:
    """Let those who follow a profile be as it is now; whom one may not change keeps a copy of what it was."""
    with _told_as(found.profile):
        following.move(found, by=by)


REMOVAL = """
    SELECT left(encode(sha256(convert_to(
        coalesce(string_agg(id || ':' || version || ':[]:[]', ',' ORDER BY id), ''), 'UTF8')), 'hex'), 32)
    FROM rights_accountlink WHERE account_id = %s AND profile_id = %s AND state <> 'ended'
"""
"""The digest of the plan that leaves all these people alone, without reading them."""


def plan_removal(*, profile: Profile) -> str:
    """The digest of what the end of a profile does: it leaves people on their own, their rights as they are."""
    with connection.cursor() as cursor:
        cursor.execute(REMOVAL, [profile.account_id, profile.pk])
        digest: str = cursor.fetchone()[0]
    return digest


@transaction.atomic
def remove(*, profile: Profile, by: AccountLink, digest: str) -> None:
    """Remove a profile of the account; who followed it or copied it keeps their rights as they are.

    Raises Stale when these people are no longer those that were shown.
    """
    check_decides(by)
    profile = _lock(profile)
    if profile.pattern:
        raise ValidationError(_("This profile comes with the portal: it stays."))
    people = following.lock(people_with(profile))
    if digest != plan_removal(profile=profile):
        raise Stale(Plan())
    record("rights profile removed", profile, by=by, before=_facts(profile))
    with _told_as(profile):
        following.leave(profile, people, by=by)
    AccountLink.objects.filter(profile=profile).update(profile=None, follows_profile=False, profile_at=None)  # ended
    profile.delete()


def _lock(profile: Profile, *, version: int | None = None) -> Profile:
    """The profile as it is now, which nobody applies or changes until the transaction ends."""
    current = Profile.objects.select_for_update(of=("self",)).filter(pk=profile.pk).first()
    if current is None:
        raise ValidationError(_("This profile was removed meanwhile."))
    if version is not None and current.version != version:
        raise Conflict(current)
    return current


def _told_as(profile: Profile) -> AbstractContextManager[None]:
    """What happens to people meanwhile belongs to the change of this profile."""
    return origin.of(replace(origin.current(), reference=f"profile:{profile.uuid}"))


def _ordered(rights: Collection[str]) -> list[str]:
    """These rights as a profile keeps them. Raises ValidationError on `rights`."""
    ordered = [right.code for right in catalogue.RIGHTS if right.code in rights]
    if not ordered:
        raise ValidationError({"rights": _("Choose at least one right, for example consolidated tracking.")})
    grants.check_choice(ordered, tags=["*"])  # each person's own tags decide
    return ordered


def _save(profile: Profile) -> None:
    """Write the next version of a profile whose name is its own. Raises ValidationError on `name`."""
    taken = ValidationError({"name": _("This account has a profile of this name already: choose another one.")})
    if not profile.pattern and fold(profile.name) in reserved():
        raise taken
    profile.version += profile.pk is not None
    try:
        with transaction.atomic():
            profile.save()
    except IntegrityError:
        raise taken from None


def _facts(profile: Profile) -> Facts:
    return {"name": profile.name, "description": profile.description, "rights": profile.rights}


def record(
    verb: str, profile: Profile, *, by: AccountLink | None, before: Facts | None = None, after: Facts | None = None
) -> None:
    """Write the event of a change of a profile: what was and what is, where they differ."""
    before, after = before or {}, after or {}
    same = {name for name in before if name in after and before[name] == after[name]}
    audit.record(
        verb,
        by=by.user if by else None,
        account_id=profile.account_id,
        subject=profile.uuid,
        subject_name=profile.name,
        before={name: value for name, value in before.items() if name not in same},
        after={name: value for name, value in after.items() if name not in same},
    )
