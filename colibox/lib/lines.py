"""Lines of a CSV file that the database puts together, byte for byte as colibox.lib.sheets writes them.

What makes a text safe is said in one place, sheets.inert(). The database joins the texts that need no care, which are
nearly all, and marks the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db.models import Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable

from colibox.lib.sheets import inert

AT_ONCE = 2000
"""How many lines the database's cursor hands over at a time."""
CALM = r'^([0-9A-Za-zÀ-ɏ][^";\u0001-\u001f\u007f-\u009f\ufffe\uffff]*)?$'
"""To PostgreSQL, a text that is written as it is: all of these are, if not the other way round."""
MARKED = re.compile("\x01([0-9a-f]+)")


class Typed(Func):
    """A column that somebody typed, in a line: as it is when it is calm, else a mark and its bytes in hex."""

    template = (
        f"CASE WHEN %(expressions)s ~ '{CALM}' THEN %(expressions)s"
        " ELSE chr(1) || encode(convert_to(%(expressions)s, 'UTF8'), 'hex') END"
    )
    arity = 1
    output_field = TextField()


def parts(rows: QuerySet[Any], cells: Sequence[Combinable]) -> Iterator[bytes]:
    """A line for each row, many at a time; no cell is NULL, and each is Typed where the text is not our own."""
    line = Func(Value(";"), *cells, function="concat_ws", output_field=TextField())
    lines = rows.values_list(line, flat=True).iterator(chunk_size=AT_ONCE)
    while some := list(islice(lines, AT_ONCE)):
        yield MARKED.sub(_careful, "\r\n".join([*some, ""])).encode()


def _careful(marked: re.Match[str]) -> str:
    text = inert(bytes.fromhex(marked[1]).decode())
    return '"' + text.replace('"', '""') + '"' if '"' in text or ";" in text else text
