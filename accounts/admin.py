"""Accounts and their trace as operators see them."""

from django.contrib import admin

from accounts.models import AuditEvent, CustomerAccount
from colibox.lib.operators.site import ReadOnly


@admin.register(CustomerAccount)
class CustomerAccountAdmin(ReadOnly):
    list_display = ("number", "company", "contract", "town", "state", "created_at")
    list_filter = ("state", "contract")
    search_fields = ("number__startswith", "company__istartswith")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "account_id", "actor_name", "verb", "subject_name", "channel", "ip")
    ordering = ("-id",)
