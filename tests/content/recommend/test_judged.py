"""The judges of the bench count right."""

import numpy as np
import pytest
from scipy import sparse

from bench.judged import figure, judge
from lettershop.content.recommend.best import best, strongest, walk


def rows(*items: list[int]) -> sparse.csr_array:
    made = np.zeros((len(items), 30), np.float32)
    for row, some in enumerate(items):
        made[row, some] = 1
    return sparse.csr_array(made)


def test_hit_recall_and_ndcg() -> None:
    ranked = np.array([[3, 1, 2], [9, -1, -1], [4, 5, 6], [-1, -1, -1]], np.int32)
    scores = judge(ranked, rows([3, 2, 20, 21], [8], [6], [0]))
    assert list(scores.hit) == [1, 0, 1, 0]
    assert list(scores.recall) == [0.5, 0, 1, 0]
    ideal = 1 + 1 / np.log2(3) + 1 / 2 + 1 / np.log2(5)
    assert scores.ndcg == pytest.approx([(1 + 1 / 2) / ideal, 0, 1 / 2, 0])
    assert scores.reached == 0.75
    assert scores.precision == 3 / 7


def test_intervals_hold_the_mean_and_shrink_with_more_accounts() -> None:
    few, many = np.tile([0.0, 1.0], 20), np.tile([0.0, 1.0], 2_000)
    assert figure(few) == figure(few)
    narrow, wide = figure(many), figure(few)
    assert wide.low < narrow.low < 0.5 < narrow.high < wide.high
    assert 0.25 < wide.high - wide.low < 0.35  # 2 × 1.96 × 0.5 / √40 = 0.31


@pytest.mark.parametrize("k", [1, 3, 8])
def test_the_best_are_those_of_a_full_sort(k: int) -> None:
    draw = np.random.default_rng(5)
    dense = draw.integers(0, 5, (40, 30)).astype(np.float32)
    having = rows(*(draw.integers(0, 30, 4).tolist() for _ in range(40)))
    allowed, tie = draw.random(30) < 0.7, draw.permutation(30).astype(np.int32)
    found = best(sparse.csr_array(dense), k, tie, allowed, having)
    for row in range(40):
        mine = set(having.indices[having.indptr[row] : having.indptr[row + 1]])
        fine = [i for i in range(30) if dense[row, i] > 0 and allowed[i] and i not in mine]
        wanted = sorted(fine, key=lambda i: (-dense[row, i], tie[i]))[:k]
        assert found[row].tolist() == wanted + [-1] * (k - len(wanted))
    few = strongest(sparse.csr_array(dense), k, tie).toarray()
    for row in range(40):
        fine = [i for i in range(30) if dense[row, i] > 0]
        wanted = sorted(fine, key=lambda i: (-dense[row, i], tie[i]))[:k]
        assert set(np.flatnonzero(few[row])) == set(wanted)


def test_one_order_for_all_but_for_what_they_have() -> None:
    orders = [np.arange(5, dtype=np.int32), np.array([7], np.int32)]
    which = np.array([0, 1, -1, 0], np.int32)
    having = rows([0, 2], [7], [1], list(range(30)))
    assert walk(orders, which, 3, having).tolist() == [[1, 3, 4], [-1] * 3, [-1] * 3, [-1] * 3]
    assert walk(orders, which, 2, None).tolist() == [[0, 1], [7, -1], [-1, -1], [0, 1]]
