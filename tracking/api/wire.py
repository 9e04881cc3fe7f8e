"""What goes over the wire: JSON read strictly, and values as clients in the field write them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja.parser import Parser
from ninja.types import DictStrAny
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, WithJsonSchema


class StrictParser(Parser):
    """JSON as its standard has it: no NaN, no half characters, no more than a thousand levels."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The object in the body."""
        return cast(DictStrAny, orjson.loads(request.body))


class Wire(BaseModel):
    """What a client sends. Fields that are unknown here are left aside, as the published services do."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


def _no_null(value: Any) -> Any:
    """An empty field may be sent as null."""
    return "" if value is None else value


def _plain(text: str) -> str:
    """Without the space around it, and nothing the database cannot keep."""
    return text.replace("\0", "\ufffd").strip()


Text = Annotated[str, BeforeValidator(_no_null), AfterValidator(_plain)]
"""A text; numbers are taken for one."""
Number = Annotated[Text, WithJsonSchema({"type": ["number", "string"]})]
"""A number, as one or as a text; what it means is for the service to say."""


def json(body: Any, status: int = 200) -> HttpResponse:
    """An answer in JSON."""
    return HttpResponse(orjson.dumps(body), status=status, content_type="application/json;charset=UTF-8")


def moment(at: datetime) -> str:
    """A moment as the published services write it: local, to the second, with its offset."""
    return timezone.localtime(at).isoformat(timespec="seconds")
