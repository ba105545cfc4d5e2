"""Who am I, to the API."""

import msgspec
from django.http import HttpRequest
from ninja import Router

from lettershop.access.principal import Role
from lettershop.web.api.auth import principal_of
from lettershop.web.api.operations import operation

router = Router()


class Me(msgspec.Struct, frozen=True):
    """`kind`: user (a browser's session), token, or local (a command on this machine)."""

    name: str
    role: Role
    kind: str


@operation(router, "GET", "/me", answer=Me)
def me(request: HttpRequest) -> Me:
    """Who is asking, and what they may do."""
    principal = principal_of(request)
    return Me(principal.name, principal.role, principal.kind)
