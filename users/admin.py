"""People as operators see them: found by the beginning of their user name or e-mail."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from colibox.lib.operators.site import ReadOnly
from users.models import User


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("username", "last_name", "first_name", "email", "kind", "is_active", "last_login")
    list_filter = ("kind", "is_active")
    search_fields = ("username", "email")
    search_help_text = _("The beginning of a user name or of an e-mail.")
    exclude = ("password", "groups", "user_permissions", "is_superuser", "user_key")
    change_form_template = "admin/users/user/person.html"

    def found(self, rows: QuerySet[User], term: str) -> QuerySet[User]:
        return rows.filter(Q(username__istartswith=term) | Q(email__istartswith=term))
