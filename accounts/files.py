"""What a document is, by its bytes alone, and a name under which it can be saved anywhere."""

from __future__ import annotations

import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Document
from colibox.lib.sheets import CSV, XLSX
from colibox.lib.text import line

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
ENDINGS = {PDF: ".pdf", XLSX: ".xlsx", CSV: ".csv", PNG: ".png", JPEG: ".jpg"}
PICTURES = {b"\x89PNG\r\n\x1a\n": PNG, b"\xff\xd8\xff": JPEG}
"""How pictures begin."""
RESERVED = frozenset('<>:"/\\|?*;%')
LONGEST = 100
MOST_PARTS = 10_000
"""How many files a workbook may be made of."""
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<svg", b"<script", b"<head", b"<body", b"<table", b"{\\rtf", b"#!")
"""How texts begin that are no table, and that a browser or a shell might take for something else."""


@dataclass(frozen=True)
class File:
    """A file that was looked at: its bytes, what it is, its name."""

    content: bytes
    content_type: str
    name: str


def read(name: str, content: bytes) -> File:
    """The file, whatever its name and sender say of it. Raises ValidationError for anything but PDF, XLSX, CSV."""
    return _file(name, content, _kind, _("This file is neither a PDF, nor an XLSX workbook, nor a CSV table."))


def read_letter(name: str, content: bytes) -> File:
    """The same of a letter, scanned or photographed. Raises ValidationError for anything but PDF, PNG, JPEG."""
    unread = _("This file is neither a PDF nor a picture (PNG or JPEG), or a part of it is missing.")
    return _file(name, content, _kind_of_letter, unread)


def _file(name: str, content: bytes, kind_of: Callable[[bytes], str | None], otherwise: str) -> File:
    if not content:
        raise ValidationError(_("This file is empty."))
    if len(content) > Document.LARGEST:
        raise ValidationError(_("This file is too large; 10 MB are the most."))
    kind = kind_of(content)
    if kind is None:
        raise ValidationError(otherwise)
    return File(content, kind, safe_name(name, ENDINGS[kind]))


def _kind_of_letter(content: bytes) -> str | None:
    pictures = (kind for begins, kind in PICTURES.items() if content.startswith(begins))
    return next(pictures, PDF if _is_pdf(content) else None)


def _is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]


def _kind(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return PDF if _is_pdf(content) else None
    if content.startswith(b"PK\x03\x04"):
        return XLSX if _is_workbook(content) else None
    return CSV if _is_table(content) else None


def _is_workbook(content: bytes) -> bool:
    """Whether an archive says that it is a workbook; one with macros is none."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = {entry.filename.lower() for entry in archive.infolist()[:MOST_PARTS]}
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    macros = any(name.endswith(("vbaproject.bin", ".exe", ".dll")) for name in names)
    return not macros and {"[content_types].xml", "xl/workbook.xml"} <= names


def _is_table(content: bytes) -> bool:
    """Whether this is a text with a separator in its first line, and none that something else begins with."""
    if b"\0" in content or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:12].lower().startswith(MARKUP):
        return False
    text = _decoded(content)
    controls = any(c < " " and c not in "\t\r\n\f" for c in text)
    return not controls and any(separator in text.partition("\n")[0] for separator in ";,\t")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def safe_name(name: str, ending: str) -> str:
    """The last part of a name without what any system reserves or a reader cannot see, with the ending of its kind."""
    bare = PurePosixPath(line(unicodedata.normalize("NFC", name[-500:]), 500).replace("\\", "/")).name
    stem = "".join(c for c in bare if c not in RESERVED and unicodedata.category(c) not in {"Cf", "Cc", "Co", "Cs"})
    stem = stem.rpartition(".")[0] if stem.lower().endswith((*ENDINGS.values(), ".jpeg")) else stem
    return (stem.strip(" .'")[:LONGEST].strip(" .") or "document") + ending
