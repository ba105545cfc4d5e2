"""Good letters are left in peace: false alarms cost the trust in all others."""

import time

import pytest

from lettershop.content.letter import Rendered
from lettershop.content.lint.linting import lint_rendered, lint_template
from lettershop.content.making import make_letters
from lettershop.content.markup.page import make_page
from tests.content.lint.judging import ADDRESS, GOOD, UNSUBSCRIBE, VALUES, judged

NAMES = [template.name for template in GOOD.templates]


def test_there_are_five_of_them() -> None:
    assert [str(finding) for finding in GOOD.findings] == []
    assert NAMES == ["einladung", "manager", "newsletter", "offers", "order"]


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_of_a_good_template(name: str) -> None:
    template = GOOD.named(name)
    (variant,) = template.variants
    found = lint_template(template, variant, make_page(template, variant))
    assert [str(finding) for finding in found] == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_said_of_a_good_letter(name: str) -> None:
    assert [str(finding) for finding in judged(GOOD.named(name))] == []


def test_one_letter_of_every_class_can_be_judged() -> None:
    letter = make_letters(GOOD.named("newsletter")).letters[0]
    made = letter.render(VALUES)
    assert isinstance(made, Rendered)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        lint_rendered(made, stream="marketing", unsubscribe_url=UNSUBSCRIBE, postal_address=ADDRESS)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.02, f"{min(took) * 1000:.1f} ms"
