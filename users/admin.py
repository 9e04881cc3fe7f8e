"""People as operators see them."""

from django.contrib import admin

from colibox.lib.operators.site import ReadOnly
from users.models import User


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = ("username", "last_name", "first_name", "email", "kind", "is_active", "last_login")
    list_filter = ("kind", "is_active")
    search_fields = ("username__istartswith", "email__istartswith", "last_name__istartswith")
    exclude = ("password", "groups", "user_permissions")
