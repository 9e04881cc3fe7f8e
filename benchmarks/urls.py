"""The portal's addresses, and a page that greets and does nothing else."""

from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import Engine, RequestContext, Template
from django.urls import path

from colibox.lib.access import signed_in
from colibox.urls import urlpatterns as portal

HELLO = "{% extends 'layouts/app.html' %}{% block heading %}Hello{% endblock %}"


@signed_in
def hello(request: HttpRequest) -> HttpResponseBase:
    """The frame that every signed-in page has, around one word."""
    return HttpResponse(_template().render(RequestContext(request)))


@cache
def _template() -> Template:
    return Engine.get_default().from_string(HELLO)


urlpatterns = [*portal, path("hello/", hello)]
