"""The e-mails about profiles; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from colibox.lib import outbox
from rights import catalogue
from rights.models import AccountLink, Profile


def _links(keys: Collection[int]) -> dict[int, AccountLink]:
    return AccountLink.objects.select_related("account", "user").in_bulk(keys)


@outbox.email(link=_links)
def changes_proposed(*, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To an administrator: a release proposes to change profiles that people of the account follow."""
    if link is None or not (link.administers and link.state == AccountLink.State.ACTIVE):
        return None
    outdated = Profile.objects.outdated().filter(account=link.account_id)
    waiting = [profile for profile in outdated if not profile.is_declined]
    if not waiting:
        return None
    with translation.override(link.recipient_language):
        changes = [_change(profile) for profile in waiting]
        title = _title([profile for profile, _gained, _lost in changes])
    return outbox.compose(
        template="rights/emails/profiles_proposed",
        to=link.recipient,
        language=link.recipient_language,
        context={
            "name": link.full_name,
            "account": link.account,
            "title": title,
            "changes": changes,
            "button_url": settings.PUBLIC_BASE_URL + reverse("rights:profiles", args=[link.account.number]),
            "button_label": gettext_lazy("See what changes"),
        },
    )


def _title(profiles: list[str]) -> str:
    if len(profiles) == 1:
        return _("Colibox proposes a change of “%(profile)s”") % {"profile": profiles[0]}
    text = ngettext(
        "Colibox proposes changes of %(n)s profile", "Colibox proposes changes of %(n)s profiles", len(profiles)
    )
    return text % {"n": len(profiles)}


def _change(profile: Profile) -> tuple[str, list[str], list[str]]:
    """The name of a profile, what it gains and what it loses, in words."""
    assert profile.proposal
    now, then = set(profile.rights), set(profile.proposal.rights)
    return str(profile), catalogue.labels(then - now), catalogue.labels(now - then)
