"""How the trace tells what happens to parcels and claims."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, ngettext

from colibox.lib.telling import Event, Family, Field, among, register
from tracking.models import Claim


def _slip(event: Event) -> str:
    n = event.after["parcels"]
    text = ngettext(
        "%(who)s made the deposit slip no. %(number)s: %(n)s parcel.",
        "%(who)s made the deposit slip no. %(number)s: %(n)s parcels.",
        n,
    )
    return text % {"who": event.actor_name, "number": event.after["number"], "n": n}


def _printed(event: Event) -> str:
    n = event.after["labels"]
    text = ngettext("%(who)s printed %(n)s label.", "%(who)s printed %(n)s labels.", n)
    return text % {"who": event.actor_name, "n": n}


register(
    Family.PARCELS,
    {
        "parcel franked": gettext_lazy("%(who)s franked the parcel %(whom)s."),
        "parcel cancelled": gettext_lazy("%(who)s cancelled the parcel %(whom)s."),
        "deposit slip made": _slip,
        "labels printed": _printed,
    },
)
register(
    Family.PARCELS,
    {
        "claim filed": gettext_lazy("%(who)s filed the claim %(whom)s."),
        "claim continued": gettext_lazy("%(who)s wrote about the claim %(whom)s."),
        "claim reopened": gettext_lazy("%(who)s opened the claim %(whom)s again."),
        "claim answered": gettext_lazy("%(who)s answered the claim %(whom)s."),
        "claim closed": gettext_lazy("%(who)s closed the claim %(whom)s."),
    },
    {
        "reason": Field(gettext_lazy("Reason"), among(dict(Claim.Reason.choices))),
        "state": Field(gettext_lazy("Status"), among(dict(Claim.State.choices))),
    },
)
register(Family.FILES, {"parcels exported": gettext_lazy("%(who)s exported parcels.")})
