"""The portal's addresses, and two pages that greet and do nothing else."""

from functools import cache

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template import Engine, RequestContext, Template
from django.urls import URLPattern, path
from ninja import NinjaAPI

from colibox.lib import origin
from colibox.lib.access import public, signed_in
from colibox.urls import urlpatterns as portal
from rights import access
from rights.keys import connection

HELLO = "{{% extends 'layouts/{layout}.html' %}}{{% block heading %}}Hello{{% endblock %}}"


@signed_in
def hello(request: HttpRequest) -> HttpResponseBase:
    """The frame that every signed-in page has, around one word."""
    return HttpResponse(_template("app").render(RequestContext(request)))


@access.administrator
def hello_account(request: access.AccountRequest) -> HttpResponseBase:
    """The frame that every page of an account has for its administrator, around one word."""
    return HttpResponse(_template("account").render(RequestContext(request)))


bare = NinjaAPI(urls_namespace="bare", openapi_url=None, docs_url=None)


@bare.get("/answer")
def answer(request: HttpRequest) -> dict[str, str]:
    """What every call costs: a key is looked up, and somebody is greeted in JSON."""
    caller = connection.by_key(request.headers["apiKey"], ip=origin.current().ip)
    return {"hello": caller.user.username}


@cache
def _template(layout: str) -> Template:
    return Engine.get_default().from_string(HELLO.format(layout=layout))


def bare_address() -> URLPattern:
    """Where the bare answer is, tagged."""
    pattern = next(each for each in bare.urls[0] if isinstance(each, URLPattern) and each.name == "answer")
    return path("bare/answer", public(pattern.callback))


urlpatterns = [
    *portal,
    path("hello/", hello),
    path("accounts/<digits:number>/hello/", hello_account),
    bare_address(),
]
