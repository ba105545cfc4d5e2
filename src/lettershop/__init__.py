"""Lettershop: send every person the message that fits them."""

from lettershop.app import Members, Overlap, Segment, Workspace

__version__ = "0.1.0"
__all__ = ["Members", "Overlap", "Segment", "Workspace", "__version__"]
