"""Who may do what, as operators see and change it."""

from rights.admin import handovers, links, outside

__all__ = ["handovers", "links", "outside"]
