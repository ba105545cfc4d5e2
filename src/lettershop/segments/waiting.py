"""Drafts that wait for somebody to publish or discard them."""

import msgspec

from lettershop.segments.models import Version


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """`created_at` in milliseconds."""

    segment: str
    number: int
    title: str
    author: str
    note: str
    created_at: int


def waiting() -> tuple[Waiting, ...]:
    """All of them, the newest first."""
    names = [name for name in Waiting.__struct_fields__ if name != "segment"]
    rows = Version.objects.filter(state="draft").order_by("-created_at", "-pk")
    return tuple(
        Waiting(segment=segment, **dict(zip(names, rest, strict=True)))
        for segment, *rest in rows.values_list("segment__name", *names)
    )
