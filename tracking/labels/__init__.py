"""Labels and deposit slips as PDF, ZPL and DPL: pure functions of what is printed on them."""

from __future__ import annotations

from tracking.labels.label import Address, Label
from tracking.labels.paper import Paper
from tracking.labels.rendering import render

__all__ = ["Address", "Label", "Paper", "render"]
