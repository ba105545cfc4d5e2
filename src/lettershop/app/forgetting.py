"""Somebody erased is taken out of reports that name people as examples: proofs and preflights."""

from collections.abc import Collection
from typing import Any

import msgspec
from django.db import models

from lettershop.app import people
from lettershop.app.workspace import Workspace
from lettershop.campaigns.models import CampaignRecord
from lettershop.content.models_proof import ProofRecord
from lettershop.model.errors import NotFound

REPORTS: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (ProofRecord, ("counts", "found")),
    (CampaignRecord, ("freeze", "preflight")),
)
"""Tables, and their columns of JSON in which identities stand."""


def names_of(workspace: Workspace, who: str) -> frozenset[str]:
    """Identities somebody is named by. To be asked while they are still known."""
    try:
        found = people.contact(workspace, who)
    except NotFound:
        return frozenset({who, f"email:{who.removeprefix('email:').lower()}"})
    return frozenset({who, found.contact, *found.identities})


def forget_names(names: Collection[str]) -> int:
    """Take them out of all reports; how many reports named them. Safe to repeat."""
    changed = 0
    for table, columns in REPORTS:
        for number, *texts in table._default_manager.values_list("pk", *columns).iterator():
            new = {c: without(t, names) for c, t in zip(columns, texts, strict=True)}
            if [*new.values()] != texts:
                table._default_manager.filter(pk=number).update(**new)
                changed += 1
    return changed


def without(text: str, names: Collection[str]) -> str:
    """JSON in which the names stood as values: gone from lists, "" elsewhere. The same text where
    none does."""
    if not any(_written(name) in text for name in names):
        return text
    return msgspec.json.encode(_without(msgspec.json.decode(text), names)).decode()


def _written(name: str) -> str:
    return msgspec.json.encode(name).decode()


def _without(value: Any, names: Collection[str]) -> Any:
    match value:
        case dict():
            return {key: _without(inner, names) for key, inner in value.items()}
        case list():
            kept = (one for one in value if not (isinstance(one, str) and one in names))
            return [_without(one, names) for one in kept]
        case str() if value in names:
            return ""
        case _:
            return value
