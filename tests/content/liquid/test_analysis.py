"""What is known of a letter before anybody gets it: variables, guards, lines, outcomes."""

import re
import threading

import pytest

from lettershop.content.letter import Page, Read, Rendered
from lettershop.content.liquid.compiled import compile_letter
from lettershop.content.template import Fallback, Template, Variant
from tests.content.liquid.letters import classes, letter


def reads(body: str) -> dict[str, bool]:
    """Name -> guarded."""
    return {read.name: read.guarded for read in letter(body, "").reads}


READS = [
    ("{{ contact.a }}", {"contact.a": False}),
    ("{{ city }}", {"city": False}),
    ("{{ contact.a | default: 'x' }}", {"contact.a": True}),
    ("{{ contact.a | upcase | default: 'x' }}", {"contact.a": False}),
    ("{{ contact.a | append: contact.b }}", {"contact.a": False, "contact.b": False}),
    ("{% if contact.a %}{{ contact.a }}{% endif %}", {"contact.a": True}),
    ("{% if contact.a %}{{ contact.a }}{% endif %}{{ contact.a }}", {"contact.a": False}),
    ("{% if contact.a %}{{ contact.b }}{% endif %}", {"contact.a": True, "contact.b": False}),
    (
        "{% if contact.a and city %}{{ contact.a }}{{ city }}{% endif %}",
        {"city": True, "contact.a": True},
    ),
    ("{% if contact.a or city %}{{ city }}{% endif %}", {"city": False, "contact.a": True}),
    ("{% if city == blank %}x{% else %}{{ city }}{% endif %}", {"city": True}),
    (
        "{% if city == blank %}x{% elsif city == 'A' %}y{% else %}{{ city }}{% endif %}",
        {"city": True},
    ),
    ("{% if city != blank %}{{ city }}{% endif %}", {"city": True}),
    ("{% if city != 'A' %}{{ city }}{% endif %}", {"city": False}),
    ("{% if city == 'A' %}{{ city }}{% endif %}", {"city": True}),
    ("{% if city == '' %}x{% else %}{{ city }}{% endif %}", {"city": True}),
    ("{% if seats > 3 %}{{ seats }}{% endif %}", {"seats": True}),
    ("{% unless city %}x{% else %}{{ city }}{% endunless %}", {"city": True}),
    ("{% unless city == nil %}{{ city }}{% endunless %}", {"city": True}),
    ("{% case city %}{% when 'A' %}{{ city }}{% endcase %}", {"city": True}),
    ("{% case city %}{% when 'A' %}{% else %}{{ city }}{% endcase %}", {"city": False}),
    ("{% if deals.size > 0 %}{{ deals | first }}{% endif %}", {"deals": True}),
    ("{% for d in deals %}{{ d.name }}{% endfor %}", {"deals": True, "deals[].name": False}),
    (
        "{% for d in deals %}{% if d.name %}{{ d.name }}{% endif %}{% endfor %}",
        {"deals": True, "deals[].name": True},
    ),
    ("{% for t in tags %}{{ t }}{% endfor %}", {"tags": True, "tags[]": True}),
    (
        "{% assign l = deals | where: 'a', 'b' %}{% for d in l %}{{ d.name }}{% endfor %}",
        {"deals": True, "deals[].name": False},
    ),
    (
        "{% assign d = deals | first %}{% if d %}{{ d.name }}{% endif %}",
        {"deals": True, "deals[]": True, "deals[].name": False},
    ),
    ("{% assign n = contact.a %}{% if n %}{{ n }}{% endif %}", {"contact.a": True}),
    ("{% assign n = contact.a %}{{ n }}", {"contact.a": False}),
    (
        "{% assign n = contact.a | split: ' ' | first %}{% if n %}{{ n }}{% endif %}",
        {"contact.a": True},
    ),
    ("{% assign n = 'x' %}{{ n }}{% capture c %}y{% endcapture %}{{ c }}", {}),
    (
        "{{ deals[0].name }}{{ deals.first.name }}{{ deals.size }}",
        {"deals": True, "deals[].name": False},
    ),
    ("{{ account.size }}", {"account.size": False}),
    (
        "{% for d in deals %}{{ d.price | money }}{% endfor %}",
        {"deals": True, "deals[].currency": False, "deals[].price": False},
    ),
    ("{% comment %}{{ contact.a }}{% endcomment %}{% raw %}{{ contact.b }}{% endraw %}", {}),
]


@pytest.mark.parametrize(("body", "wanted"), READS)
def test_reads(body: str, wanted: dict[str, bool]) -> None:
    assert reads(body) == wanted


def test_reads_of_all_parts_have_their_lines() -> None:
    made = letter(
        "a\n{{ contact.a }}\n{{ contact.b }}", "{{ contact.a }}", subject="{{ contact.a }}"
    )
    assert made.reads == (
        Read(path=("contact", "a"), guarded=False, lines=(1, 2, 5)),
        Read(path=("contact", "b"), guarded=False, lines=(6,)),
    )


