"""Who calls the API: a token in the header, a command on this machine, or a signed-in browser.

Role and rate are checked here, before anything of the request is looked at.
"""

from typing import Any, cast

from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from lettershop.access.principal import Principal, Role
from lettershop.access.tokens import find_token
from lettershop.app.running import running
from lettershop.model.errors import AccessError
from lettershop.web.api.limits import Allowance, limits


class Token(AuthBase):
    """`Authorization: Bearer …`: an API token, or the token of commands on this machine."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __init__(self, needed: Role = "viewer") -> None:
        super().__init__()
        self.needed: Role = needed

    def __call__(self, request: HttpRequest) -> Principal | None:
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        found = _of_token(secret.strip()) if scheme.lower() == "bearer" else None
        if found is None:
            hint = "lettershop token create makes one"
            raise AccessError("access.token", "this token is not (or no longer) valid", hint=hint)
        return admit(request, found, self.needed)


class Session(AuthBase):
    """The session of a signed-in browser; what changes something needs its CSRF token too."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "sessionid"

    def __init__(self, needed: Role = "viewer") -> None:
        super().__init__()
        self.needed: Role = needed

    def __call__(self, request: HttpRequest) -> Principal | None:
        user = cast(Any, getattr(request, "user", None))
        if user is None or not user.is_authenticated:
            return None
        if check_csrf(request) is not None:
            hint = "send the CSRF cookie's value as the header X-CSRFToken"
            raise AccessError("access.csrf", "the CSRF token is missing or wrong", hint=hint)
        return admit(request, user.principal, self.needed)


def admit(request: HttpRequest, principal: Principal, needed: Role) -> Principal:
    """Check role and rate. AccessError `access.role`, Unavailable `request.too_often`."""
    if principal.kind != "local":
        request.allowance = limits.take(principal)  # type: ignore[attr-defined]
    principal.require(needed)
    return principal


def principal_of(request: HttpRequest) -> Principal:
    """Who was admitted to this operation."""
    return cast(Principal, cast(Any, request).auth)


def allowance_of(request: HttpRequest) -> Allowance | None:
    return getattr(request, "allowance", None)


def _of_token(secret: str) -> Principal | None:
    return running().local(secret) or find_token(secret)
