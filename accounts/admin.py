"""Accounts and their trace as operators see them: found by account number or by person."""

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import document_admin, group_admin  # noqa: F401 (their pages register themselves)
from accounts.models import AuditEvent, CustomerAccount
from colibox.lib.operators.site import ReadOnly
from users.models import User

DIGITS = 6


def numbered(term: str) -> QuerySet[CustomerAccount]:
    """The accounts whose number begins like this; as a range, which row-level security lets an index answer."""
    if not (term.isascii() and term.isdecimal() and len(term) <= DIGITS):
        return CustomerAccount.objects.none()
    return CustomerAccount.objects.filter(number__gte=term.ljust(DIGITS, "0"), number__lte=term.ljust(DIGITS, "9"))


@admin.register(CustomerAccount)
class CustomerAccountAdmin(ReadOnly):
    list_display = ("number", "company", "contract", "town", "state", "created_at")
    list_filter = ("state", "contract")
    search_fields = ("number",)
    search_help_text = _("The beginning of an account number.")
    ordering = ("number",)
    change_form_template = "admin/accounts/customeraccount/account.html"

    def found(self, rows: QuerySet[CustomerAccount], term: str) -> QuerySet[CustomerAccount]:
        return rows.filter(pk__in=numbered(term))


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly):
    list_display = ("at", "account_id", "actor_name", "verb", "subject_name", "channel", "ip")
    search_fields = ("account_id",)
    search_help_text = _("A whole account number, or a whole user name: what was done to this person.")
    ordering = ("-id",)

    def found(self, rows: QuerySet[AuditEvent], term: str) -> QuerySet[AuditEvent]:
        if account := CustomerAccount.objects.filter(number=term).first():
            return rows.filter(account_id=account.pk)
        person = User.objects.with_username(term).first()
        if person is None:
            return rows.none()
        subjects = [person.uuid, *person.links.values_list("uuid", flat=True)]
        return rows.filter(subject__in=subjects)
