"""Lettershop: send every person the message that fits them."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lettershop.app import (
        LakeWorkspace,
        Members,
        Overlap,
        Segment,
        Workspace,
        lake_workspace,
    )

__version__ = "0.1.0"
__all__ = [
    "LakeWorkspace",
    "Members",
    "Overlap",
    "Segment",
    "Workspace",
    "__version__",
    "lake_workspace",
]


def __getattr__(name: str) -> object:
    """At their first use: whoever only asks for the version does not wait for the engine."""
    if name not in __all__:
        raise AttributeError(f"module “lettershop” has no attribute “{name}”")
    return getattr(import_module("lettershop.app"), name)
