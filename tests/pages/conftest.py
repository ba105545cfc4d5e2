"""The fixtures of tests/web: a workspace opened as the server has it."""

from web.conftest import empty_records, shop

__all__ = ["empty_records", "shop"]
