"""Whatever stands in a letter: the lint says what it can, soon, and never fails."""

import re
import time

import pytest
import seeds
from hypothesis import given, seed as seeded, settings, strategies as st

from lettershop.content.letter import Rendered
from lettershop.content.lint.linting import lint_rendered
from lettershop.content.lint.look import Colour, contrast
from lettershop.content.lint.rule import RULES
from lettershop.model.errors import Finding

SLOW = {
    "deep": "<div>" * 2000 + "x" + "</div>" * 2000,
    "never closed": "<div>" * 300 + "</p>" * 5000,
    "tables in tables": "<table><tr><td>" * 150 + "x" + "</td></tr></table>" * 150,
    "a style of brackets": f'<p style="{"a:(" * 100_000}">x</p>',
    "a host without end": f'<a href="https://{"a." * 50_000}">{"a." * 50_000}</a>',
    "an address without end": f'<a href="mailto:x">{"a@" * 50_000}</a>',
    "marks that are none": "<p>" + "[[ %%a *|b " * 20_000 + "</p>",
    "much that is hidden": '<p class="a b" style="display:none">x</p>' * 2000,
    "many links": '<a href="http://a.com/x">a</a>' * 3000,
    "many phrases": "<p>" + "act now get it " * 10_000 + "</p>",
    "one long text": '<p style="color:#eee">' + "word " * 50_000 + "</p>",
}
WORDS = ("href", "src", "style", "bgcolor", "color", "alt", "width", "class", "id", "background")
VALUES = (
    "", " ", "#", "#a", "https://", "https://[", "https://a:99999999/", "http://\x00", "//", "?",
    "mailto:", "javascript:", "https://a.com/%", "data:image/png,", "1", "é\u202e", "{{",
)  # fmt: skip
STYLES = (
    "color:", "color:#12", "a:(", "color:rgb(1,2", "color:rgba(1,2,3,.5)", "background:url(", ":",
    "font-size:1e9px", "font-size:.px", "font-size:1.2.3px", "opacity:x", "text-indent:--9",
    "margin-left:-1.2.3px", "background:#fff url(x) 50%", "font-size:50%", "font-size:99999999em",
)  # fmt: skip
TAGS = ("p", "a", "img", "td", "table", "font", "h1", "h4", "div", "style", "link", "html", "svg")
STARTS = st.builds(
    lambda tag, said: f"<{tag} " + " ".join(f'{n}="{v}"' for n, v in said) + ">",
    st.sampled_from(TAGS),
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(WORDS), st.sampled_from(VALUES)),
            st.tuples(st.just("style"), st.lists(st.sampled_from(STYLES)).map(";".join)),
        ),
        max_size=3,
    ),
)
ENDS = st.sampled_from(TAGS).map(lambda tag: f"</{tag}>")
TEXTS = st.one_of(
    st.sampled_from(("www.a.com", "Hello", "&#0;", "<!--", "a@b.co", "]]>")), st.text()
)
HTML = st.lists(st.one_of(STARTS, ENDS, TEXTS), max_size=12).map("".join)


def linted(html: str, subject: str = "News", text: str = "News") -> list[Finding]:
    made = Rendered(subject, "", html, text, 0)
    return lint_rendered(made, stream="marketing", unsubscribe_url="https://u", postal_address="x")


@pytest.mark.parametrize("what", SLOW)
def test_it_never_takes_long(what: str) -> None:
    began = time.perf_counter()
    linted(f"<html><body>{SLOW[what]}</body></html>")
    assert time.perf_counter() - began < 3


@seeded(seeds.seed())
@settings(deadline=None, max_examples=400, database=None)
@given(HTML, st.text(), st.text())
def test_it_never_fails(html: str, subject: str, text: str) -> None:
    for finding in linted(html, subject, text):
        assert finding.code in RULES
        assert finding.message and "{about}" not in finding.message


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    """Values of the WebAIM contrast checker."""
    first, second = (
        Colour(*(int(c, 16) / 255 for c in re.findall("..", x[1:]))) for x in (one, other)
    )
    assert round(contrast(first, second), 2) == pytest.approx(ratio, abs=0.005)
    assert contrast(first, second) == contrast(second, first)
    assert str(first) == one
