"""What a person types is what is written; what is shown can be typed again."""

import pytest
from hypothesis import given, strategies as st

from lettershop.app.portrait.writing import LONGEST, read, typed
from lettershop.model.errors import InputError

part = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8)


@given(st.lists(part, min_size=1, max_size=4))
def test_lists_come_back_whatever_is_in_them(parts: list[str]) -> None:
    assert read(typed(parts, "list"), "list") == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [("a, b ,c", ["a", "b", "c"]), ('["a, b", "c"]', ["a, b", "c"]), ("a,,b", ["a", "b"])],
)
def test_lists_are_typed_with_commas_or_as_json(text: str, parts: list[str]) -> None:
    assert read(text, "list") == parts


def test_what_is_too_long_or_no_list_is_refused_not_cut() -> None:
    assert read("x" * LONGEST, "text") == "x" * LONGEST
    for text, kind in (("x" * (LONGEST + 1), "text"), ("[1, 2", "list")):
        with pytest.raises(InputError) as refused:
            read(text, kind)  # type: ignore[arg-type]
        assert refused.value.code == "trait.value"
