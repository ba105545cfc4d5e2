"""Refreshes of the published segments that somebody asks for, beside those by the clock."""

from django.http import HttpRequest
from ninja import Router

from lettershop.app.refreshing.orders import Order, Wish
from lettershop.app.running import running
from lettershop.model.errors import AccessError
from lettershop.web.api.bodies import read_body
from lettershop.web.api.operations import operation, principal_of

router = Router()


@operation(router, "POST", "/refreshes", answer=Order, status=202, body=Wish)
def start_refresh(request: HttpRequest) -> Order:
    """Bring everything published current: soon, one refresh after the other."""
    wish = read_body(request, Wish)
    if wish.spark is not None and principal_of(request).kind != "local":
        message = "only commands on the server's machine can say which Spark is asked"
        raise AccessError("access.role", message, where="spark", hint="leave it out")
    return running().refreshes.ask(wish)


@operation(router, "GET", "/refreshes/{id}", answer=Order)
def one_refresh(request: HttpRequest, id: int) -> Order:
    """How far a refresh is, what it came to, or why it failed."""
    return running().refreshes.order(id)
