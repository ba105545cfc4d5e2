"""A definition: a named question, ready to be checked, planned and evaluated."""

from typing import Final, Literal

import msgspec

from lettershop.language.tree import Condition, Scalar, Subject

HIDDEN: Final = "trait:"
"""Names that begin so are segments that stand for rules of derived traits; lists leave them out."""

Mode = Literal["static", "add_only", "dynamic"]


class Default(msgspec.Struct, frozen=True, eq=False):
    """What letters to a segment say of a member who has no such value: `city`, `contact.city`,
    `account.plan`. Yes and 1 are different, which `==` would not tell."""

    name: str
    value: Scalar

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Default) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash(self._said())

    def _said(self) -> tuple[str, bool, Scalar]:
        return self.name, isinstance(self.value, bool), self.value


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """`where` is the effective condition: for a member of a partition it already excludes the
    earlier members (by `in segment` references), so engines need not know about partitions."""

    name: str
    subject: Subject
    where: Condition
    title: str = ""
    mode: Mode = "dynamic"
    description: str = ""
    partition: str | None = None
    text: str = ""
    """The condition as its author wrote it; of a partition member, without the exclusions."""
    source: str = ""
    """File it came from, for findings."""
    defaults: tuple[Default, ...] = ()
    """By name, each once; who is a member does not depend on them."""
