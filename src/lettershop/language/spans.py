"""Where in a text each node, and each part of it, was written."""

from lettershop.model.errors import Span


class Spans:
    """Spans by identity of the node: equal nodes written twice have two places.

    Parts are called `field`, `value`, `values`, `name`, `names`, `op`; a part that was not marked
    answers with the span of its whole node.
    """

    def __init__(self) -> None:
        self._places: dict[int, dict[str, Span]] = {}
        self._kept: list[object] = []  # ids are only unique among things that are alive

    def mark(self, node: object, span: Span, **parts: Span | None) -> None:
        self._kept.append(node)
        known = {part: place for part, place in parts.items() if place is not None}
        self._places[id(node)] = {"": span, **known}

    def move(self, old: object, new: object, span: Span | None = None) -> None:
        """`new` replaces `old`, which was written in the same place (or, now, in `span`)."""
        self._kept.append(new)
        places = self._places.get(id(old), {})
        self._places[id(new)] = {**places, "": span} if span is not None else places

    def of(self, node: object, part: str = "") -> Span | None:
        places = self._places.get(id(node), {})
        return places.get(part, places.get(""))
