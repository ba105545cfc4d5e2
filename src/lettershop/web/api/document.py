"""The API as a whole: its OpenAPI document, its pages, and what is answered beside operations."""

from collections.abc import Callable
from functools import cache, wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from lettershop.model.errors import LettershopError, NotFound, UsageError
from lettershop.web.api import page
from lettershop.web.api.auth import Session, Token
from lettershop.web.api.operations import fill_shapes, headed
from lettershop.web.api.problems import not_signed_in, problem

View = Callable[..., HttpResponseBase]


class Api(NinjaAPI):
    """django-ninja's, with msgspec shapes in the document and problems for every failure."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        components = fill_shapes()
        document = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        document["components"]["schemas"].update(components)
        return document

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        patterns, app, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = _finished(pattern.callback)
        return [*patterns, re_path("", _unknown)], app, namespace


class Pages(DocsBase):
    """The documentation page, drawn from the document; it asks nothing of other hosts."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        groups, shapes = _drawn(api)
        context = {
            "here": "api",
            "document_url": self.get_openapi_url(api, kwargs),
            "groups": groups,
            "shapes": shapes,
        }
        return render(request, "api.html", context)


@cache
def _drawn(api: NinjaAPI) -> tuple[Any, Any]:
    """Its operations and shapes as the page shows them: the same as long as the process lives."""
    document = api.get_openapi_schema(path_params={})
    return page.groups(document), page.shapes(document)


def signed_in(view: View) -> View:
    """The view, for whoever may look (viewer)."""

    @wraps(view, updated=())
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            if not (Token()(request) or Session()(request)):
                return problem(not_signed_in())
        except LettershopError as error:
            return problem(error)
        return view(request, *args, **kwargs)

    return guarded


def _finished(view: View) -> View:
    """The view with what every answer of the API has."""

    @wraps(view)
    def finished(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            message = f"{request.method} is not possible here"
            response = problem(UsageError("request.method", message, hint=f"possible: {allowed}"))
            response["Allow"] = allowed
        return headed(request, response)

    return finished


def _unknown(request: HttpRequest) -> HttpResponse:
    hint = "the page docs below /api/v1/ lists everything there is"
    return problem(NotFound("request.unknown", f"there is nothing at {request.path}", hint=hint))
