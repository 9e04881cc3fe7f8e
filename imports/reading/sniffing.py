"""What a file is, by its bytes alone: a workbook, a text and its encoding, or something that cannot be read."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imports.reading.found import MOST_BYTES, Unreadable

AT_ONCE = 1 << 16

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""The marks that begin a text in Unicode; those of UTF-32 before those of UTF-16 that begin them."""

STRANGERS: tuple[tuple[bytes, str | Promise], ...] = (
    (b"%PDF", gettext_lazy("a PDF document")),
    (b"\x89PNG", gettext_lazy("a picture")),
    (b"\xff\xd8\xff", gettext_lazy("a picture")),
    (b"GIF8", gettext_lazy("a picture")),
    (b"{\\rtf", gettext_lazy("a Word document")),
    (b"\x1f\x8b", gettext_lazy("a compressed archive")),
    (b"7z\xbc\xaf", gettext_lazy("a compressed archive")),
    (b"Rar!", gettext_lazy("a compressed archive")),
    (b"<?xml", gettext_lazy("an XML file")),
    (b"<!doctype html", gettext_lazy("a web page")),
    (b"<html", gettext_lazy("a web page")),
    (b"<table", gettext_lazy("a web page")),
    (b"<head", gettext_lazy("a web page")),
)
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

COMMON, RARE = "éèàêçîôûœ’", "ÉÈÊÀÂÇÎÔŒëâùüïöæ–€°ñáíóúãõäßÄÖÜ"
"""What stands above ASCII in the names and addresses of our users: nearly nothing else does."""
FAMILIES = ("cp1252", "mac-roman")


def stranger(what: str | Promise) -> Unreadable:
    """The refusal of a file that is something else, with the way out."""
    text = _("This file is %(what)s. Save your table as CSV or XLSX (in Excel: File > Save as), and send that.")
    return Unreadable(text % {"what": what})


def kind_of(file: IO[bytes]) -> str:
    """Which format the content has: xlsx or csv. Raises Unreadable for anything else."""
    size = file.seek(0, 2)
    file.seek(0)
    start = file.read(4096)
    if len(start) == size and not start.strip():
        raise Unreadable(_("This file is empty. Fill in the template and send it again."))
    if size > MOST_BYTES:
        raise Unreadable(_("This file is larger than 10 MB: cut it in several files."))
    if start.startswith(ZIP):
        return "xlsx"
    _refuse_strangers(file, start)
    return "csv"


def _refuse_strangers(file: IO[bytes], start: bytes) -> None:
    if start.startswith(OLE):
        raise _old_workbook(file)
    text = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for mark, what in STRANGERS:
        if text.startswith(mark.lower()):
            raise stranger(_("an Excel 2003 XML workbook") if b"excel.sheet" in text else what)


def _old_workbook(file: IO[bytes]) -> Unreadable:
    """Excel keeps both its former workbooks and those with a password in this container."""
    for part in _parts(file):
        if ENCRYPTED in part:
            return Unreadable(
                _("This workbook is protected by a password. Remove the password in Excel, save it and send it again.")
            )
    return stranger(_("a workbook of an old Excel (.xls) or another Office document"))


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while part := file.read(AT_ONCE):
        yield part


def encoding_of(file: IO[bytes]) -> str:
    """The encoding of a text, as Python names it. Raises Unreadable when it is no text."""
    file.seek(0)
    start = file.read(AT_ONCE)
    for mark, encoding in MARKS:
        if start.startswith(mark):
            return encoding
    return _wide(start) or _utf8(file) or _narrow(file)


def _wide(start: bytes) -> str:
    """UTF-16 without its mark: every other byte of our texts is nearly always zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = max(len(start) // 2, 1)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return ""


def _utf8(file: IO[bytes]) -> str:
    """UTF-8, even with a few damaged characters among many whole ones."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    whole = damaged = 0
    for part in _parts(file):
        text = decoder.decode(part)
        if not text.isascii():
            broken = text.count("\ufffd")
            damaged += broken
            whole += len(text.encode()) - len(text) - 2 * broken
    return "utf-8" if damaged * 20 <= whole else ""


def _narrow(file: IO[bytes]) -> str:
    """Windows or Macintosh: in which of them more of the bytes above ASCII are letters of ours."""
    count = [0] * 256
    for part in _parts(file):
        for byte in set(part):
            count[byte] += part.count(byte)
    if sum(count[:9]) > max(16, sum(count) // 50):
        raise stranger(_("of a kind that is not known"))
    return max(FAMILIES, key=lambda family: sum(count[byte] * weight for byte, weight in WEIGHTS[family].items()))


def _weights(family: str) -> dict[int, int]:
    return dict.fromkeys(RARE.encode(family, "ignore"), 1) | dict.fromkeys(COMMON.encode(family, "ignore"), 4)


WEIGHTS = {family: _weights(family) for family in FAMILIES}
