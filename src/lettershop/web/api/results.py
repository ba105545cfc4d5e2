"""Results of campaigns."""

from typing import Annotated, Final

from django.http import HttpRequest
from ninja import Query, Router

from lettershop.app.results import results
from lettershop.app.running import running
from lettershop.campaigns.results.said import Results
from lettershop.model.errors import UsageError
from lettershop.web.api.operations import operation

router = Router()
MOST: Final = 20
"""Segments that results are told apart by, besides those of the audience."""

By = Annotated[list[str], Query(description="Segments to tell apart, as they were at the freeze.")]


@operation(router, "GET", "/campaigns/{path:name}/results", answer=Results)
def campaign_results(
    request: HttpRequest,
    name: str,
    by: By = [],  # noqa: B006  (django-ninja copies it)
) -> Results:
    """What a campaign caused: letters, clicks, replies, and its goal against those held out."""
    if len(by) > MOST:
        raise UsageError("results.too_many", f"at most {MOST} segments", where="by")
    with running().engine.read() as workspace:
        return results(workspace, name, by, running().clock.now())
