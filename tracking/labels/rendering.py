"""Which printer's language draws a label."""

from __future__ import annotations

from collections.abc import Sequence

from tracking.labels import dpl, pdf, zpl
from tracking.labels.label import Label
from tracking.labels.paper import Paper


def render(labels: Sequence[Label], paper: Paper) -> bytes:
    """Labels in the order given, as one file for the printer; the same ones make the same bytes."""
    match paper.language:
        case "ZPL":
            return zpl.labels(labels, paper)
        case "DPL":
            return dpl.labels(labels, paper)
        case _:
            return pdf.labels(labels, paper.size)
