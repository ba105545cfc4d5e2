"""Every pair is counted once and stands on both sides of the diagonal."""

from pyroaring import BitMap

from lettershop.segments.overlap import shared


def test_the_matrix_is_symmetric_with_sizes_on_the_diagonal() -> None:
    members = [BitMap([1, 2, 3]), BitMap([2, 3, 4, 5]), BitMap()]
    assert shared(members) == ((3, 2, 0), (2, 4, 0), (0, 0, 0))


def test_of_nothing_there_is_nothing() -> None:
    assert shared([]) == ()
