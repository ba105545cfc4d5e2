"""Small shops with obvious answers."""

import numpy as np
import pytest
from content.recommend.worlds import TODAY, goods, model_of, ranked, recipients, shop

from lettershop.content.recommend.model import Model
from lettershop.content.recommend.ranking import bought_by_recipients, rank, rank_with
from lettershop.content.recommend.strategies import (
    SIMPLE,
    STRATEGIES,
    check_strategies,
    known_strategies,
)
from lettershop.model.clock import DAY
from lettershop.model.errors import DefinitionError

ABC = goods("a b c d e")
PANTRY = """
    990 @1 a b c austria
    990 @2 a b austria
    990 @3 a austria
    990 @4 d e france
    990 @5 d france
    800 @6 e
    800 @7 e
    800 @8 e
    800 @9 e
"""


def test_bestsellers_are_what_most_have_bought_lately() -> None:
    model = model_of(ABC, PANTRY)
    first = ranked(model, "bestsellers", ["@1"])[0].split()
    assert first[0] == "a" and set(first[1:3]) == {"b", "d"} and set(first[3:]) == {"c", "e"}


def test_a_buyer_counts_once_and_the_later_the_more() -> None:
    model = model_of(ABC, "999 @1 a\n998 @1 a\n997 @1 a\n999 @2 b\n960 @3 b\n960 @4 c\n960 @5 c")
    assert ranked(model, "bestsellers", ["@1"]) == ["b a c"]


def test_the_people_of_an_account_are_one_buyer() -> None:
    model = model_of(ABC, "999 1@1 a\n999 2@1 a\n999 3@1 a\n999 4 b\n999 5 b")
    assert ranked(model, "bestsellers", ["@1"]) == ["b a"]


def test_bestsellers_of_the_market_and_none_where_it_is_not_known() -> None:
    model, who = model_of(ABC, PANTRY), ["@1", "@2", "@3", "@4"]
    markets = [" AUSTRIA", "france", None, "Peru"]
    found = ranked(model, "bestsellers_in_my_country", who, markets=markets)
    assert found == ["a b c", "d e", "", ""]
    assert ranked(model, "bestsellers_in_my_country", who) == ["", "", "", ""]


TOGETHER = "\n".join(
    [f"950 @{n} a b" for n in range(1, 7)]
    + [f"950 @{n} c d" for n in range(7, 13)]
    + ["990 @20 a", "990 @21 c", "990 @22 a c e", "990 30 a", "990 31@20 d", "500 @23 a"]
)


def test_bought_together_starts_from_what_the_account_has() -> None:
    model = model_of(ABC, TOGETHER)
    found = ranked(model, "bought_together", ["@21", "30", "30@21", "@99"], new_only=True, k=1)
    assert found[:2] == ["d", "b"] and found[3] == ""
    both = ranked(model, "bought_together", ["30@21"], new_only=True)[0].split()
    assert set(both[:2]) == {"b", "d"}


def test_what_one_of_the_account_bought_counts_for_all_and_only_for_them() -> None:
    model = model_of(ABC, TOGETHER)
    (found,) = ranked(model, "bought_together", ["5@20"], new_only=True, k=2)
    assert set(found.split()) == {"b", "c"}
    assert ranked(model, "bought_together", ["31"], new_only=True) == [""]


def test_what_is_not_allowed_leaves_its_place_to_the_next() -> None:
    model = model_of(ABC, TOGETHER)
    allowed = np.array([False, False, True, False, True])
    for _ in range(2):
        assert ranked(model, "bought_together", ["30"], allowed=allowed) == ["e c"]
        assert ranked(model, "bought_together", ["30"])[0].startswith("b")
    gone = ABC._replace(available=np.array([True, False, True, True, True]))
    assert "b" not in ranked(model_of(gone, TOGETHER), "bought_together", ["30"])[0].split()
    assert ranked(model_of(gone, TOGETHER), "bestsellers", ["30"], k=9)[0].split().count("b") == 0


