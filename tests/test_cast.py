"""The cast itself."""

from types import SimpleNamespace

from rights import access


def test_each_person_of_the_cast_may_do_what_was_given(cast: SimpleNamespace) -> None:
    assert access.can(cast.partner, "shipping_ws", cast.north)
    assert not access.can(cast.partner, "shipping_ws", cast.south)
    assert access.can(cast.owner, "tariffs", cast.north)
    assert not access.can(cast.stranger, "tariffs", cast.north)
