"""What tracking does when a person is erased: their name goes from beside what they franked, filed and wrote."""

from __future__ import annotations

from tracking.models import Claim, ClaimMessage, DepositSlip, Parcel
from users.models import User


def rename(*, person: User, neutral: str) -> None:
    """Put a neutral text in the place of their name; what they wrote in a claim belongs to the account."""
    Claim.objects.filter(by=person).update(by_name=neutral)
    ClaimMessage.objects.filter(by=person).update(by_name=neutral)
    Parcel.objects.filter(franked_by=person).update(franked_by_name=neutral)
    DepositSlip.objects.filter(by=person).update(by_name=neutral)
