"""The e-mails about who administers an account; rendered when they leave, None when no longer true."""

from __future__ import annotations

from collections.abc import Collection

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colibox.lib import objecting, outbox
from rights.models import AccountLink, Handover
from users.models import User

State, Role = Handover.State, AccountLink.Role


def _changes(keys: Collection[int]) -> dict[int, Handover]:
    return Handover.objects.select_related("account", "former", "successor").in_bulk(keys)


def _links(keys: Collection[int]) -> dict[int, AccountLink]:
    return AccountLink.objects.select_related("account", "user", "invitee").in_bulk(keys)


def _people(keys: Collection[int]) -> dict[int, User]:
    return User.objects.in_bulk(keys)


@outbox.email(link=_links)
def role_changed(*, link: AccountLink | None, before: str, after: str, by: str) -> EmailMultiAlternatives | None:
    """To whoever was given a role, or lost one."""
    if link is None or link.user is None or link.role != after:
        return None
    with translation.override(link.recipient_language):
        names = {"by": by, "number": link.account.number, "company": link.account.company}
        sentences = {
            Role.ADMINISTRATOR: _(
                "%(by)s made you an administrator of the account %(number)s (%(company)s): you hold all its"
                " rights and manage everybody but its owner."
            ),
            Role.LOCAL: _(
                "%(by)s made you a local administrator of the account %(number)s (%(company)s): you manage the"
                " people of your sites, sub-accounts and tags, and give them the rights you hold."
            ),
            Role.MANAGER: _(
                "%(by)s made you a membership manager of the account %(number)s (%(company)s): you add, suspend"
                " and remove people; others give them rights."
            ),
            Role.MEMBER: _(
                "%(by)s withdrew your role on the account %(number)s (%(company)s): you no longer manage people"
                " there. Your own rights stay."
            ),
        }
        title = _("Your role on the account %(number)s has changed") % names
        text = [sentences[Role(after)] % names]
        path = reverse("accounts:account", args=[link.account.number])
        return _compose(link, title, text, path, _("Open Colibox"))


# A change of owner: each of the two is written to in words of their own.


