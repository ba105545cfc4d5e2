"""A definition under another name, and a tree that refers to segments by other names: so that what
is in force and what is proposed can be evaluated side by side."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from lettershop.language.definition import Definition
from lettershop.language.tree import InSegment, Node, SegmentHistory

Tree = TypeVar("Tree", bound=Node)


def renamed(definition: Definition, names: Mapping[str, str]) -> Definition:
    """Itself and whom it refers to, called as `names` says."""
    return msgspec.structs.replace(
        definition,
        name=names.get(definition.name, definition.name),
        where=retold(definition.where, names),
    )


def retold(node: Tree, names: Mapping[str, str]) -> Tree:
    """The tree with other names of the segments it refers to. What asks for recorded transitions
    has to be told under which name they are (`evaluate`)."""
    if isinstance(node, InSegment | SegmentHistory):
        return msgspec.structs.replace(node, name=names.get(node.name, node.name))
    changed: dict[str, object] = {}
    for field in node.__struct_fields__:
        value = getattr(node, field)
        if isinstance(value, Node):
            changed[field] = retold(value, names)
        elif isinstance(value, tuple) and any(isinstance(item, Node) for item in value):
            changed[field] = tuple(
                retold(item, names) if isinstance(item, Node) else item for item in value
            )
    return msgspec.structs.replace(node, **changed) if changed else node
