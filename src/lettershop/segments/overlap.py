"""How many members segments share."""

from collections.abc import Sequence

from pyroaring import BitMap


def shared(members: Sequence[BitMap]) -> tuple[tuple[int, ...], ...]:
    """Row i, column j: the size of what i and j have in common; the diagonal is their own sizes."""
    rows = [[0] * len(members) for _ in members]
    for i, one in enumerate(members):
        rows[i][i] = len(one)
        for j in range(i):
            rows[i][j] = rows[j][i] = one.intersection_cardinality(members[j])
    return tuple(map(tuple, rows))
