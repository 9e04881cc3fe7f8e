"""What is asked for one person, known by their e-mail, and what came of it: of a file, a pasted list or a form."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from rights.models import AccountLink

NO_PROFILE = "-"
"""Asks that somebody have no profile any more; their rights stay."""
NO_DAY = "-"
"""Asks that an access have no such day any more."""


class Act(StrEnum):
    """What is to be done with the person."""

    CREATE = "create"
    """Invite them; if they are on the account already, give them these rights and tags."""
    UPDATE = "update"
    SUSPEND = "suspend"
    UNLINK = "unlink"


class Done(StrEnum):
    """What would happen, or happened."""

    INVITE = "invite"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    SUSPEND = "suspend"
    UNLINK = "unlink"
    REFUSED = "refused"


class Status(models.TextChoices):
    """The verdict on one line, in the words that administrators know."""

    OK = "ok", _("Processing OK")
    RIGHT = "right", _("You cannot give the right")
    CHOICE = "choice", _("Invalid choice")
    IDENTITY = "identity", _("Error in the user's information")


@dataclass(slots=True)
class Entry:
    """What is asked for one person.

    `rights` are those they are to have among `about`, the rights spoken of: others stay as they are, and
    so do the tags when they are None. A new person gets `rights`.

    `profile` is the key of a profile to follow. What `rights` and `about` ask for besides makes it a copy; of
    somebody who is there already, only what is not so yet.
    """

    email: str
    act: Act = Act.CREATE
    kind: str = AccountLink.Kind.ADVANCED
    identity: dict[str, str] = field(default_factory=dict)
    rights: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()
    tags: list[str] | None = None
    sub_accounts: tuple[int, ...] | None = None
    """Where they are to be attached, by key; None where nothing is said of it. So are `sites`."""
    sites: tuple[int, ...] | None = None
    language: str = "fr"
    profile: str = ""
    starts_on: str = ""
    """The first day of the access, as 2026-12-31, or NO_DAY; nothing where it stays as it is. So is `ends_on`."""
    ends_on: str = ""
    lacks: tuple[str, ...] = ()
    """What is asked about somebody new and not said here, by field; of who is there already it stays as it is."""

    def facts(self) -> dict[str, Any]:
        """The entry as JSON keeps it, by the thousand: without what is empty, or goes without saying."""
        facts: dict[str, Any] = {"email": self.email, "language": self.language}
        facts["identity"] = {name: value for name, value in self.identity.items() if value}
        facts["rights"], facts["others"] = sorted(self.rights), sorted(self.about - self.rights)
        if self.tags is not None:
            facts["tags"] = self.tags
        if self.sub_accounts is not None:
            facts["sub_accounts"] = list(self.sub_accounts)
        if self.sites is not None:
            facts["sites"] = list(self.sites)
        if self.act is not Act.CREATE:
            facts["act"] = self.act
        if self.kind != AccountLink.Kind.ADVANCED:
            facts["kind"] = self.kind
        if self.profile:
            facts["profile"] = self.profile
        if self.lacks:
            facts["lacks"] = list(self.lacks)
        return facts | {name: day for name in ("starts_on", "ends_on") if (day := getattr(self, name))}

    @classmethod
    def of(cls, facts: dict[str, Any]) -> Entry:
        """The entry that JSON kept; a right that is asked for is always one that is spoken of."""
        rights = frozenset(facts["rights"])
        return cls(
            email=facts["email"],
            act=Act(facts.get("act", Act.CREATE)),
            kind=facts.get("kind", AccountLink.Kind.ADVANCED),
            identity=facts["identity"],
            rights=rights,
            about=rights.union(facts["others"]),
            tags=facts.get("tags"),
            sub_accounts=tuple(facts["sub_accounts"]) if "sub_accounts" in facts else None,
            sites=tuple(facts["sites"]) if "sites" in facts else None,
            language=facts["language"],
            profile=facts.get("profile", ""),
            starts_on=facts.get("starts_on", ""),
            ends_on=facts.get("ends_on", ""),
            lacks=tuple(facts.get("lacks", ())),
        )


class Outcome(NamedTuple):
    """What came of an entry: `done`, under which verdict.

    Of a refusal, `detail` says why, `right` for which right, `column` where in the entry, `fix` what to ask instead.
    `lacks` are the fields that somebody new would have to have.
    """

    done: Done
    status: Status = Status.OK
    right: str = ""
    detail: str = ""
    link: UUID | None = None
    column: str = ""
    fix: str = ""
    lacks: tuple[str, ...] = ()
