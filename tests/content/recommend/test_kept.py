"""Answers are worked out once, and forgotten when there is no room."""

import numpy as np
from content.recommend.worlds import goods, model_of, ranked

from lettershop.content.recommend.kept import Kept, digest


def test_the_oldest_goes_first_and_the_last_stays_in_any_case() -> None:
    made: list[str] = []

    def ask(kept: Kept[str], what: str, size: int) -> str:
        return kept.get(what, lambda: made.append(what) or what, lambda answer: size)  # type: ignore[func-returns-value]

    kept: Kept[str] = Kept(room=10)
    for what in "abacabd":
        assert ask(kept, what, 4) == what
    assert made == ["a", "b", "c", "b", "d"]
    assert ask(kept, "huge", 11) == "huge"
    assert ask(kept, "huge", 11) == "huge"
    assert made[5:] == ["huge"]


def test_what_is_allowed_is_told_apart() -> None:
    masks = [np.arange(20) != number for number in range(20)]
    assert len({digest(mask) for mask in masks}) == 20
    assert digest(masks[3]) == digest(masks[3].copy())


def test_one_model_answers_many_questions() -> None:
    """By turns with other items allowed: the same as a model that was asked nothing else."""
    items = goods("a b c d", {"a": "x", "b": "x y", "c": "y", "d": "x"})
    lines = "990 @1 a b c\n991 @2 a b\n995 @3 c d austria\n996 @4 b d france\n999 @5 a"
    kept, who = model_of(items, lines), ["@5", "@3"]
    for turn in range(3):
        for number in range(16):
            allowed = np.array([bool(number >> bit & 1) for bit in range(4)])
            asked = {
                "allowed": allowed,
                "interests": [["x"], ["y"]],
                "markets": ["france", "austria"],
            }
            for name in (
                "bestsellers",
                "bestsellers_in_my_country",
                "bought_together",
                "new_in_my_interests",
            ):
                found = ranked(kept, name, who, **asked)
                assert found == ranked(model_of(items, lines), name, who, **asked), (turn, name)
                assert not {i for one in found for i in one.split()} & {
                    i for i, fine in zip("abcd", allowed, strict=True) if not fine
                }
