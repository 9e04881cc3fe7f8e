"""The portal's addresses, and two pages that greet and do nothing else."""

from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import Engine, RequestContext, Template
from django.urls import path

from colibox.lib.access import signed_in
from colibox.urls import urlpatterns as portal
from rights import access

HELLO = "{{% extends 'layouts/{layout}.html' %}}{{% block heading %}}Hello{{% endblock %}}"


@signed_in
def hello(request: HttpRequest) -> HttpResponseBase:
    """The frame that every signed-in page has, around one word."""
    return HttpResponse(_template("app").render(RequestContext(request)))


@access.administrator
def hello_account(request: access.AccountRequest) -> HttpResponseBase:
    """The frame that every page of an account has for its administrator, around one word."""
    return HttpResponse(_template("account").render(RequestContext(request)))


@cache
def _template(layout: str) -> Template:
    return Engine.get_default().from_string(HELLO.format(layout=layout))


urlpatterns = [*portal, path("hello/", hello), path("accounts/<digits:number>/hello/", hello_account)]
