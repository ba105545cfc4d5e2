"""How an operation is declared: its role, the shapes it takes and gives, and one way through.

    @operation(router, "POST", "/records/{kind}", answer=Upserted, body=list[Record])
    def upsert_records(request: HttpRequest, kind: str) -> Upserted: ...

A request passes, in this order: who it is, role and rate (auth.py), parameters (django-ninja),
idempotency key (POST only), the function; its msgspec answer becomes JSON. Errors of any kind
become problem documents (problems.py). Shapes are msgspec structs; the OpenAPI document is made
from them by `fill_shapes`.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, ParamSpec

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import register_converter
from ninja import Router

from lettershop.web.api import idempotency
from lettershop.web.api.auth import Session, Token, allowance_of, principal_of
from lettershop.web.api.bodies import whole
from lettershop.web.api.limits import say
from lettershop.web.api.problems import MEDIA_TYPE, Problem
from lettershop.web.api.roles import ROLES

P = ParamSpec("P")

ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
"""Decimals become JSON numbers with all their digits."""


class AnyText:
    """A path parameter that holds everything: slashes, as Django's `path`, and line ends too."""

    regex = r"[\s\S]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AnyText, "any")

_shapes: list[tuple[Any, dict[str, Any]]] = []


def operation(
    router: Router,
    method: str,
    path: str,
    *,
    answer: Any,
    status: int = 200,
    body: Any = None,
    body_type: str = "application/json",
    media_type: str = "application/json",
    tag: str = "",
    secret: bool = False,
    most: int | None = None,
) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Declare an operation. Its role is in roles.py, under `METHOD /path`.

    `answer` and `body` are what msgspec can describe (`None`: nothing). The function returns the
    answer, or an HttpResponse of its own (then `media_type` says of which kind). A body is read
    with `bodies.read_body`; `body_type` other than JSON is for uploads. `secret`: the answer must
    not be kept for repeated requests. `most`: bytes of a body, where it is more than usual.
    """
    role = ROLES[f"{method} {path}"]
    repeatable = method == "POST" and body_type == "application/json"
    parameters = [idempotency.PARAMETER] if repeatable and not secret else []
    described = _described(answer, status, body, body_type, media_type)

    def register(view: Callable[P, Any]) -> Callable[P, Any]:
        router.add_api_operation(
            path.replace("{path:", "{any:"),
            [method],
            _guarded(view, status, repeatable=repeatable, secret=secret, most=most),
            auth=[Token(role), Session(role)],
            response={status: None},
            operation_id=view.__name__,
            summary=_summary(view),
            tags=[tag or path.split("/")[1]],
            openapi_extra=described | {"parameters": parameters, "x-role": role},
        )
        return view

    return register


def _guarded(
    view: Callable[P, Any], status: int, *, repeatable: bool, secret: bool, most: int | None
) -> Callable[P, HttpResponseBase]:
    """The function as django-ninja calls it, after parameters: once per key, its answer encoded."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request: Any = args[0]
        if most is not None:
            whole(request, most)

        def answered() -> HttpResponseBase:
            return _response(view(*args, **kwargs), status)

        done = idempotency.once(request, answered, secret=secret) if repeatable else answered()
        done.headers.setdefault("Cache-Control", "no-store")
        return done

    return guarded


def fill_shapes() -> dict[str, Any]:
    """Put the shapes of all declared operations into their descriptions; the named components."""
    kinds = [kind for kind, _ in _shapes]
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    for (_, place), schema in zip(_shapes, schemas, strict=True):
        place.update(schema)
    return components


def headed(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """The response with its length, and what is left of the caller's rate."""
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        say(response, allowance_of(request))
    return response


def _response(result: Any, status: int) -> HttpResponseBase:
    if isinstance(result, HttpResponseBase):
        return result
    if status == HTTPStatus.NO_CONTENT:
        return HttpResponse(status=status)
    content = ENCODER.encode(result)
    return HttpResponse(content, status=status, content_type="application/json")


def _summary(view: Callable[..., Any]) -> str:
    return (view.__doc__ or view.__name__).strip().partition("\n")[0].rstrip(".")


def _described(
    answer: Any, status: int, body: Any, body_type: str, media_type: str
) -> dict[str, Any]:
    """What django-ninja cannot know: the shapes and the errors."""
    success: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if answer is not None:
        success["content"] = {media_type: {"schema": _shape(answer)}}
    failure = {"description": "Problem", "content": {MEDIA_TYPE: {"schema": _shape(Problem)}}}
    described: dict[str, Any] = {
        "responses": {status: success, "default": failure},
    }
    if body is not None:
        schema = {"type": "string"} if body is bytes else _shape(body)
        described["requestBody"] = {"content": {body_type: {"schema": schema}}, "required": True}
    return described


def _shape(kind: Any) -> dict[str, Any]:
    place: dict[str, Any] = {}
    _shapes.append((kind, place))
    return place


__all__ = ["ENCODER", "fill_shapes", "headed", "operation", "principal_of"]
