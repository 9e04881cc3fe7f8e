"""The carrier's staff pages: Django's admin, kept to reading, over all accounts, behind the portal's own sign-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property, wraps
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite, ModelAdmin, ShowFacets
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from colibox.lib import tenancy
from colibox.lib.access import rendered, tag
from colibox.lib.operators.showing import Waiting
from colibox.lib.outbox.models import Mail
from colibox.lib.text import Text


class OperatorSite(AdminSite):
    """Every page runs with all accounts in reach; who is no staff gets the portal's refusal."""

    site_header = site_title = _("Colibox operators")
    index_title = _("Operators’ pages")
    index_template = "admin/first.html"
    enable_nav_sidebar = False

    def register(
        self, model_or_iterable: Any, admin_class: type[ModelAdmin[Any]] | None = None, **options: Any
    ) -> None:
        """Our own pages only: those of libraries write groups, addresses and sessions past our actions."""
        if admin_class is not None and issubclass(admin_class, ReadOnly):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        checked = super().admin_view(view, cacheable)

        @wraps(checked)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if self.lacks_factor(request):
                messages.warning(request, _("The operators' pages ask for a second factor: set one up first."))
                return redirect("mfa_index")
            with tenancy.everything():
                try:
                    return rendered(checked(request, *args, **kwargs))
                except Http404:
                    return self.refused(request, 404)
                except PermissionDenied:
                    return self.refused(request, 403)

        return tag(wrapper, "staff")

    @staticmethod
    def refused(request: HttpRequest, status: int) -> HttpResponse:
        """The portal's refusals speak of an account and its administrators; staff have neither."""
        return render(request, "admin/refused.html", {"status": status}, status=status)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """What waits for somebody to act, then what there is."""
        pages = [page for page in self._registry.values() if isinstance(page, ReadOnly)]
        waiting = [*_not_delivered(), *(each for page in pages for each in page.waiting(request))]
        recent = [each for page in pages for each in page.recent(request)]
        return super().index(request, {**(extra_context or {}), "waiting": waiting, "recent": recent})

    @staticmethod
    def lacks_factor(request: HttpRequest) -> bool:
        """Whether staff are to have a second factor, and this one has none."""
        staff = settings.STAFF_SECOND_FACTOR and getattr(request.user, "is_staff", False)
        return bool(staff and not getattr(request.user, "second_factor", False))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The portal has one sign-in, with its limits; whoever went through it without being staff stays out."""
        if request.user.is_authenticated:
            return self.refused(request, 403)
        return redirect_to_login(request.GET.get("next", request.path))

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The portal's own page, which tells the person and leaves a trace."""
        return redirect("account_change_password")


def _not_delivered() -> Iterator[Waiting]:
    """E-mails that were given up: a command looks into them and tries again."""
    if n := Mail.objects.filter(state=Mail.State.FAILED)[: Bounded.MOST].count():
        yield Waiting(
            ngettext(
                "e-mail not delivered: manage.py outbox status", "e-mails not delivered: manage.py outbox status", n
            ),
            n,
            urgent=True,
        )


class Bounded(Paginator):  # type: ignore[type-arg]
    """Pages that are counted as far as somebody might turn: a table of millions is not.

    Of a policy the planner expects to let one row in a hundred through: further on it would sort all there are.
    """

    MOST = 2_000

    @cached_property
    def count(self) -> int:
        listed = cast("QuerySet[Model]", self.object_list)
        return listed.order_by()[: self.MOST].count()


class ReadOnly(ModelAdmin):  # type: ignore[type-arg]
    """A model to look at: rows, search, no writing; its changes are made by actions.

    Rows stay in the order of an index, and a search is a prefix that an index finds (`found`).
    """

    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    paginator = Bounded
    sortable_by = ()
    labels: ClassVar[dict[str, Text]] = {}
    """What the fields are called here whose models have no name for them."""

    def waiting(self, request: HttpRequest) -> Iterator[Waiting]:
        """What of these waits for somebody of the staff: shown on the first page."""
        yield from ()

    def recent(self, request: HttpRequest) -> Iterator[Any]:
        """What this member of staff did last: shown on the first page."""
        yield from ()

    def named(self, row: Any) -> str:
        """What a row is called, where its page stands alone."""
        return str(row)

    def trace_of(self, row: Any) -> str:
        """The search of the trace that finds what happened to a row; empty when nothing is traced by it."""
        return str(getattr(row, "uuid", ""))

    def get_urls(self) -> list[URLPattern]:
        """Without Django's history, which knows nothing of what actions do: the trace does."""
        return [url for url in super().get_urls() if url.name and not url.name.endswith("_history")]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With our labels, and without help texts, which tell how to fill in what nobody fills in here."""
        no_help = {field.name: "" for field in self.opts.get_fields()}
        return super().get_form(request, obj, change=change, labels=self.labels, help_texts=no_help, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """One row under its own name."""
        row = context["original"]
        shown = {"title": self.named(row), "subtitle": None, "trace_query": self.trace_of(row)}
        return super().render_change_form(request, {**context, **shown}, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        raise Http404

    def found(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """The rows that a search is for."""
        return rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Nothing looser than what `found` says: it would read all the rows there are."""
        term = search_term.strip()
        return (self.found(queryset, term) if term and "\0" not in term else queryset), False

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """By the filters shown only: a fingerprint that no page shows could be read letter by letter otherwise."""
        filters = [getattr(shown, "parameter_name", shown) for shown in self.get_list_filter(request)]
        return lookup.partition("__")[0] in filters and "\0" not in str(value)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
