"""When each event was last received, and how often it usually is."""

from django.http import HttpRequest
from ninja import Router

from lettershop.app.running import running
from lettershop.app.shop import LocalShop
from lettershop.app.uncertain import FeedsAnswer
from lettershop.web.api.moment import AsOf, moment
from lettershop.web.api.operations import operation

router = Router()


@operation(router, "GET", "/feeds", answer=FeedsAnswer)
def list_feeds(request: HttpRequest, as_of: AsOf = "") -> FeedsAnswer:
    """Every event: when it was last received, its usual and its longest pause, and whether it is
    silent now; segments that hang on the absence of a silent one are uncertain."""
    with running().engine.read() as workspace:
        return LocalShop(workspace).feeds(moment(as_of))
