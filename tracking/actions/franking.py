"""Franking: an order becomes a parcel with a number and a label, in the name of an account; and its cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import audit
from accounts.models import CustomerAccount
from colibox.lib.database import constraint_of
from rights.access import can
from rights.keys.programs import rights_on
from rights.models import AccountLink, ConnectionKey
from tracking import allocation, products
from tracking.labels.label import Address, Label
from tracking.models import Parcel, PickupPoint, TrackingEvent
from tracking.orders import LONGEST, Order, Problem, check, grams_of, product_of, tidy
from users.models import User

__all__ = ["COLISHIP", "SERVICE", "Order", "Problem", "Refused", "cancel", "check", "frank", "frank_many"]

COLISHIP = "coliship"
"""The right to frank on screen."""
SERVICE = "shipping_ws"
"""The right to frank from one's own software."""
PRINTED_IN = "fr"
"""The language of what the carrier's people read on a label."""
MOST_SKIPPED = 17
"""How often numbers that somebody has already are passed over, twice as many each time: more than a block."""


class Refused(Exception):
    """Nothing was franked, and why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__([problem.code for problem in problems])
        self.problems = list(problems)

    def __str__(self) -> str:
        return " ".join(map(str, self.problems))


def frank(
    *, link: AccountLink, by: User, order: Order, key: ConnectionKey | None = None, service: bool = False
) -> Parcel:
    """Frank one parcel in the name of the account of this link; raises Refused.

    On screen the link must hold ColiShip; with a connection key, or with `service` (a password sent to the web
    service), the right to the service. The number is another's turn only when the transaction ends: whoever needs
    the label draws it afterwards.
    """
    return frank_many(link=link, by=by, orders=[order], key=key, service=service)[0]


@transaction.atomic
def frank_many(
    *, link: AccountLink, by: User, orders: Sequence[Order], key: ConnectionKey | None = None, service: bool = False
) -> list[Parcel]:
    """Frank them all, or none: raises Refused for the first that cannot be. What a token already made is returned."""
    _check_right(link, by, SERVICE if key or service else COLISHIP)
    orders = [_complete(order, link.account, by) for order in orders]
    for order in orders:
        if problems := check(order):
            raise Refused(problems)
    done = _done_before(orders, link)
    parcels = _write([order for order in orders if order.token not in done], link.account, by, key)
    new = iter(parcels)
    return [done[order.token] if order.token in done else next(new) for order in orders]


def _check_right(link: AccountLink, by: User, right: str) -> None:
    """Whether this person may do this through this link now, whatever was true when the page was opened."""
    if link.user_id == by.pk and right in rights_on(link):
        return
    open_ = CustomerAccount.objects.filter(pk=link.account_id, state=CustomerAccount.State.OPEN).exists()
    text = _("This right is not open on this account.") if open_ else _("This account is closed.")
    fix = _("Ask the administrator of the account.")
    raise Refused([Problem("account", "30008" if open_ else "30007", text, fix)])


def _complete(order: Order, account: CustomerAccount, by: User) -> Order:
    """The order as it is written: the account sends it where nobody is named; a token is this person's here."""
    token = uuid5(account.uuid, f"{by.uuid} {order.token}") if order.token else None
    return tidy(replace(order, token=token, sender=order.sender or sender_of(account)))


def sender_of(account: CustomerAccount) -> Address:
    """An account as it stands on its labels."""
    return Address(
        company=account.company[: LONGEST["company"]],
        line2=account.address_1[: LONGEST["line2"]],
        line3=account.address_2[: LONGEST["line3"]],
        postcode=account.postcode,
        town=account.town[: LONGEST["town"]],
        country=str(account.country),
        email=account.email if len(account.email) <= LONGEST["email"] else "",
    )


def _done_before(orders: Sequence[Order], link: AccountLink) -> dict[UUID | None, Parcel]:
    """The parcels that these tokens already stand for: a form sent twice franks once."""
    tokens = sorted(order.token for order in orders if order.token)
    if not tokens:
        return {}
    with connection.cursor() as cursor:  # who sends the same form at the same moment waits here
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(tokens[0])])
    return {parcel.uuid: parcel for parcel in Parcel.objects.for_account(link.account).filter(uuid__in=tokens)}


