"""What one entry of a list asks of one person, if the rules of the screens allow it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from operator import le

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from colibox.lib.text import fold
from rights import catalogue
from rights.access import Ceiling
from rights.actions import grants, spans
from rights.actions.applying import Chosen, Fitting, nothing_given
from rights.actions.grants import Difference
from rights.actions.many.entries import NO_DAY, NO_PROFILE, Act, Entry
from rights.actions.many.inviting import FIELDS, Newcomer
from rights.actions.many.writing import Change
from rights.actions.reach import awaited, check_active, check_others, stays
from rights.actions.spans import ALWAYS, Span
from rights.models import AccountLink, Profile
from users.models import Language

Kind, State = AccountLink.Kind, AccountLink.State

MASK = "•"
"""Stands in an address that is not the account's to know, and in no other."""
MOST_WAITING = 20
"""So many of those who share an address, as standard users may, are awaited at once."""
KINDS, LANGUAGES = frozenset(Kind.values), frozenset(Language.values)
LONGEST = defaultdict(int, {name: field.max_length or 0 for name, field in FIELDS.items()})


@dataclass(slots=True)
class Person:
    """Somebody on the account, and the rights given to them."""

    link: AccountLink
    had: frozenset[str]


Decision = Newcomer | Change


class Lacking(ValidationError):
    """Somebody new of whom not all is said that is asked; `fields` are those that miss."""

    def __init__(self, fields: tuple[str, ...]) -> None:
        super().__init__(_("This person is new on your account: say all that is asked about them."))
        self.fields = fields


class Rules:
    """What the holder of a link may do now, asked for many people: the same question is answered once."""

    def __init__(self, by: AccountLink) -> None:
        self.by = AccountLink.objects.with_openness().select_related("account", "user").get(pk=by.pk)
        self.manages = self.by.administers and self.by.is_open and self.by.user is not None and self.by.user.is_active
        self.ceiling = Ceiling(self.by)
        self.answers: dict[tuple[object, ...], Difference | ValidationError] = {}
        self.profiles: dict[str, Profile] = {}

    @cached_property
    def awaited(self) -> frozenset[int]:
        """Who is to take over the account."""
        return awaited(self.by.account_id)

    def decide(self, entry: Entry, people: list[Person]) -> Decision:
        """What is to be done, where these may be meant; a change of nothing when all is so already.

        Raises ValidationError when it may not be.
        """
        if not self.manages:
            grants.check_under(self.ceiling, sorted(entry.rights), entry.kind)
            raise ValidationError(_("You no longer manage the people of this account."))
        person = _meant(entry, people)
        if person is None:
            _check_shared(entry, people)
            return self._newcomer(entry)
        if entry.act is Act.SUSPEND:
            return self._suspend(person)
        if entry.act is Act.UNLINK:
            return self._unlink(person)
        return self._change(entry, person)

    def _newcomer(self, entry: Entry) -> Newcomer:
        if entry.act is not Act.CREATE or MASK in entry.email:
            raise ValidationError({"email": _("This person is not on your account.")})
        if entry.lacks:
            raise Lacking(entry.lacks)
        if entry.kind == Kind.STANDARD and entry.tags:
            raise ValidationError({"tags": _("Only an advanced user bears tags: leave this cell empty.")})
        tags, rights, chosen = entry.tags or [], entry.rights, None
        if profile := self._profile(entry):
            rights, chosen = self._with(profile, entry, entry.about, kind=entry.kind, tags=tags)
        if not rights and entry.kind == Kind.ADVANCED:
            raise ValidationError(
                _("Give the person at least one right, for example consolidated tracking."),
                params={"fix": _("Write yes in the column of a right, or the name of a profile.")},
            )
        gained = self._difference(entry.kind, frozenset(), rights, tags).gained
        identity, span = {**entry.identity, "email": entry.email}, _span(entry, ALWAYS)
        return Newcomer(identity, gained, entry.language, tags, profile=chosen, span=span or ALWAYS, kind=entry.kind)

    def _suspend(self, person: Person) -> Change:
        if person.link.state == State.SUSPENDED:
            return Change(person.link)
        check_others(person.link, self.by)
        check_active(person.link)
        return Change(person.link, had=person.had, state=State.SUSPENDED)

    def _unlink(self, person: Person) -> Change:
        check_others(person.link, self.by)
        if reason := stays((), awaited=person.link.pk in self.awaited):
            raise ValidationError(reason)
        return Change(person.link, had=person.had, state=State.ENDED)

    def _change(self, entry: Entry, person: Person) -> Change:
        link = person.link
        had = frozenset(catalogue.widest(self.ceiling.entitlements)) if link.administers else person.had
        wanted, tags = had - entry.about | entry.rights, _other_tags(entry, link)
        chosen = Chosen() if entry.profile == NO_PROFILE and link.profile_id else None
        if (profile := self._profile(entry)) and (profile.pk is None or profile.pk != link.profile_id):
            told = frozenset(code for code in entry.about if (code in entry.rights) != (code in had))
            bears = link.tags if tags is None else tags
            wanted, chosen = self._with(profile, entry, told, had, kind=link.kind, tags=bears)
        span = _span(entry, Span.of(link))
        if wanted == had and tags is None and chosen is None and span is None:
            return Change(link)
        check_others(link, self.by)
        if link.administers and (wanted != had or chosen):
            raise ValidationError(_("An administrator has all the rights of the account."))
        difference = self._difference(link.kind, had, wanted, link.tags if tags is None else tags)
        return Change(link, difference, had=person.had, tags=tags, profile=chosen, span=span)

    def _profile(self, entry: Entry) -> Profile | None:
        """The profile that is asked for. Raises ValidationError when it is gone."""
        if entry.profile in ("", NO_PROFILE):
            return None
        if entry.profile not in self.profiles:
            raise ValidationError({"profile": _("This profile was removed meanwhile: choose another one.")})
        return self.profiles[entry.profile]

    def _with(
        self,
        profile: Profile,
        entry: Entry,
        told: frozenset[str],
        had: frozenset[str] = frozenset(),
        *,
        kind: str,
        tags: list[str],
    ) -> tuple[frozenset[str], Chosen]:
        """The rights that somebody gets of a profile, retouched as told; who gets just these follows it."""
        fit = Fitting(profile.rights, self.ceiling).fit(had, kind=kind, tags=tags)
        if not fit.rights:
            fix = {"fix": _("Write another profile, or another type of user.")}
            raise ValidationError({"profile": ValidationError(nothing_given(fit, kind), params=fix)})
        wanted = fit.rights - told | (told & entry.rights)
        return wanted, Chosen(profile, follows=wanted == fit.rights)

    def _difference(self, kind: str, had: frozenset[str], wanted: frozenset[str], tags: list[str]) -> Difference:
        key = (kind, had, wanted, bool(tags))
        if key not in self.answers:
            try:
                self.answers[key] = grants.compare(had, wanted, kind=kind, tags=tags, ceiling=self.ceiling)
            except ValidationError as error:
                self.answers[key] = error.with_traceback(None)
        answer = self.answers[key]
        if isinstance(answer, ValidationError):
            raise ValidationError(answer)  # a new one: its traceback would keep the whole list in memory
        return answer