def test_similar_accounts_are_those_that_buy_alike() -> None:
    lines = "990 @1 a b c\n990 @2 a b d\n990 @3 e\n990 @4 e c\n990 @9 a b"
    model = model_of(ABC, lines)
    assert ranked(model, "popular_among_similar_accounts", ["@9"], new_only=True)[0] in (
        "c d",
        "d c",
    )
    assert ranked(model, "popular_among_similar_accounts", ["@3"], new_only=True) == ["c"]


def test_firmographics_find_neighbours_for_those_who_bought_little() -> None:
    known = {
        "industry": np.array(["Steel", "Food", " steel", "food", "toys", "Food", None], object),
        "employees": np.array([100, 7, 120.0, None], object),
        "uses": np.array([("SAP", "sap"), None, ("sap",), ()], object),
    }
    rows = shop(ABC, "990 @0 a\n990 @1 b\n990 @2 e\n990 @3 e")
    model = Model(rows, ABC, TODAY * DAY, firmographics=known)
    found = ranked(model, "popular_among_similar_accounts", ["@2", "@3"], new_only=True)
    assert found == ["a", "b"]
    assert ranked(model, "popular_among_similar_accounts", ["@4", "7@5", "@6"]) == ["", "e b", ""]


REORDER = """
    910 @1 a
    940 @1 a
    970 @1 a
    960 @1 b
    940 @1 b
    980 @1 b
    900 @1 c
    950 @1 c
    960 @2 a
    990 @2 a
    700 @1 d
    710 @1 d
    720 @1 d
    100 @1 e
    960 @1 e
    985 @1 e
    990 @1 e
"""


def test_due_for_reorder() -> None:
    """`a` every 30 days and 30 days ago, `b` every 20 and 20 ago; `c` was bought twice, `d` is long
    given up, `e` has no rhythm, and account 2 has bought `a` only twice."""
    model = model_of(ABC, REORDER)
    assert [set(one.split()) for one in ranked(model, "due_for_reorder", ["@1", "@2"])] == [
        {"a", "b"},
        set(),
    ]
    assert ranked(model, "due_for_reorder", ["@1"], new_only=True) != [""]


@pytest.mark.parametrize(
    ("today", "due"),
    [(993, ""), (994, "a"), (1060, "a"), (1061, "")],
    ids=["before 0.8", "at 0.8", "at 3", "beyond 3"],
)
def test_due_from_four_fifths_to_three_times_the_median(today: int, due: str) -> None:
    model = model_of(ABC, "910 @1 a\n940 @1 a\n970 @1 a\n970 @1 a")
    model.now = today * DAY
    assert ranked(model, "due_for_reorder", ["@1"]) == [due]


def test_two_thirds_of_the_intervals_make_a_rhythm() -> None:
    """Intervals 10 10 25 have one, 4 10 30 have none; several orders of a day are one."""
    fine = model_of(ABC, "940 @1 a\n950 @1 a\n960 @1 a\n985 @1 a")
    assert ranked(fine, "due_for_reorder", ["@1"]) == ["a"]
    not_fine = model_of(ABC, "941 @1 a\n945 @1 a\n955 @1 a\n985 @1 a")
    assert ranked(not_fine, "due_for_reorder", ["@1"]) == [""]
    twice = model_of(ABC, "960 @1 a\n980 @1 a\n980 @1 a\n980 @1 a")
    assert ranked(twice, "due_for_reorder", ["@1"]) == [""]


def test_the_longer_overdue_the_higher() -> None:
    model = model_of(ABC, "900 @1 a\n930 @1 a\n960 @1 a\n960 @1 b\n970 @1 b\n980 @1 b")
    assert ranked(model, "due_for_reorder", ["@1"]) == ["b a"]


