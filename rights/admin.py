"""Links and entitlements as operators see them; no digest, no fingerprint."""

from django.contrib import admin

from colibox.lib.operators.site import ReadOnly
from rights.models import AccountLink, Entitlement


@admin.register(AccountLink)
class AccountLinkAdmin(ReadOnly):
    list_display = ("last_name", "first_name", "email", "username", "account", "kind", "role", "state")
    list_filter = ("kind", "role", "state")
    list_select_related = ("account",)
    search_fields = ("last_name", "first_name", "email", "username")
    exclude = ("token_digest", "generation", "invitee")


@admin.register(Entitlement)
class EntitlementAdmin(ReadOnly):
    list_display = ("account", "right", "delegable")
    list_filter = ("right", "delegable")
    list_select_related = ("account",)
    search_fields = ("account__number__startswith",)