def _check_shared(entry: Entry, people: list[Person]) -> None:
    """Raise ValidationError where as many wait at one address already as may: each of them is sent an e-mail."""
    if sum(not person.link.accepted for person in people) >= MOST_WAITING:
        text = _("%(n)s invitations wait at this address already: write another one, or wait until they are accepted.")
        raise ValidationError({"email": text % {"n": MOST_WAITING}})


def _span(entry: Entry, former: Span) -> Span | None:
    """The days that the access is to have, if they are others. Raises ValidationError when it may not."""
    if not entry.starts_on and not entry.ends_on:
        return None
    span = Span(_day(entry.starts_on, former.since), _day(entry.ends_on, former.until))
    spans.check(span, former)
    return span if span != former else None


def _day(asked: str, former: date | None) -> date | None:
    if not asked:
        return former
    return None if asked == NO_DAY else date.fromisoformat(asked)


def check_fits(entry: Entry) -> None:
    """Raise ValidationError when no row can hold it, for one row would stop all the others.

    Whoever reads entries says what is wrong, and where, before.
    """
    known = entry.kind in KINDS and entry.language in LANGUAGES and _are_days(entry)
    if not known or not _are_texts(entry) or not _is_short(entry):
        raise ValidationError(_("This person's information cannot be recorded as it is."))


def _are_days(entry: Entry) -> bool:
    try:
        return all(spans.EARLIEST <= day <= spans.LATEST for asked in (entry.starts_on, entry.ends_on)
                   if (day := _day(asked, None)))  # fmt: skip
    except ValueError:
        return False


def _is_short(entry: Entry) -> bool:
    said, tags = entry.identity, entry.tags or ()
    if len(tags) > AccountLink.MOST_TAGS or any(len(tag) > AccountLink.LONGEST_TAG for tag in tags):
        return False
    fitting = all(map(le, map(len, said.values()), map(LONGEST.__getitem__, said)))
    return fitting and 0 < len(entry.email) <= LONGEST["email"]


def _are_texts(entry: Entry) -> bool:
    text = "".join((entry.email, *entry.identity.values(), *(entry.tags or ())))
    return "\0" not in text and (text.isascii() or _is_encodable(text))


def _is_encodable(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def is_new(entry: Entry, people: list[Person]) -> bool:
    """Whether somebody is asked for who is none of these."""
    try:
        return _meant(entry, people) is None
    except ValidationError:
        return False


def _meant(entry: Entry, people: list[Person]) -> Person | None:
    """Which of those with this address it is; a mask and a standard user's address may be several people's.

    Standard users may share an address: of that kind, somebody of another name is somebody else, who may be created.
    """
    if MASK in entry.email or (entry.kind == Kind.STANDARD and (len(people) > 1 or entry.act is Act.CREATE)):
        people = [person for person in people if _bears_name(person.link, entry.identity)]
        if len(people) > 1:
            raise ValidationError(
                {"email": _("Several people of your account have this address: change them on screen.")}
            )
    return min(people, key=lambda person: not person.link.accepted, default=None)


def _bears_name(link: AccountLink, identity: dict[str, str]) -> bool:
    """Whether somebody is called so, as far as anything is said: whatever case, accents, hyphens and order."""
    given = {name: _letters(identity[name]) for name in ("last_name", "first_name") if identity.get(name)}
    known = {name: _letters(getattr(link, name)) for name in given}
    return given == known or (len(given) > 1 and sorted(given.values()) == sorted(known.values()))


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, fold(name)))


def _other_tags(entry: Entry, link: AccountLink) -> list[str] | None:
    """The tags they are to have, if they are others; a standard user has none."""
    if entry.tags is None or link.kind == Kind.STANDARD or sorted(entry.tags) == sorted(link.tags):
        return None
    return entry.tags
