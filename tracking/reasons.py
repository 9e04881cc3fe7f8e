"""Why somebody sees a parcel: by which of their rights, and who gave it to them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from rights.models import Grant
from tracking.models import Parcel
from tracking.scopes import WHOLE_ACCOUNT, Scope


def reasons(parcel: Parcel, scope: Scope) -> list[str]:
    """The rights of this scope that show this parcel, each with who gave it; an administrator's are the account's."""
    if scope.administers:
        return [_("the administration of account %(number)s") % {"number": scope.account.number}]
    codes = [code for code in scope.rights if _shows(code, parcel, scope)]
    grants = Grant.objects.effective().filter(account=scope.account, link__user=scope.user, right__in=codes)
    text = _("%(right)s, given by %(who)s")
    return [text % {"right": grant, "who": grant.given_by_name} for grant in grants.order_by("right")]


def _shows(code: str, parcel: Parcel, scope: Scope) -> bool:
    if code in WHOLE_ACCOUNT or code.endswith("_consolidated"):
        return True
    if code.endswith("_tag"):
        return bool(parcel.tag) and parcel.tag_key in scope.tags
    return parcel.franked_by_id == scope.user or parcel.user_key == scope.user_key != ""
