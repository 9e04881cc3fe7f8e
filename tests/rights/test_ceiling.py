"""Nobody gives what they do not hold: whatever is held, asked and withdrawn, by action, form or acceptance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.models import CustomerAccount
from rights import access, actions, catalogue
from rights.models import AccountLink, Entitlement, Grant
from tests.conftest import IDENTITY
from tests.rights.facts import ADVANCED_FORM, STANDARD_FORM, rights_of

CODES = [right.code for right in catalogue.RIGHTS]
ADVANCED = [right.code for right in catalogue.RIGHTS if right.advanced]
STANDARD = [right.code for right in catalogue.RIGHTS if right.standard]

entitled = st.dictionaries(st.sampled_from(CODES), st.booleans(), max_size=len(CODES))
"""What an account holds, and whether it may delegate it."""
asked = st.sets(st.sampled_from([*CODES, "everything", "is_staff", ""]), max_size=8)
plenty = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

pytestmark = pytest.mark.django_db


@contextmanager
def undone() -> Iterator[None]:
    """Within, one example: nothing of it stays for the next."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def hold(account: CustomerAccount, entitlements: dict[str, bool]) -> None:
    Entitlement.objects.filter(account=account).delete()
    Entitlement.objects.bulk_create(
        Entitlement(account=account, right=right, delegable=delegable) for right, delegable in entitlements.items()
    )


def give(link: AccountLink, rights: set[str]) -> None:
    """Grants as they may have come to be, one scope a variant."""
    link.grants.all().delete()
    taken: set[str] = set()
    for right in (catalogue.BY_CODE[code] for code in sorted(rights)):
        if right.choice and right.choice in taken:
            continue
        taken.add(right.choice)
        Grant.objects.create(
            account_id=link.account_id, link=link, right=right.code, choice=right.choice, given_by_name="ADMIN"
        )


def may_give(entitlements: dict[str, bool], kind: str) -> set[str]:
    """The oracle of the ceiling: held, delegable, and of this kind of user."""
    return {code for code, delegable in entitlements.items() if delegable and catalogue.BY_CODE[code].suits(kind)}


@plenty
@given(entitled, st.sampled_from(["standard", "advanced"]))
def test_what_may_be_given_is_what_the_account_holds_and_may_delegate(
    cast: SimpleNamespace, entitlements: dict[str, bool], kind: str
) -> None:
    with undone():
        hold(cast.north, entitlements)
        ceiling, can = access.Ceiling(cast.owner_link), may_give(entitlements, kind)
        assert {code for code in [*CODES, "everything"] if ceiling.covers([code], kind)} == can
        assert {right.code for right in ceiling.grantable(kind)} == can
        for link in (cast.colleague_link, cast.partner_link):
            assert access.Ceiling(link).grantable(kind) == []


days = st.none() | st.integers(-2, 2)


@plenty
@given(
    st.sets(st.sampled_from(ADVANCED)),
    entitled,
    st.sampled_from(["active", "suspended", "ended"]),
    st.sampled_from(["open", "closed"]),
    days,
    days,
    days,
)
def test_can_is_granted_and_held_on_an_active_link_inside_its_dates(
    cast: SimpleNamespace,
    granted: set[str],
    entitlements: dict[str, bool],
    state: str,
    account_state: str,
    starts: int | None,
    ends: int | None,
    until: int | None,
) -> None:
    if starts is not None and ends is not None and ends < starts:
        starts, ends = ends, starts

    def day(offset: int | None) -> date | None:
        return None if offset is None else timezone.localdate() + timedelta(days=offset)

    with undone():
        hold(cast.north, entitlements)
        give(cast.partner_link, granted)
        cast.partner_link.grants.update(until=day(until))
        links = AccountLink.objects.filter(pk=cast.partner_link.pk)
        links.update(state=state, starts_on=day(starts), ends_on=day(ends))
        CustomerAccount.objects.filter(pk=cast.north.pk).update(state=account_state)
        open_now = state == "active" and account_state == "open"
        inside = (starts is None or starts <= 0) and (ends is None or ends >= 0) and (until is None or until >= 0)
        given_now = set(rights_of(cast.partner_link))
        expected = given_now & set(entitlements) if open_now and inside else set()
        assert {code for code in CODES if access.can(cast.partner, code, cast.north)} == expected
        assert access.rights_of(links)[cast.partner_link.pk] == expected


