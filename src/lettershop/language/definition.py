"""A definition: a named question, ready to be checked, planned and evaluated."""

from typing import Final, Literal

import msgspec

from lettershop.language.tree import Condition, Subject

HIDDEN: Final = "trait:"
"""Names that begin so are segments that stand for rules of derived traits; lists leave them out."""

Mode = Literal["static", "add_only", "dynamic"]


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
