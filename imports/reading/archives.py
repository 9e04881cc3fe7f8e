"""The parts of a workbook, which is a zip of XML: opened only when it is no bomb, inflated within bounds."""

from __future__ import annotations

import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from imports.reading.found import Unreadable
from imports.reading.sniffing import stranger

MOST_ENTRIES = 1_000
MOST_DIRECTORY = 256 * 1024
"""Bytes of the list of entries: it is read whole."""
MOST_INFLATED = 100_000_000
MOST_RATIO = 100
SMALL = 1_000_000
"""A part of less than this may be pressed as hard as it likes."""
AT_ONCE = 1 << 16
LONGEST_TOKEN = 1 << 20
SECONDS = 20.0
"""Of a processor, what the parsing of one part may take, without what is done with its rows: a busy machine refuses
nothing for that."""

END = b"PK\x05\x06"
END_SIZE = 22
LOCATOR = b"PK\x06\x07"
LOCATOR_SIZE = 20
LONGEST_COMMENT = 1 << 16


def damaged() -> Unreadable:
    """The refusal of a workbook that is cut or broken."""
    return Unreadable(_("This workbook is damaged. Open it in Excel, save it again and send the new file."))


def bomb() -> Unreadable:
    """The refusal of a workbook that would fill the memory."""
    return Unreadable(
        _("This workbook holds too much once it is unpacked. Copy the rows to a new workbook, or save it as CSV.")
    )


class Archive:
    """A zip file that was looked over before it is opened."""

    def __init__(self, file: IO[bytes], most: int = 0) -> None:
        _check_directory(file)
        self.most = most or MOST_INFLATED
        try:
            self.zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            raise damaged() from None
        self.inflated = 0
        self.names = {entry.filename.lower(): entry for entry in self.zip.infolist()}
        self._check_sizes()

    def _check_sizes(self) -> None:
        entries = self.zip.infolist()
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > self.most:
            raise bomb()
        if any(entry.file_size > SMALL and entry.file_size > MOST_RATIO * entry.compress_size for entry in entries):
            raise bomb()
        if any(entry.flag_bits & 1 for entry in entries):
            raise stranger(_("a zip archive with a password"))

    def has(self, name: str) -> bool:
        """Whether there is such a part, whatever the case of its name."""
        return name.lower() in self.names

    def parts(self, name: str) -> Iterator[bytes]:
        """What the part holds, piece by piece: what comes out counts, whatever the list of entries says."""
        entry = self.names.get(name.lower())
        if entry is None:
            raise damaged()
        try:
            with self.zip.open(entry) as part:
                while piece := part.read(AT_ONCE):
                    self.inflated += len(piece)
                    if self.inflated > self.most:
                        raise bomb()
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
            raise damaged() from None


def _check_directory(file: IO[bytes]) -> None:
    """Raise Unreadable when the list of entries, which is read whole, is longer than any workbook's."""
    size = file.seek(0, 2)
    file.seek(max(0, size - LONGEST_COMMENT - END_SIZE))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + END_SIZE:
        raise damaged()
    entries, length = struct.unpack_from("<HL", tail, at + 10)
    if tail[max(0, at - LOCATOR_SIZE) : at].startswith(LOCATOR):
        (where,) = struct.unpack_from("<Q", tail, at - LOCATOR_SIZE + 8)
        entries, length = _large_directory(file, where)
    if entries > MOST_ENTRIES or length > MOST_DIRECTORY:
        raise bomb()


def _large_directory(file: IO[bytes], where: int) -> tuple[int, int]:
    """The same, from the record that archives of more than four gigabytes need and others may have."""
    file.seek(min(where, 1 << 40))
    record = file.read(56)
    if len(record) < 56:
        raise damaged()
    entries, length = struct.unpack_from("<QQ", record, 32)
    return entries, length


Start = Callable[[str, dict[str, str]], Any]


class Names(dict[str, str]):
    """Names of elements without the prefix of their namespace, each cut once."""

    def __missing__(self, name: str) -> str:
        return self.setdefault(name, name.rpartition(":")[2]) if len(self) < MOST_ENTRIES else name


class Markup:
    """A reader of XML that takes no declaration of entities: nothing is expanded, nothing is fetched."""

    def __init__(self, *, start: Start) -> None:
        self.reader = expat.ParserCreate()
        self.reader.buffer_text = True
        self.reader.StartDoctypeDeclHandler = _refuse_declaration
        self.reader.StartElementHandler = start

    def feed(self, parts: Iterable[bytes]) -> Iterator[None]:
        """Read piece by piece; a name or a comment as long as a book is none."""
        fed, spent = 0, 0.0
        try:
            for piece in parts:
                fed, began = fed + len(piece), time.thread_time()
                self.reader.Parse(piece, False)
                spent += time.thread_time() - began
                if spent > SECONDS:
                    raise Unreadable(_("This workbook takes too long to read. Save it as CSV in Excel and send that."))
                if fed - self.reader.CurrentByteIndex > LONGEST_TOKEN:
                    raise damaged()
                yield
            self.reader.Parse(b"", True)
        except (expat.ExpatError, UnicodeError, LookupError):
            raise damaged() from None
        yield


def _refuse_declaration(*declaration: object) -> None:
    raise Unreadable(
        _("This workbook declares entities, which Excel never does. Open it in Excel, save it again and send that.")
    )


def scan(archive: Archive, name: str, start: Start) -> None:
    """Read a small part to its end: `start` sees each element by its local name, and its attributes by theirs."""
    names = Names()
    markup = Markup(start=lambda element, facts: start(names[element], {names[key]: facts[key] for key in facts}))
    for _piece in markup.feed(archive.parts(name)):
        pass
