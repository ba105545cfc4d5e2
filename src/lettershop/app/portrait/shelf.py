"""The derived traits of the workspace, read from its folder only when that has changed."""

from typing import Final

from lettershop.app.derived import Segments, Shelf
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.entries import Side
from lettershop.profile.folder import Book
from lettershop.profile.traits import AnyTrait, fields_of
from lettershop.segments.register import published

_SHELF: Final = Shelf()
"""One for all pages of this process: what it remembers is of one folder, which it looks at."""


def segments_in_force() -> Segments:
    return {one.name: one.definition for one in published()}


def book(shop: Workspace) -> Book:
    return _SHELF.book(shop, segments_in_force())


def traits_of(shop: Workspace, side: Side) -> list[AnyTrait]:
    """The sound ones about contacts, or accounts, each after those it is made from."""
    return [trait for trait in book(shop).traits if trait.subject == side]


def derived_fields(shop: Workspace, side: Side) -> set[str]:
    """Fields that rules write."""
    return {field for trait in traits_of(shop, side) for field in fields_of(trait)}
