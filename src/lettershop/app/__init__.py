"""The wiring: builds everything, and is the only room that knows all others.

workspace.py   Workspace: a folder opened, and every question that can be asked of it: start here
segment.py     what it answers with: Segment, Overlap
members.py     a segment's members, for pandas, Polars, Arrow, CSV
settings.py    lettershop.toml and the environment
shop.py        Shop: what commands and API ask, answered in plain structs (answers.py)
imports.py     uploads of a running server; feeds.py: its watched folder and pulls
"""

from lettershop.app.members import Members
from lettershop.app.segment import Overlap, Segment
from lettershop.app.workspace import Workspace

__all__ = ["Members", "Overlap", "Segment", "Workspace"]