def _write(orders: list[Order], account: CustomerAccount, by: User, key: ConnectionKey | None) -> list[Parcel]:
    """The rows of new parcels, their first events, and the trace."""
    if not orders:
        return []
    parcels = _numbered(orders, account, by, key)
    TrackingEvent.objects.bulk_create(
        TrackingEvent(
            account_id=account.pk, parcel=parcel, code="DR1", at=parcel.created_at, country=order.sender.country
        )
        for order, parcel in zip(orders, parcels, strict=True)
        if order.sender
    )
    audit.record_many(map(_franked, parcels), by=by, account_id=account.pk)
    return parcels


def _numbered(orders: list[Order], account: CustomerAccount, by: User, key: ConnectionKey | None) -> list[Parcel]:
    """The parcels under numbers that nobody has: those that came with a file are passed over."""
    wanted = [product for order in orders if (product := product_of(order))]
    points = {point.identifier: point.name for point in _points(orders)}
    for skipped in range(MOST_SKIPPED):
        try:
            numbers = allocation.allot(account, wanted, skip=(1 << skipped) - 1)
        except allocation.Exhausted:
            break
        pairs = zip(orders, numbers, strict=True)
        parcels = [_parcel(order, number, account, by, key, points) for order, number in pairs]
        try:
            with transaction.atomic():
                return Parcel.objects.bulk_create(parcels)
        except IntegrityError as error:
            if constraint_of(error) != "one_parcel_a_number":
                raise
    told = Problem("account", "40014", _("No parcel number is left."), _("Nothing was franked. Tell the carrier."))
    raise Refused([told])


def _points(orders: list[Order]) -> list[PickupPoint]:
    identifiers = {order.pickup_point for order in orders if order.pickup_point}
    return list(PickupPoint.objects.filter(identifier__in=identifiers)) if identifiers else []


def _parcel(
    order: Order, number: str, account: CustomerAccount, by: User, key: ConnectionKey | None, points: dict[str, str]
) -> Parcel:
    to = order.addressee
    identity = {"uuid": order.token} if order.token else {}
    return Parcel(
        **identity,
        account=account,
        number=number,
        product=order.product,
        reference=order.reference,
        addressee=", ".join(filter(None, (to.company, to.person))),
        postcode=to.postcode,
        town=to.town,
        country=to.country,
        weight=grams_of(order),
        tag=order.tag,
        user_key=by.user_key or "",
        franked_by=by,
        franked_by_name=str(by)[:170],
        franked_with=key.public if key else "",
        pickup_point=order.pickup_point,
        label=_label(order, number, account, points.get(order.pickup_point, "")).as_dict(),
    )


def _label(order: Order, number: str, account: CustomerAccount, point: str) -> Label:
    product = products.BY_CODE[order.product]
    with override(PRINTED_IN):
        product_label = str(product.label)
    return Label(
        number=number,
        product=product.code,
        product_label=product_label,
        account=account.number,
        sender=order.sender or sender_of(account),
        addressee=order.addressee,
        weight=grams_of(order),
        created=order.deposit_date or timezone.localdate(),
        reference=order.reference,
        instructions=order.instructions,
        pickup_id=order.pickup_point,
        pickup_name=point,
        commercial_name=order.commercial_name,
        customer_label=order.customer_label,
        tag=order.tag,
        signature=product.signature,
        return_label=product.return_label,
    )


def _franked(parcel: Parcel) -> audit.Event:
    told = {name: getattr(parcel, name) for name in ("number", "product", "country", "weight", "tag", "franked_with")}
    return audit.Event("parcel franked", parcel.uuid, parcel.number, {}, {k: v for k, v in told.items() if v != ""})


@transaction.atomic
def cancel(*, parcel: Parcel, by: User) -> Parcel:
    """Call a parcel off before it is handed over; raises ValidationError once it was."""
    if not can(by, COLISHIP, parcel.account):
        raise PermissionDenied
    parcel = Parcel.objects.select_for_update(no_key=True, of=("self",)).select_related("account").get(pk=parcel.pk)
    if parcel.cancelled_at is not None:
        raise ValidationError(_("This parcel is already cancelled."))
    if not parcel.may_be_cancelled:
        raise ValidationError(_("This parcel was handed over: it cannot be cancelled any more."))
    parcel.cancelled_at = Now()
    parcel.save(update_fields=["cancelled_at"])
    parcel.refresh_from_db(fields=["cancelled_at", "status"])
    before, after = {"number": parcel.number, "slip": parcel.slip_id}, {"cancelled": True}
    audit.record("parcel cancelled", by=by, account_id=parcel.account_id, subject=parcel.uuid,
                 subject_name=parcel.number, before=before, after=after)  # fmt: skip
    return parcel
