"""The formats a label can be asked in, named as the carrier's web service publishes them."""

from __future__ import annotations

from enum import StrEnum

SIZES = {"10x10": (100, 100), "10x12": (100, 120), "10x15": (100, 150), "A4": (210, 297)}
"""Millimetres, width before height."""

CONTENT_TYPES = {"PDF": "application/pdf", "ZPL": "application/zpl", "DPL": "application/octet-stream"}


class Paper(StrEnum):
    """A language, a size and a resolution."""

    PDF_A4_300dpi = "PDF_A4_300dpi"
    PDF_10x15_300dpi = "PDF_10x15_300dpi"
    PDF_10x12_300dpi = "PDF_10x12_300dpi"
    PDF_10x10_300dpi = "PDF_10x10_300dpi"
    ZPL_10x15_203dpi = "ZPL_10x15_203dpi"
    ZPL_10x15_300dpi = "ZPL_10x15_300dpi"
    ZPL_10x12_203dpi = "ZPL_10x12_203dpi"
    ZPL_10x12_300dpi = "ZPL_10x12_300dpi"
    ZPL_10x10_203dpi = "ZPL_10x10_203dpi"
    ZPL_10x10_300dpi = "ZPL_10x10_300dpi"
    DPL_10x15_203dpi = "DPL_10x15_203dpi"
    DPL_10x15_300dpi = "DPL_10x15_300dpi"
    DPL_10x12_203dpi = "DPL_10x12_203dpi"
    DPL_10x12_300dpi = "DPL_10x12_300dpi"
    DPL_10x10_203dpi = "DPL_10x10_203dpi"
    DPL_10x10_300dpi = "DPL_10x10_300dpi"

    @property
    def language(self) -> str:
        """PDF, ZPL or DPL."""
        return self.value.split("_")[0]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in millimetres."""
        return SIZES[self.value.split("_")[1]]

    @property
    def dpi(self) -> int:
        """Dots an inch of the printer."""
        return int(self.value.split("_")[2].removesuffix("dpi"))

    @property
    def content_type(self) -> str:
        """The media type of the answer."""
        return CONTENT_TYPES[self.language]

    @property
    def extension(self) -> str:
        """How the name of a file of it ends, without the dot."""
        return self.language.lower()
