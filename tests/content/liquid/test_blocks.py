"""Dynamic blocks: which branch is shown, what is refused, and what the letter says of them."""

import pytest

from lettershop.content.letter import Block
from lettershop.model.errors import DefinitionError
from tests.content.liquid.letters import classes, letter, said

HERO = (
    '{% block hero %}\n{% when in segment "VPs" %}VP{% when contact.score > 3 and (a or b) %}'
    "{% case contact.plan %}{% when 'pro' %}PRO{% else %}free{% endcase %}"
    "{% default %}all{% endblock %}"
)


@pytest.mark.parametrize(
    ("shown", "wanted"),
    [((0,), "VP"), ((1,), "PRO"), ((2,), "all"), ((), "all"), ((9,), "all")],
)
def test_the_first_condition_that_holds_is_shown(shown: tuple[int, ...], wanted: str) -> None:
    assert said(HERO, {"contact": {"plan": "pro"}}, shown=shown) == wanted


def test_conditions_are_kept_as_they_are_written() -> None:
    made = letter(HERO, subject="{% block hi %}Hi{% endblock %}")
    assert made.blocks == (
        Block(name="hi", conditions=(), line=2),
        Block(
            name="hero", conditions=('in segment "VPs"', "contact.score > 3 and (a or b)"), line=4
        ),
    )


def test_blocks_are_numbered_across_the_letter() -> None:
    body = "{% block a %}{% when x %}A{% default %}-{% endblock %}"
    made = letter(body, "{% block b %}{% when y %}B{% default %}-{% endblock %}" + body)
    assert [block.name for block in made.blocks] == ["a", "b"]
    result = made.render({"contact": {}}, (0, 1))
    assert (result.html, result.text) == ("A", "-A")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{% block %}{% endblock %}", "syntax"),
        ("{% block a b %}{% endblock %}", "syntax"),
        ("{% block a %}x{% when b %}{% default %}{% endblock %}", "syntax"),
        ("{% block a %}{% when b %}x{% endblock %}", "syntax"),
        ("{% block a %}{% when %}x{% default %}y{% endblock %}", "syntax"),
        ("{% block a %}{% when b %}{% default %}x{% when c %}{% endblock %}", "syntax"),
        ("{% block a %}x{% default %}y{% endblock %}", "syntax"),
        ("{% block a %}x", "syntax"),
        ("{% block a %}{% endblock %}{% block a %}{% endblock %}", "block_twice"),
        ("{% endblock %}", "unknown_tag"),
        ("{% default %}", "unknown_tag"),
        ("{% blok a %}{% endblok %}", "unknown_tag"),
    ],
)
def test_what_is_no_block(body: str, code: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        letter(body, "text", missing={})
    assert {f.code for f in refused.value.findings} == {f"letter.{code}"}


def test_one_name_is_one_block() -> None:
    with pytest.raises(DefinitionError) as refused:
        letter(HERO, "{% block hero %}{% when c %}x{% default %}y{% endblock %}", missing={})
    assert [f.code for f in refused.value.findings] == ["letter.block_differs"]
    assert (refused.value.findings[0].source, refused.value.code) == (
        "news.txt",
        "letter.block_differs",
    )


def test_a_block_is_hidden_where_its_own_value_is_missing() -> None:
    inner = "{% block i %}{{ contact.plan }}{% endblock %}"
    body = "{% block o %}[" + inner + "]{% endblock %}"
    assert said(body) == "[]"
    assert classes(body, {}) == {("o", "default"), ("i", "hidden"), ("contact.plan", "missing")}
    made = letter(body, "{% block o %}{{ contact.plan }}{% endblock %}x").render({"contact": {}})
    assert (made.html, made.text) == ("[]", "x")  # type: ignore[union-attr]


def test_a_loop_in_a_hidden_block_leaves_nothing_behind() -> None:
    body = (
        "{% block o %}{% for d in deals %}{{ d.name }}{{ contact.plan }}{% endfor %}{% endblock %}"
        "{% if d %}leaked{% endif %}{% for d in deals %}{{ forloop.index }}{% endfor %}"
    )
    assert said(body, {"deals": [{"name": "a"}, {"name": "b"}]}) == "12"
