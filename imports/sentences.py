"""How the trace tells what happens to imports."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from colibox.lib.telling import Event, Family, register


def _sent(event: Event) -> str:
    facts = {"who": event.actor_name, "number": event.after["import"], "file": event.after.get("file")}
    if facts["file"]:
        return _("%(who)s sent the import no. %(number)s: %(file)s.") % facts
    return _("%(who)s sent the import no. %(number)s: a pasted list.") % facts


register(
    Family.FILES,
    {
        "import sent": _sent,
        "import started": gettext_lazy("%(who)s started the import no. %(import)s."),
        "import cancelled": gettext_lazy("%(who)s called the import no. %(import)s off."),
        "import resumed": gettext_lazy("%(who)s took the import no. %(import)s up again."),
        "import result downloaded": gettext_lazy("%(who)s downloaded the result of the import no. %(import)s."),
    },
)