def test_what_may_be_missing_is_warned_of_once() -> None:
    body = "{{ contact.nick }}{{ contact.nick }}{{ contact.first_name }}{{ campaign.name }}"
    made = letter(body, missing={"contact.first_name": Fallback("you")})
    assert [(f.code, f.level) for f in made.findings] == [("letter.unguarded", "warning")]
    assert "contact.nick" in made.findings[0].message


def test_a_policy_nothing_asks_for_is_a_slip_of_the_pen() -> None:
    policies = {"contact.first_nam": Fallback("you"), "deals": Fallback("none")}
    made = letter("{{ contact.first_name }}{% for d in deals %}x{% endfor %}", missing=policies)
    assert [f.code for f in made.findings] == ["letter.unguarded", "letter.policy_unused"]
    assert "“contact.first_nam”" in made.findings[1].message


def test_places_of_the_page_lead_back_to_the_file() -> None:
    body = "<mjml>\n{% if contact.a %}\n{{ contact.b }}{% endif %}</mjml>"
    html = "<html><body>much that MJML makes{% if contact.a %}{{ contact.b }}{% endif %}</body>"
    found = [m.start() for m in re.finditer(r"\{[{%]", html)]
    there = [m.start() for m in re.finditer(r"\{[{%]", body)]
    places = tuple(zip(found, there, strict=True))
    variant = Variant(
        language="", subject="s", preheader="", markup="mjml", body=body, line=7, source="a.mjml"
    )
    template = Template(name="a", variants=(variant,))
    made = compile_letter(
        template, variant, Page(html=html, text="", places=places, text_places=())
    )
    assert [read.lines for read in made.reads] == [(8,), (9,)]
    assert {(o.name, o.line) for o in made.outcomes if o.kind == "branch"} == {("if contact.a", 8)}


OUTCOMES = [
    ("{{ contact.first_name }}", {}, {("contact.first_name", "missing")}),
    (
        "{{ contact.first_name }}",
        {"contact": {"first_name": "A"}},
        {("contact.first_name", "present")},
    ),
    ("{{ contact.a | default: 'x' }}", {}, {("contact.a", "missing")}),
    (
        "{{ contact.a | default: 'x' }}",
        {"contact": {"a": "A"}},
        {("contact.a", "present")},
    ),
    (
        "{% if contact.a %}x{% elsif city %}y{% else %}z{% endif %}",
        {"city": "A"},
        {("if contact.a", "2")},
    ),
    ("{% if contact.a %}x{% endif %}", {}, {("if contact.a", "else")}),
    ("{% unless contact.a %}x{% endunless %}", {}, {("unless contact.a", "1")}),
    (
        "{% case city %}{% when 'A' %}x{% when 'B' %}y{% endcase %}",
        {"city": "B"},
        {("case city", "2")},
    ),
    ("{% case city %}{% when 'A' %}x{% endcase %}", {"city": "B"}, {("case city", "else")}),
    ("{% for d in deals %}x{% endfor %}", {}, {("for d in deals", "0")}),
    ("{% for d in deals %}x{% endfor %}", {"deals": [{}]}, {("for d in deals", "1")}),
    ("{% for d in deals %}x{% endfor %}", {"deals": [{}] * 3}, {("for d in deals", "n")}),
    (
        "{% for d in deals %}{{ d.name }}{% endfor %}",
        {"deals": [{"name": "a"}, {}]},
        {("for d in deals", "n"), ("deals[].name", "present"), ("deals[].name", "missing")},
    ),
]


@pytest.mark.parametrize(("body", "values", "wanted"), OUTCOMES)
def test_outcomes(body: str, values: dict[str, object], wanted: set[tuple[str, str]]) -> None:
    assert classes(body, values) == wanted


def test_tables_are_loops() -> None:
    body = "{% tablerow d in deals %}{{ d.name }}{% endtablerow %}"
    wanted = {("tablerow d in deals", "1"), ("deals[].name", "present")}
    assert classes(body, {"deals": [{"name": "a"}]}) == wanted


def test_the_text_derived_from_the_html_has_the_same_sites() -> None:
    body = "{% if contact.a %}x{% endif %}{% if contact.a %}x{% endif %}"
    derived, written = letter(body), letter(body, body + " ")
    assert (len(derived.outcomes), len(written.outcomes)) == (4, 8)


def test_threads_do_not_meet() -> None:
    made = letter(
        "{% for d in deals %}{% assign n = d.name %}{{ n }}{% endfor %}{{ contact.first_name }}"
    )
    wrong: list[object] = []

    def reader(name: str) -> None:
        for _ in range(200):
            result = made.render({"contact": {"first_name": name}, "deals": [{"name": name}]})
            if not (isinstance(result, Rendered) and result.html == name * 2):
                wrong.append(result)

    threads = [threading.Thread(target=reader, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
