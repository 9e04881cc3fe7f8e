"""Labels and deposit slips as PDF, ZPL and DPL: pure functions of what is printed on them."""

from __future__ import annotations

from tracking.labels.label import Address, Label, Slip, SlipLine
from tracking.labels.paper import Paper
from tracking.labels.rendering import render
from tracking.labels.slip import deposit_slip

__all__ = ["Address", "Label", "Paper", "Slip", "SlipLine", "deposit_slip", "render"]