def test_bought_often() -> None:
    lines = "900 @1 a b c\n910 @1 a\n910 @1 a\n990 @1 c e\n920 1@1 b\n930 @1 b\n990 @2 d"
    assert ranked(model_of(ABC, lines), "bought_often", ["5@1", "@2"]) == ["b c a e", "d"]
    assert ranked(model_of(ABC, lines), "bought_often", ["@2"], new_only=True) == ["d"]


NEWS = goods(
    "a b c d e f",
    {"a": "hr", "b": "HR payroll", "c": "tax", "d": "hr", "e": "payroll hr", "f": "hr payroll"},
    {"a": 900, "b": 800, "c": 990, "d": 950, "e": 700, "f": 1001},
)


def test_new_in_my_interests() -> None:
    """More of the interests first, then newer; nothing of tomorrow (`f`)."""
    model, who = model_of(NEWS, "999 @1 d"), ["@1", "@2", "@3", "@4"]
    interests = [["hr"], ["Payroll", "hr "], {"tax": 0.5, "hr": 2.0, "x": 9.0}, ()]
    found = ranked(model, "new_in_my_interests", who, interests=interests)
    assert found == ["d a b e", "b e d a", "d a b e c", ""]
    again = ranked(model, "new_in_my_interests", who, interests=interests, new_only=True)
    assert again[0] == "a b e"
    assert ranked(model, "new_in_my_interests", who) == [""] * 4


def test_viewed_not_bought() -> None:
    lines = """
        990 1@1 a b c viewed
        995 1@1 b viewed
        991 2@1 d viewed
        996 2@1 c
        900 1@1 e viewed
        990 7 e viewed
    """
    found = ranked(model_of(ABC, lines), "viewed_not_bought", ["1@1", "2@1", "7", "8", "@1"])
    assert found == ["b a", "d", "e", "", ""]


def test_what_was_given_back_was_not_bought() -> None:
    lines = (
        "990 @1 a:5 b:5 c:2\n992 @1 c:2\n994 @1 a:5 b:4 c:3 returned\n980 @1 d returned\n981 @1 d"
    )
    model = model_of(ABC, lines)
    having = bought_by_recipients(model, recipients("@1", "7", "3@1"))
    assert [[ABC.ids[i] for i in row] for row in np.split(having.indices, having.indptr[1:-1])] == [
        ["b", "c", "d"],
        [],
        ["b", "c", "d"],
    ]
    assert list(model.purchases.ts[model.purchases.item == 2] // DAY) == [990]


def test_nothing_is_known_of_anybody() -> None:
    for items, lines in ((ABC, ""), (goods(""), ""), (ABC, "990 @1 a viewed")):
        model = model_of(items, lines)
        for name in STRATEGIES:
            found = rank_with(
                model,
                name,
                recipients("1@2", "3"),
                k=3,
                markets=["france", None],
                interests=[["x"], ()],
            )
            assert found.shape == (2, 3)
            assert (found == -1).all()
            assert rank_with(model, name, recipients(), k=3).shape == (0, 3)


def test_equal_recipients_get_equal_letters_however_many_there_are() -> None:
    model = model_of(ABC, TOGETHER)
    for name in STRATEGIES:
        alone = ranked(model, name, ["1@20"], interests=[["x"]], markets=["austria"])
        many = ranked(
            model,
            name,
            ["@3", *["1@20"] * 5_000],
            interests=[["x"]] * 5_001,
            markets=["austria"] * 5_001,
        )
        assert set(many[1:]) == set(alone)


def test_names() -> None:
    assert known_strategies().keys() == {*STRATEGIES, *SIMPLE}
    assert [row.name for row in STRATEGIES.values()] == list(STRATEGIES)
    assert check_strategies(["bestsellers", "newest"]) == []
    (finding,) = check_strategies(["bought_togther", "newest"])
    assert finding.code == "items.unknown_strategy"
    assert finding.hint.startswith("bought_together")
    model = model_of(ABC, PANTRY)
    with pytest.raises(DefinitionError, match="bestseller"):
        rank("bestseller", model.rows, ABC, recipients("1"), now=TODAY * DAY)
