"""Deposit slips on screen: those made so far, making one, and its paper; and who franked in the account's name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, Sum
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import CustomerAccount
from colibox.lib import sheets
from colibox.lib.days import midnight
from rights import access
from rights.access import AccountRequest
from rights.models import AccountLink
from tracking import labels
from tracking.actions import deposits
from tracking.actions.franking import COLISHIP, PRINTED_IN, sender_of
from tracking.labels import Slip, SlipLine
from tracking.models import TO_HAND_OVER, DepositSlip, Parcel
from tracking.products import label as product_label
from tracking.shipped import numbered, parcels_of, slips_of
from tracking.shipping_forms import kilograms

PAGE = 50
MONTHS = 24
"""How far back the page of months goes."""


@access.holder(COLISHIP)
def slips(request: AccountRequest) -> HttpResponseBase:
    """The slips of the account, the newest first; the parcels posted here, or all that wait, make one more."""
    mine = parcels_of(request.link)
    if request.method == "POST":
        return _make(request, mine)
    found = slips_of(request.link).annotate(
        count=Count("parcels", filter=Q(parcels__cancelled_at=None)),
        grams=Sum("parcels__weight", filter=Q(parcels__cancelled_at=None), default=0),
    )
    paginator = Paginator(found, PAGE)
    vars(paginator)["count"] = slips_of(request.link).count()
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": paginator.get_elided_page_range(page.number),
        "slips": [{"slip": slip, "weight": kilograms(slip.grams, exact=True)} for slip in page],
        "waiting": mine.filter(TO_HAND_OVER)[: deposits.MOST + 1].count(),
        "most": deposits.MOST,
    }
    return render(request, "tracking/shipping/slips.html", context)


def _make(request: AccountRequest, mine: Any) -> HttpResponseBase:
    """A slip of the parcels ticked, or of the oldest that are on none."""
    if "all" in request.POST:
        chosen = list(mine.filter(TO_HAND_OVER).order_by("created_at", "id")[: deposits.MOST])
    else:
        chosen = numbered(mine, request.POST.getlist("parcel"), deposits.MOST + 1)
    try:
        slip = deposits.make_slip(link=request.link, by=request.user, parcels=chosen)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("tracking:shipping" if "all" not in request.POST else "tracking:slips", request.account.number)
    n = len(chosen)
    text = ngettext("Slip %(slip)s is made, with %(n)s parcel.", "Slip %(slip)s is made, with %(n)s parcels.", n)
    messages.success(request, text % {"slip": slip.number, "n": n})
    return redirect("tracking:slips", request.account.number)


@access.holder(COLISHIP)
def slip(request: AccountRequest, uuid: UUID) -> HttpResponseBase:
    """A slip as it is printed, without the parcels cancelled since."""
    slip = get_object_or_404(slips_of(request.link), uuid=uuid)
    with override(PRINTED_IN):
        body = labels.deposit_slip(_paper(slip, request.account))
    name = f"{_('deposit-slip')}-{request.account.number}-{slip.number}.pdf"
    disposition = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(body, content_type="application/pdf", headers=disposition)


def _paper(slip: DepositSlip, account: CustomerAccount) -> Slip:
    parcels = slip.parcels.filter(cancelled_at=None).order_by("created_at", "id")
    return Slip(
        number=slip.number,
        account=account.number,
        sender=sender_of(account),
        created=timezone.localtime(slip.created_at),
        by=slip.by_name,
        parcels=[_on_slip(parcel) for parcel in parcels],
    )


def _on_slip(parcel: Parcel) -> SlipLine:
    return SlipLine(
        number=parcel.number,
        product_label=str(product_label(parcel.product)),
        addressee=parcel.addressee,
        postcode=parcel.postcode,
        town=parcel.town,
        country=parcel.country,
        weight=parcel.weight,
        reference=parcel.reference,
    )


# Done in my name.


@access.administrator
def in_my_name(request: AccountRequest) -> HttpResponseBase:
    """Who franked for the account in a month, on screen or by their software, and how much; also as a file."""
    first = _month(request)
    found = _by_person(request, first)
    if request.GET.get("format") == "csv":
        name = f"{_('done-in-my-name')}-{request.account.number}-{first:%Y-%m}"
        return sheets.download(_sheet(found), name=name, title=name[:31], kind="csv")
    context = {
        "month": first,
        "months": [(month, date_format(month, "F Y")) for month in _months()],
        "people": found,
        "total": sum(row["parcels"] for row in found),
    }
    return render(request, "tracking/shipping/by_others.html", context)


def _months() -> Iterator[date]:
    """This month and those before it."""
    today = timezone.localdate()
    for back in range(MONTHS):
        years, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        yield date(years, month + 1, 1)


def _month(request: AccountRequest) -> date:
    """The month asked for, else this one."""
    asked = request.GET.get("month", "")
    return next((month for month in _months() if f"{month:%Y-%m}" == asked), timezone.localdate().replace(day=1))


def _by_person(request: AccountRequest, first: date) -> list[dict[str, Any]]:
    """One row a person: the index of an account's newest parcels bounds what is read to the month."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    parcels = Parcel.objects.for_account(request.account).filter(
        created_at__gte=midnight(first), created_at__lt=midnight(after), franked_by_name__gt=""
    )
    rows = parcels.values("franked_by", "franked_by_name").annotate(
        parcels=Count("id"),
        by_service=Count("id", filter=~Q(franked_with="")),
        cancelled=Count("id", filter=Q(cancelled_at__isnull=False)),
        grams=Sum("weight"),
        last=Max("created_at"),
    )
    links = AccountLink.objects.filter(account=request.account, user__isnull=False)
    kinds = dict(links.values_list("user", "kind"))
    listed = [
        {
            **row,
            "weight": kilograms(row["grams"], exact=True),
            "advanced": kinds.get(row["franked_by"]) == AccountLink.Kind.ADVANCED,
        }
        for row in rows
    ]
    return sorted(listed, key=lambda row: (not row["advanced"], -row["parcels"], row["franked_by_name"]))


def _sheet(found: list[dict[str, Any]]) -> Iterator[list[str]]:
    yield [_("Person"), _("Kind"), _("Parcels"), _("By their software"), _("Cancelled"), _("Weight (kg)"), _("Last")]
    for row in found:
        kind = _("advanced user") if row["advanced"] else _("own staff")
        last = timezone.localtime(row["last"]).strftime("%Y-%m-%d %H:%M")
        counts = [str(row[name]) for name in ("parcels", "by_service", "cancelled")]
        yield [row["franked_by_name"], kind, *counts, row["weight"], last]