@outbox.email(change=_changes, link=_links)
def offered(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To whom the account is offered; and to its owner, in case it was not them."""
    if change is None or link is None or change.state != State.OFFERED:
        return None
    with translation.override(link.recipient_language):
        facts = _facts(change)
        if link.pk == change.former_id:
            text = _(
                "You offered the administration of the account %(number)s (%(company)s) to %(successor)s."
                " Nothing changes before they accept, nor for 24 hours after that: until then you can cancel it."
            )
            title = _("You offered the account %(number)s to %(successor)s") % facts
            return _letter(change, link, title, [text % facts], _("See or cancel the offer"))
        text = _(
            "%(former)s offers you the administration of the account %(number)s (%(company)s): you would hold"
            " all its rights, manage everybody on it and name its administrators."
        )
        title = _("%(former)s offers you the account %(number)s") % facts
        until = _("Answer before %(due)s. Nothing changes until you accept.")
        return _letter(change, link, title, [text % facts, until % facts], _("See the offer"))


@outbox.email(change=_changes, link=_links)
def accepted(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """The successor accepted: the owner has a day to call it off, and the other administrators know."""
    if change is None or link is None or change.state != State.ACCEPTED:
        return None
    with translation.override(link.recipient_language):
        facts = _facts(change)
        title = _("The account %(number)s passes to %(successor)s on %(due)s") % facts
        if link.pk == change.former_id:
            text = _(
                "%(successor)s accepted the administration of the account %(number)s (%(company)s). On %(due)s"
                " your sessions end, and you keep only the rights that are given to you."
            )
            return _letter(change, link, title, [text % facts, _("Until then you can cancel it.")], _("See or cancel"))
        if link.pk != change.successor_id:
            text = _(
                "%(successor)s accepted the administration of the account %(number)s (%(company)s) in place of"
                " %(former)s, who can cancel it until %(due)s. Your own role stays as it is."
            )
            return _letter(change, link, title, [text % facts], _("See the administrators"))
        text = _(
            "You accepted the administration of the account %(number)s (%(company)s). It is yours on %(due)s,"
            " unless %(former)s cancels it before. Until then you can withdraw your acceptance."
        )
        return _letter(change, link, title, [text % facts], _("See what is planned"))


@outbox.email(change=_changes, link=_links)
def refused(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To the owner, and who else knew: the successor declined."""
    if change is None or link is None or change.state != State.REFUSED or link.pk == change.successor_id:
        return None
    with translation.override(link.recipient_language):
        facts = _facts(change)
        text = _("%(successor)s declined the administration of the account %(number)s (%(company)s): you keep it.")
        if link.pk != change.former_id:
            text = _("%(successor)s declined the administration of the account %(number)s (%(company)s).")
        title = _("%(successor)s declined the account %(number)s") % facts
        return _letter(change, link, title, [text % facts], _("See what was planned"))


@outbox.email(change=_changes, link=_links)
def lapsed(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To the owner: nobody answered the offer in time."""
    text = gettext_lazy(
        "%(successor)s did not answer your offer of the account %(number)s (%(company)s) in 7 days: you keep it."
    )
    return _to_owner(change, link, State.LAPSED, gettext_lazy("Your offer of the account %(number)s has lapsed"), text)


@outbox.email(change=_changes, link=_links)
def failed(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To the owner: the time had come, and the successor no longer had an active access."""
    text = gettext_lazy(
        "%(successor)s no longer has an active access to the account %(number)s (%(company)s): you keep it."
    )
    title = gettext_lazy("The change of administrator of the account %(number)s was not made")
    return _to_owner(change, link, State.CANCELLED, title, text)


@outbox.email(change=_changes, link=_links)
def cancelled(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To both, and who else knew: it was called off."""
    if change is None or link is None:
        return None
    with translation.override(link.recipient_language):
        facts = _facts(change)
        title = _("The change of administrator of the account %(number)s is called off") % facts
        text = _("The account %(number)s (%(company)s) does not pass to %(successor)s: nothing has changed.")
        if link.pk == change.successor_id:
            text = _("The account %(number)s (%(company)s) does not pass to you: nothing has changed.")
        return _letter(change, link, title, [text % facts], _("See what was planned"))


@outbox.email(change=_changes, link=_links)
def announced(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """The carrier gives the account another owner: the present one has 72 hours to object."""
    if change is None or link is None or change.state != State.ACCEPTED:
        return None
    with translation.override(link.recipient_language):
        facts = _facts(change)
        title = _("The account %(number)s passes to %(successor)s on %(due)s") % facts
        if link.pk == change.former_id:
            text = _(
                "The carrier was asked to give the account %(number)s (%(company)s) another administrator:"
                " %(successor)s. A written proof was handed in, and two members of staff agreed. The reason:"
                " %(reason)s"
            )
            until = _(
                "You still administer it? Object before %(due)s: the button below stops everything, and you need not"
                " sign in."
            )
            path = reverse("rights:object", args=[objecting.make("handover", change.pk, change.account_id)])
            return _compose(link, title, [text % facts, until % facts], path, _("See and object"))
        if link.pk != change.successor_id:
            text = _(
                "The carrier was asked to give the account %(number)s (%(company)s) another owner: %(successor)s."
                " It is theirs on %(due)s, unless %(former)s objects. If %(former)s still works with you, tell them"
                " at once."
            )
            return _letter(change, link, title, [text % facts], _("See the administrators"))
        text = _(
            "The carrier was asked to make you the administrator of the account %(number)s (%(company)s). It is"
            " yours on %(due)s, unless its present administrator objects. Until then you can decline."
        )
        return _letter(change, link, title, [text % facts], _("See what is planned"))


@outbox.email(change=_changes, link=_links)
def done(*, change: Handover | None, link: AccountLink | None) -> EmailMultiAlternatives | None:
    """To everybody who manages people, and to the former owner: the account has another one."""
    if change is None or link is None or change.state != State.DONE:
        return None
    with translation.override(link.recipient_language):
        facts = _facts(change)
        title = _("%(successor)s now owns the account %(number)s") % facts
        text = [_("From now on %(successor)s is the owner of the account %(number)s (%(company)s).") % facts]
        if link.pk == change.successor_id:
            text = [
                _(
                    "You are now the owner of the account %(number)s (%(company)s): you hold all its"
                    " rights and manage everybody on it. You sign in as before, with your own user name."
                )
                % facts
            ]
        if link.pk == change.former_id:
            text.append(
                _(
                    "You no longer administer it: your sessions were ended, and you keep the rights that are"
                    " given to you, if there are any. Ask %(successor)s for those you need."
                )
                % facts
            )
        path = reverse("rights:administrators", args=[change.account.number])
        own = path if link.pk != change.former_id else reverse("rights:my_rights")
        return _compose(link, title, text, own, _("Open Colibox"))


@outbox.email(change=_changes, staff=_people)
def staff_told(*, change: Handover | None, staff: User | None, by_mail: bool = False) -> EmailMultiAlternatives | None:
    """To the members of staff who asked or confirmed: it was objected to, declined, or not confirmed in time."""
    if change is None or staff is None:
        return None
    with translation.override(staff.language):
        facts = _facts(change)
        title = _("The change of administrator of the account %(number)s is called off") % facts
        sentences = {
            State.CANCELLED: _(
                "%(former)s objected: the account %(number)s (%(company)s) stays theirs. To ask again, hand in"
                " another proof."
            ),
            State.REFUSED: _(
                "%(successor)s declined: the account %(number)s (%(company)s) keeps its present owner. Ask again for"
                " somebody else."
            ),
            State.LAPSED: _(
                "No second member of staff confirmed in 7 days that the account %(number)s (%(company)s) passes"
                " to %(successor)s."
            ),
        }
        text = [sentences[State(change.state)] % facts] if change.state in sentences else []
        if by_mail:
            text.append(_("They did so by the link of the e-mail that told them, without signing in."))
        path = reverse("admin:rights_handover_change", args=[change.pk])
        context = _context(staff.full_name, title, text, path, _("See the request"), "")
    return outbox.compose(template="rights/emails/handover", to=staff.email, language=staff.language, context=context)


def _facts(change: Handover) -> dict[str, str]:
    """What the sentences name, in the language that is on."""
    due = timezone.localtime(change.due_at) if change.due_at else None
    moment = (
        {"day": formats.date_format(due, "SHORT_DATE_FORMAT"), "time": formats.time_format(due, "TIME_FORMAT")}
        if due
        else {}
    )
    return {
        "number": change.account.number,
        "company": change.account.company,
        "former": str(change.former or "Colibox"),
        "successor": str(change.successor),
        "reason": change.reason,
        "due": _("%(day)s at %(time)s") % moment if moment else "",
    }


def _to_owner(
    change: Handover | None, link: AccountLink | None, state: str, title: Promise, text: Promise
) -> EmailMultiAlternatives | None:
    """A mail that only the owner needs."""
    if change is None or link is None or change.state != state or link.pk != change.former_id:
        return None
    with translation.override(link.recipient_language):
        facts = _facts(change)
        return _letter(change, link, str(title) % facts, [str(text) % facts], _("See what was planned"))


def _letter(change: Handover, link: AccountLink, title: str, text: list[str], button: str) -> EmailMultiAlternatives:
    """A mail whose button leads to the page of the change, which opens to both, or to that of the administrators."""
    warn = ""
    if link.pk == change.former_id and change.state in Handover.UNDER_WAY:
        warn = _("You did not expect this e-mail? Choose another password, then cancel the change.")
    own = reverse("rights:handover", args=[change.uuid])
    all_see = reverse("rights:administrators", args=[change.account.number])
    path = own if link.pk in (change.former_id, change.successor_id) else all_see
    return _compose(link, title, text, path, button, warn=warn)


def _compose(
    link: AccountLink, title: str, text: list[str], path: str, button: str, *, warn: str = ""
) -> EmailMultiAlternatives:
    return outbox.compose(
        template="rights/emails/handover",
        to=link.recipient,
        language=link.recipient_language,
        context=_context(link.full_name, title, text, path, button, warn),
    )


def _context(name: str, title: str, text: list[str], path: str, button: str, warn: str) -> dict[str, object]:
    return {
        "name": name,
        "title": title,
        "paragraphs": text,
        "warn": warn,
        "button_url": f"{settings.PUBLIC_BASE_URL}{path}",
        "button_label": button,
    }
