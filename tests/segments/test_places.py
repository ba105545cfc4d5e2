"""Findings point at the right character of a TOML file, however the text is written there."""

import tomllib

import pytest

from lettershop.language.places import Places


def spot(text: str, path: tuple[str | int, ...], word: str) -> tuple[int, int]:
    """Line and column the places give for `word` inside the value at `path`."""
    value = tomllib.loads(text)
    for part in path:
        value = value[part]
    assert isinstance(value, str)
    start = value.index(word)
    span = Places(text).inside(path, start, start + len(word))
    assert text[span.start : span.end] == word
    return span.line, span.column


@pytest.mark.parametrize(
    ("text", "path", "at"),
    [
        ("where = 'a = WORD'", ("where",), (1, 14)),
        ('where = "a = WORD"', ("where",), (1, 14)),
        ("title = 'x'\nwhere = 'WORD'\n", ("where",), (2, 10)),
        ("where = '''\na = 1\nand WORD'''", ("where",), (3, 5)),
        ('where = """\na = 1\nand WORD"""', ("where",), (3, 5)),
        ("where = '''WORD'''", ("where",), (1, 12)),
        (r'where = "did \"X\" WORD"', ("where",), (1, 20)),
        (r'where = "\u00e9\t\\ WORD"', ("where",), (1, 21)),
        ('where = """\\\n   a = 1 \\\n   WORD"""', ("where",), (3, 4)),
        ("# where = 'WORD'\nwhere = 'é WORD' # WORD", ("where",), (2, 12)),
        ("[[segment]]\nwhere = 'x'\n[[segment]]\nwhere = 'WORD'", ("segment", 1, "where"), (4, 10)),
        (
            "[[partition]]\n[[partition.segment]]\nwhere='a'\n[[partition.segment]]\nwhere='WORD'\n",
            ("partition", 0, "segment", 1, "where"),
            (5, 8),
        ),
        (
            "[[partition]]\n[[partition.segment]]\nwhere='a'\n"
            "[[partition]]\n[[partition.segment]]\nwhere='WORD'\n",
            ("partition", 1, "segment", 0, "where"),
            (6, 8),
        ),
        ("x = [ 'where = 1', # ]\n 'b' ]\n\"where\" = 'WORD'", ("where",), (3, 12)),
        ("a = { b = 'c' }\nwhere = 'WORD'", ("where",), (2, 10)),
        ("where = '''it''s ''WORD'''''", ("where",), (1, 20)),
        ('x = 1 # "\nwhere = "WORD"', ("where",), (2, 10)),
        ("[ a . \"b c\" ]\nwhere = 'WORD'", ("a", "b c", "where"), (2, 10)),
    ],
)
def test_characters_of_values(text: str, path: tuple[str | int, ...], at: tuple[int, int]) -> None:
    assert spot(text, path, "WORD") == at


def test_what_stands_inline_has_the_place_of_its_key() -> None:
    text = "\nsegment = [{ name = 'a', where = 'WORD' }]"
    span = Places(text).inside(("segment", 0, "where"), 0, 4)
    assert (span.line, span.column) == (2, 1)


def test_keys_and_headers() -> None:
    text = "[[segment]]\nname = 'a'\n\n[[segment]]\n  titel = 'b'\n"
    places = Places(text)
    assert places.key(("segment", 1)).line == 4
    span = places.key(("segment", 1, "titel"))
    assert (span.line, span.column, text[span.start : span.end]) == (5, 3, "titel")
    assert places.key(("nothing",)).line == 1
