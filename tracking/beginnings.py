"""What is found by how it begins: a comparison that an index may answer under row-level security."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Case, CharField, Q, TextField, Value, When
from django.db.models.lookups import PostgresOperatorLookup


@CharField.register_lookup
@TextField.register_lookup
class Begins(PostgresOperatorLookup):
    """A text begins with another, by an operator that row-level security lets an index answer; LIKE is none."""

    lookup_name = "begins"
    postgres_operator = "^@"


@dataclass(frozen=True)
class Beginning:
    """A column begins with one of these texts."""

    column: str
    texts: tuple[str, ...]

    @property
    def each(self) -> Sequence[Q]:
        """One condition a text: an index answers each, not all of them at once."""
        return [Q(**{f"{self.column}__begins": text}) for text in self.texts]

    @property
    def condition(self) -> Q:
        return _any(self.each)

    @property
    def frequent(self) -> Case:
        """The same, for who walks along another index: the planner takes a CASE for true every second time."""
        return Case(When(self.condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _any(conditions: Iterable[Q]) -> Q:
    return Q(*conditions, _connector=Q.OR)
