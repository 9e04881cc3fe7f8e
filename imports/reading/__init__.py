"""Files and lists of people, read: from their bytes to what each row asks. The database is not touched."""

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
from imports.reading.lists import read_list
from imports.reading.tables import read
from imports.reading.template import template

__all__ = [
    "FORMATS", "LONGEST_CELL", "MOST_BYTES", "MOST_COLUMNS", "MOST_ROWS",
    "Fault", "Found", "Line", "Table", "Unreadable", "read", "read_list", "template",
]  # fmt: skip
