"""Derived traits: which there are, and why somebody's are what they are."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from lettershop.app.running import running
from lettershop.app.traits import TraitExplanation, Traits, explain_trait, trait_listing
from lettershop.web.api.moment import AsOf, moment
from lettershop.web.api.operations import operation

router = Router()


@operation(router, "GET", "/traits", answer=Traits)
def list_traits(request: HttpRequest) -> Traits:
    """All derived traits: what they are made of, how their values are spread, what is wrong."""
    with running().engine.read() as workspace:
        return trait_listing(workspace)


@operation(router, "GET", "/traits/{path:name}/explain", answer=TraitExplanation)
def explain_derived_trait(
    request: HttpRequest,
    name: str,
    who: Annotated[str, Query(description="A user id or address; an account's id or name.")],
    as_of: AsOf = "",
) -> TraitExplanation:
    """What a trait is made of for one contact or account: rules, points, since when, changes."""
    with running().engine.read() as workspace:
        return explain_trait(workspace, name, who, moment(as_of))
