"""Files and lists of people, read: from their bytes to what each row asks. The database is not touched."""

from imports.reading.columns import heading, places_of
from imports.reading.formats import FORMATS
from imports.reading.found import (
    LONGEST_CELL,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    Fault,
    Found,
    Line,
    Table,
    Unreadable,
)
from imports.reading.lines import LONGEST_SHOWN, lacking, refuse_lacking
from imports.reading.lists import read_list
from imports.reading.tables import read
from imports.reading.template import Own, template

__all__ = [
    "FORMATS", "LONGEST_CELL", "LONGEST_SHOWN", "MOST_BYTES", "MOST_COLUMNS", "MOST_ROWS",
    "Fault", "Found", "Line", "Own", "Table", "Unreadable",
    "heading", "lacking", "places_of", "read", "read_list", "refuse_lacking", "template",
]  # fmt: skip
