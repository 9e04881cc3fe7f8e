"""Parcels with their events, claims, pickup points, and the trace of web service calls."""

from tracking.models.calls import Call, KeptAnswer
from tracking.models.claims import Claim, ClaimMessage
from tracking.models.parcels import TO_HAND_OVER, DepositSlip, NumberRange, Parcel, ParcelQuerySet, TrackingEvent
from tracking.models.pickup import PickupPoint

__all__ = [
    "TO_HAND_OVER",
    "Call",
    "Claim",
    "ClaimMessage",
    "DepositSlip",
    "KeptAnswer",
    "NumberRange",
    "Parcel",
    "ParcelQuerySet",
    "PickupPoint",
    "TrackingEvent",
]
