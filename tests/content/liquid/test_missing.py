"""A missing value is never an empty place: stories of every policy, and of tests that allow it."""

from decimal import Decimal
from typing import Any

import pytest

from lettershop.content.letter import Broken
from lettershop.content.template import Fallback
from tests.content.liquid.letters import letter, said

PLAN = "{% block p %}plan {{ contact.plan }}{% endblock %}"

STORIES = [
    # the policy of the variable
    ("Hi {{ contact.first_name }},", {}, "Hi colleague,"),
    ("Hi {{ contact.first_name }},", {"contact": {"first_name": "Ann"}}, "Hi Ann,"),
    ("Hi {{ contact.first_name }},", {"contact": {"first_name": "  "}}, "Hi colleague,"),
    ("Hi {{ contact.first_name }},", {"contact": {"first_name": None}}, "Hi colleague,"),
    ("Hi {{ contact.first_name | upcase }},", {}, "Hi COLLEAGUE,"),
    ("a" + PLAN + "b", {}, "ab"),
    ("a" + PLAN + "b", {"contact": {"plan": "pro"}}, "aplan prob"),
    ("{{ account.renewal | day }}", {"account": {}}, "skipped: no renewal date"),
    ("{{ account.renewal | day }}", {}, "skipped: no renewal date"),
    # without one it is an error, whichever way it is used
    ("Hi {{ contact.nick }},", {}, "broken: letter.missing"),
    ("{{ city }}", {}, "broken: letter.missing"),
    ("{{ contact.nick | upcase }}", {}, "broken: letter.missing"),
    ("{{ 'Hi ' | append: contact.nick }}", {}, "broken: letter.missing"),
    ("{% assign n = contact.nick %}{{ n }}", {}, "broken: letter.missing"),
    ("{% capture c %}{{ contact.nick }}{% endcapture %}x", {}, "broken: letter.missing"),
    ("{% cycle contact.nick, 'b' %}", {}, "broken: letter.missing"),
    ("{% echo contact.nick %}", {}, "broken: letter.missing"),
    ('{{ contact.name | remove: "Dr." }}', {"contact": {"name": "Dr."}}, "broken: letter.missing"),
    ("{{ deals | first | default: 'x' }}", {"deals": []}, "x"),
    ("{% assign d = deals | first %}{{ d.name }}", {"deals": []}, "a deal"),
    # a hidden block takes its other faults with it; a skipped recipient those of the letter
    ("{% block p %}{{ contact.nick }}{{ contact.plan }}{% endblock %}x", {}, "x"),
    ("{{ contact.nick }}{{ account.renewal }}", {}, "skipped: no renewal date"),
    # `default` speaks first, and its argument may be missing in turn
    ("{{ contact.first_name | default: 'you' }}", {}, "you"),
    ("{{ contact.nick | default: contact.first_name }}", {}, "colleague"),
    ("{{ contact.nick | default: city }}", {}, "broken: letter.missing"),
    ("{{ contact.nick | default: city }}", {"contact": {"nick": "Al"}}, "Al"),
    ("{{ contact.nick | default: city | default: 'you' }}", {}, "you"),
    ("{% assign n = contact.nick | default: 'you' %}{{ n }}", {}, "you"),
    # tests see that it is missing, whatever the fallback
    ("{% if contact.first_name %}yes{% else %}no{% endif %}", {}, "no"),
    ("{% if contact.nick == blank %}none{% endif %}", {}, "none"),
    ("{% if contact.nick == empty %}none{% endif %}", {}, "none"),
    ("{% if contact.nick != blank %}{{ contact.nick }}{% else %}you{% endif %}", {}, "you"),
    ("{% unless contact.nick %}you{% endunless %}", {}, "you"),
    ("{% case contact.nick %}{% when 'a' %}A{% else %}other{% endcase %}", {}, "other"),
    (
        "{% assign n = contact.nick | split: ' ' | first %}{% if n %}a{% else %}b{% endif %}",
        {},
        "b",
    ),
    ("{% if contact.score > 100 or contact.score <= 100 %}yes{% else %}no{% endif %}", {}, "no"),
    ("{% if contact.nick contains 'a' %}yes{% else %}no{% endif %}", {}, "no"),
    # a missing list is an empty one
    ("{% for d in deals %}x{% else %}none{% endfor %}", {}, "none"),
    ("{{ deals | size }}{{ deals.size }}", {}, "00"),
    ("{{ account.size }}", {"account": {}}, "broken: letter.missing"),
    ("{% for d in deals %}{{ d.name }};{% endfor %}", {"deals": [{"name": "A"}, {}]}, "A;a deal;"),
    ("{% for d in deals %}{{ d.stage }};{% endfor %}", {"deals": [{}]}, "broken: letter.missing"),
    (
        "{{ deals | map: 'name' | join: ', ' }}",
        {"deals": [{"name": "A"}, {}, {"name": "B"}]},
        "A, B",
    ),
    # zero and false are values
    ("{{ contact.seats }} {{ contact.vip }}", {"contact": {"seats": 0, "vip": False}}, "0 false"),
    # what is no text is refused rather than shown as code
    ("{{ contact }}", {"contact": {"a": 1}}, "broken: letter.filter"),
    ("{{ deals }}", {"deals": [{"a": 1}]}, "broken: letter.filter"),
]


@pytest.mark.parametrize(("body", "values", "wanted"), STORIES)
def test_missing_values(body: str, values: dict[str, Any], wanted: str) -> None:
    assert said(body, values) == wanted


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ("{{ contact.plan }}", "refused: letter.hide_outside"),
        ("{% if contact.plan %}{{ contact.plan }}{% endif %}", ""),
    ],
)
def test_a_value_that_hides_its_block_stands_in_one(body: str, codes: str) -> None:
    assert said(body) == codes


def test_a_policy_holds_for_everything_below() -> None:
    policies = {"deals": Fallback("none"), "contact.home.city": Fallback("town")}
    assert said("{{ contact.home.city }}", missing=policies) == "town"
    assert (
        said("{% for d in deals %}{{ d.a.b }}{% endfor %}", {"deals": [{}]}, missing=policies)
        == "none"
    )


def test_a_fallback_is_no_number_and_no_date() -> None:
    policies = {"contact.due": Fallback("soon"), "contact.sum": Fallback("<a lot>")}
    for body in (
        "{{ contact.due | day }}",
        "{{ contact.due | date: '%d' }}",
        "{{ contact.due | clock }}",
    ):
        assert said(body, missing=policies) == "soon"
    assert said("{{ contact.sum | money: 'EUR' }}", missing=policies) == "&lt;a lot&gt;"
    assert said("{{ contact.sum | plus: 1 }}", missing=policies) == "broken: letter.filter"


def test_what_is_wrong_is_said_all_at_once_and_with_its_line() -> None:
    made = letter("Hi {{ contact.a }}\n{{ contact.b }}", subject="For {{ contact.c }}")
    result = made.render({"contact": {}})
    assert isinstance(result, Broken)
    places = [(f.source, f.span.line, f.span.column) for f in result.findings if f.span]
    assert places == [("news.html", 2, 16), ("news.html", 4, 4), ("news.html", 5, 1)]
    assert ["contact.c" in f.message for f in result.findings] == [True, False, False]


def test_decimals_are_numbers() -> None:
    values = {"contact": {"a": Decimal("12.50"), "b": 2}, "deals": [{"n": Decimal("0.1")}] * 3}
    body = "{{ contact.a | times: contact.b }} {{ contact.a | ceil }} {{ deals | sum: 'n' }}"
    assert said(body, values) == "25.00 13 0.3"
