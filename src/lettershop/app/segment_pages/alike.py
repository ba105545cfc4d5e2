"""Who shares members with whom, from what is kept: a hundred segments in some milliseconds."""

import msgspec
from pyroaring import BitMap

from lettershop.app.segment_pages.standing import Segments
from lettershop.language.tree import Subject
from lettershop.segments.overlap import shared


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Another segment beside one: `shared` members; `of_this`, `of_other` are shares of each,
    `likeness` of both together (Jaccard). `expected`: how many would be shared by chance."""

    name: str
    title: str
    size: int
    shared: int
    of_this: float
    of_other: float
    likeness: float
    expected: float


class Overlaps(msgspec.Struct, frozen=True, kw_only=True):
    """`matrix[i][j]`: members that segments i and j share; the diagonal is their size."""

    subject: Subject
    names: tuple[str, ...]
    titles: tuple[str, ...]
    matrix: tuple[tuple[int, ...], ...]


def alike(segments: Segments, name: str) -> list[Alike]:
    """All others of the same subject that are kept, the most alike first."""
    own, subject = segments.members(name), segments.standing(name).subject
    others = {n: ids for n, ids in _kept(segments, subject).items() if n != name}
    universe = len(segments.universe(subject))
    found = [_beside(segments, own, other, ids, universe) for other, ids in others.items()]
    return sorted(found, key=lambda one: (-one.likeness, -one.shared, one.title))


def overlaps(segments: Segments, subject: Subject, names: list[str] | None = None) -> Overlaps:
    """Of the named ones, in that order; by default of all that are kept."""
    kept = _kept(segments, subject)
    chosen = [n for n in names if n in kept] if names is not None else list(kept)
    return Overlaps(
        subject=subject,
        names=tuple(chosen),
        titles=tuple(segments.standing(name).title for name in chosen),
        matrix=shared([kept[name] for name in chosen]),
    )


def _kept(segments: Segments, subject: Subject) -> dict[str, BitMap]:
    names = [
        name
        for name, one in segments.published.items()
        if one.definition.subject == subject and segments.is_kept(name)
    ]
    found = segments.kept_members(names)
    return {name: found.get(name, BitMap()) for name in names}


def _beside(segments: Segments, own: BitMap, name: str, other: BitMap, universe: int) -> Alike:
    both = own.intersection_cardinality(other)
    either = len(own) + len(other) - both
    return Alike(
        name=name,
        title=segments.standing(name).title,
        size=len(other),
        shared=both,
        of_this=both / len(own) if own else 0.0,
        of_other=both / len(other) if other else 0.0,
        likeness=both / either if either else 0.0,
        expected=len(own) * len(other) / universe if universe else 0.0,
    )