@plenty
@given(entitled, st.sets(st.sampled_from(ADVANCED), max_size=6), asked)
@example({"tool_key": True}, {"tool_tag"}, {"tool_key"})
def test_a_change_never_brings_a_right_above_the_ceiling(
    cast: SimpleNamespace, entitlements: dict[str, bool], had: set[str], wanted: set[str]
) -> None:
    with undone():
        hold(cast.north, entitlements)
        give(cast.partner_link, had)
        before = set(rights_of(cast.partner_link))
        try:
            with transaction.atomic():
                actions.change(link=cast.partner_link, by=cast.owner_link, rights=wanted, tags=["LYON"], version=1)
        except ValidationError as refusal:
            assert set(refusal.message_dict) <= {"rights"}
            assert set(rights_of(cast.partner_link)) == before
        after = set(rights_of(cast.partner_link))
        assert after - before <= may_give(entitlements, "advanced") & wanted
        assert before - after <= before - wanted


@plenty
@given(entitled, asked)
def test_an_invitation_never_carries_a_right_above_the_ceiling(
    cast: SimpleNamespace, entitlements: dict[str, bool], wanted: set[str]
) -> None:
    identity = {**IDENTITY, "email": "nadia.benali@benali.example"}
    with undone():
        hold(cast.north, entitlements)
        allowed = wanted <= may_give(entitlements, "advanced")
        try:
            with transaction.atomic():
                link = actions.invite_advanced(
                    by=cast.owner_link, identity=identity, rights=wanted, tags=["LYON"], language="fr"
                )
        except ValidationError:
            assert not AccountLink.objects.filter(email=identity["email"]).exists()
        else:
            assert allowed
            assert set(rights_of(link)) == wanted


@plenty
@given(entitled, entitled)
def test_accepting_opens_only_what_the_account_may_still_delegate(
    cast: SimpleNamespace, before: dict[str, bool], after: dict[str, bool]
) -> None:
    identity = {**IDENTITY, "email": "nadia.benali@benali.example"}
    with undone():
        hold(cast.north, before)
        taken: set[str] = set()
        wanted = set()
        for code in sorted(may_give(before, "advanced")):
            choice = catalogue.BY_CODE[code].choice
            if not choice or choice not in taken:
                wanted.add(code)
                taken.add(choice)
        link = actions.invite_advanced(
            by=cast.owner_link, identity=identity, rights=wanted, tags=["LYON"], language="fr"
        )
        hold(cast.north, after)
        user, _key = actions.accept_as_new_person(
            link=link, identity=identity, username="n.benali", password="x", language="fr"
        )
        expected = wanted & may_give(after, "advanced")
        assert set(rights_of(link)) == expected
        assert {code for code in CODES if access.can(user, code, cast.north)} == expected


@settings(plenty, max_examples=15)
@given(entitled, asked)
def test_no_form_gives_a_right_above_the_ceiling(
    cast: SimpleNamespace, entitlements: dict[str, bool], wanted: set[str]
) -> None:
    client = Client()
    client.force_login(cast.owner)
    with undone():
        hold(cast.north, entitlements)
        forms: list[tuple[str, dict[str, Any], str]] = [
            ("standard/new/", {**STANDARD_FORM, "rights": sorted(wanted)}, "standard"),
            ("advanced/new/", {**ADVANCED_FORM, "rights": sorted(wanted), "tool": "", "tags": "LYON"}, "advanced"),
        ]
        for path, form, kind in forms:
            client.post(f"/accounts/900138/users/{path}", form)
            new = Grant.objects.filter(link__email=form["email"]).values_list("right", flat=True)
            assert set(new) <= may_give(entitlements, kind) & wanted


@pytest.mark.parametrize("code", ADVANCED)
def test_every_right_is_refused_by_name_when_it_is_not_held(cast: SimpleNamespace, code: str) -> None:
    hold(cast.north, {})
    cast.partner_link.grants.all().delete()
    with pytest.raises(ValidationError) as refusal:
        actions.change(link=cast.partner_link, by=cast.owner_link, rights=[code], tags=["LYON"], version=1)
    assert catalogue.BY_CODE[code].full_label in refusal.value.message_dict["rights"][0]


def test_somebody_who_does_not_administer_changes_nobody(cast: SimpleNamespace) -> None:
    for by in (cast.colleague_link, cast.partner_link, cast.stranger_link):
        facts: dict[str, Any] = {"link": cast.colleague_link, "by": by}
        for act in (actions.suspend, actions.reactivate, actions.end, actions.resend):
            with pytest.raises(ValidationError):
                act(**facts)
        with pytest.raises(ValidationError):
            actions.change(**facts, rights=[], tags=[], version=1)
    for by in (cast.colleague_link, cast.partner_link):
        with pytest.raises(ValidationError):
            actions.invite_advanced(by=by, identity=IDENTITY, rights=[], tags=[], language="fr")
        with pytest.raises(ValidationError):
            actions.create_standard(by=by, identity=IDENTITY, username="x.y", rights=[], language="fr")
        with pytest.raises(ValidationError):
            actions.find_by_key(key=cast.partner.user_key, by=by)
        with pytest.raises(ValidationError):
            actions.request_link(by=by, person=cast.partner, rights=[], tags=[])
