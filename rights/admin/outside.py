"""Where applications that are not ours are, as operators set it."""

from __future__ import annotations

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import addresses
from accounts.actions.documents import set_service
from accounts.models import Service
from colibox.lib.operators.site import ReadOnly
from rights import outside
from users.requests import proven, staff_of


class AddressesForm(forms.Form):
    """An address for each application; without one it is not available."""

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        known = dict(Service.objects.values_list("right", "address"))
        for code, label in outside.NAMES.items():
            self.fields[code] = forms.CharField(
                label=str(label), required=False, max_length=300, initial=known.get(code, ""),
                validators=[addresses.check], widget=forms.URLInput(attrs={"size": 60, "autocomplete": "off"}),
            )  # fmt: skip


@admin.register(Service)
class ServiceAdmin(ReadOnly):
    list_display = ("label", "address")
    fields = ("label", "address")
    ordering = ("right",)
    change_list_template = "admin/accounts/service/list.html"

    @admin.display(description=gettext_lazy("Application"))
    def label(self, service: Service) -> str:
        return str(outside.NAMES.get(service.right, service.right))

    def named(self, row: Service) -> str:
        return self.label(row)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(proven(require_http_methods(["GET", "HEAD", "POST"])(self.addresses)))
        return [path("addresses/", view, name="accounts_service_addresses"), *super().get_urls()]

    def addresses(self, request: HttpRequest) -> HttpResponse:
        """All the addresses, on one page."""
        staff = staff_of(request)
        form = AddressesForm(request.POST or None)
        if form.is_valid():
            for code, address in form.cleaned_data.items():
                set_service(right=code, address=address, by=staff)
            messages.success(request, _("The addresses are saved."))
            return redirect("admin:accounts_service_changelist")
        title = _("Where the other applications are")
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "form": form}
        return render(request, "admin/accounts/service/addresses.html", context)
