"""What administrators do to the sub-accounts and sites of their account: add, change, remove."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Facts, Site, SubAccount
from colibox.lib.database import constraint_of
from colibox.lib.text import Fold
from users.models import User

AnyPlace = SubAccount | Site

MOST = 1000
"""How many sub-accounts an account may have, and how many sites."""
ADDRESS = ("address_1", "address_2", "postcode", "town", "country")
TAKEN = {"one_sub_account_a_number": "number", "one_sub_account_a_name": "name", "one_site_a_name": "name"}
"""The field that each constraint speaks of."""


class Changed(Exception):
    """Somebody else changed the place since it was read; `place` is how it is now."""

    def __init__(self, place: AnyPlace) -> None:
        super().__init__(place)
        self.place = place


@transaction.atomic
def add(*, place: AnyPlace, by: User) -> None:
    """Write a new place of its account. Raises ValidationError on `number` or `name` when it is taken."""
    if type(place).objects.for_account(place.account).count() >= MOST:
        raise ValidationError(_("An account has %(most)s of them at most.") % {"most": MOST})
    _save(place)
    _record(place, "added", by=by, after=_facts(place))


@transaction.atomic
def change(*, place: AnyPlace, by: User, version: int, facts: Mapping[str, object]) -> None:
    """Change what is said of a place. Raises Changed when somebody saved in between, ValidationError as `add`."""
    place = _lock(place)
    if place.version != version:
        raise Changed(place)
    before = _facts(place)
    for name, value in facts.items():
        setattr(place, name, value)
    after = _facts(place)
    changed = [name for name in after if after[name] != before[name]]
    if changed:
        place.version += 1
        _save(place)
        was, now = ({name: told[name] for name in changed} for told in (before, after))
        _record(place, "changed", by=by, before=was, after=now)


@transaction.atomic
def move_sites(*, sites: Sequence[Site], into: SubAccount | None, by: User) -> None:
    """Put these sites under another sub-account, or directly under the account."""
    for site in sites:
        change(place=site, by=by, version=_lock(site).version, facts={"sub_account": into})


@transaction.atomic
def remove(*, place: AnyPlace, by: User) -> None:
    """Take a place away to which nobody is attached any more, and under which there is no site."""
    place = _lock(place)
    _record(place, "removed", by=by, before=_facts(place))
    place.delete()


def _lock(place: AnyPlace) -> AnyPlace:
    """The place as it is now; nobody is attached to it until the transaction ends."""
    return type(place).objects.select_for_update(of=("self",)).get(pk=place.pk)


def _save(place: AnyPlace) -> None:
    try:
        with transaction.atomic():
            place.save()
    except IntegrityError as error:
        field = TAKEN.get(constraint_of(error))
        if field is None:
            raise
        raise _taken(place, field) from None


def _taken(place: AnyPlace, field: str) -> ValidationError:
    """The refusal of a number or name that another place bears, however it is written there."""
    others = type(place).objects.for_account(place.account).exclude(pk=place.pk)
    other = others.alias(folded=Fold(F(field))).filter(folded=Fold(Value(getattr(place, field)))).first()
    named = {"other": str(other) if other else getattr(place, field)}
    if isinstance(place, Site):
        text = _("There is a site of this name already: %(other)s. Capitals and accents make no difference.")
    elif field == "number":
        text = _("There is a sub-account of this number already: %(other)s. Capitals and accents make no difference.")
    else:
        text = _("There is a sub-account of this name already: %(other)s. Capitals and accents make no difference.")
    return ValidationError({field: text % named})


def _facts(place: AnyPlace) -> Facts:
    """What is said of a place, as the trace tells it."""
    names = ("name", "sub_account", *ADDRESS) if isinstance(place, Site) else ("number", "name")
    return {name: str(value) if (value := getattr(place, name)) else "" for name in names}


def _record(place: AnyPlace, done: str, *, by: User, before: Facts | None = None, after: Facts | None = None) -> None:
    noun = "site" if isinstance(place, Site) else "sub-account"
    audit.record(
        f"{noun} {done}",
        by=by,
        account_id=place.account_id,
        subject=place.uuid,
        subject_name=str(place),
        before=before,
        after=after,
    )
