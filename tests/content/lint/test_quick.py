"""What every recipient's letter is asked: exact, cheap, and the same as the whole lint says."""

import time

import msgspec
import pytest

from lettershop.content.letter import Rendered
from lettershop.content.lint.linting import lint_rendered
from lettershop.content.lint.quick import CLIPPED, quick_checks
from tests.content.lint.judging import UNSUBSCRIBE, whole

LETTER = Rendered(
    "What changes in June",
    "Codes and dates",
    whole("<p>One of many lines, [1] and 100 %.</p>" * 180).replace(
        "{{ unsubscribe_url }}", "https://letters.northfreight.com/u/8Qm?a=1&amp;b=2"
    ),
    "All of it as text. " * 30,
    0,
)
HTML = LETTER.html
WRONG = {
    "letter.blank_subject": {"subject": "\u00a0 "},
    "letter.too_large": {"html": HTML + "ü" * (CLIPPED // 2)},
    "letter.no_unsubscribe": {"html": HTML.replace("/u/8Qm", "/u/other")},
    "letter.mark": {"text": LETTER.text + "{{ name }}"},
}


def quick(made: Rendered) -> set[str]:
    found = quick_checks(made, stream="marketing", unsubscribe_url=UNSUBSCRIBE)
    return {fault.code for fault in found}


def whole_lint(made: Rendered) -> set[str]:
    found = lint_rendered(
        made, stream="marketing", unsubscribe_url=UNSUBSCRIBE, postal_address="Bonn"
    )
    return {finding.code for finding in found}


def test_a_good_letter_passes() -> None:
    assert quick(LETTER) == set()
    assert WRONG.keys().isdisjoint(whole_lint(LETTER))


@pytest.mark.parametrize("code", WRONG)
def test_both_say_the_same(code: str) -> None:
    made = msgspec.structs.replace(LETTER, **WRONG[code])
    assert quick(made) == {code}
    assert whole_lint(made) & WRONG.keys() == {code}


@pytest.mark.parametrize("mark", ["{% if %}", "[[name]]", "%%first_name%%", "*|FNAME|*"])
@pytest.mark.parametrize("part", ["subject", "preheader", "html", "text"])
def test_marks_are_found_wherever_they_stand(mark: str, part: str) -> None:
    made = msgspec.structs.replace(LETTER, **{part: getattr(LETTER, part) + mark})
    assert "letter.mark" in whole_lint(made)
    assert quick(made) == (set() if part == "html" else {"letter.mark"})


def test_transactional_letters_need_no_way_out() -> None:
    made = msgspec.structs.replace(LETTER, html=HTML.replace("/u/8Qm", "/u/other"))
    assert quick_checks(made, stream="transactional", unsubscribe_url=UNSUBSCRIBE) == []


def test_everybody_can_be_asked() -> None:
    best = 1.0
    for _ in range(20):
        began = time.perf_counter()
        for _ in range(100):
            quick_checks(LETTER, stream="marketing", unsubscribe_url=UNSUBSCRIBE)
        best = min(best, (time.perf_counter() - began) / 100)
    assert len(HTML) > 7_000
    assert best < 100e-6, f"{best * 1e6:.1f} µs"
