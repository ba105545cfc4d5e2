"""MJML: Liquid survives the compiler wherever it may stand."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from lettershop.content.markup.marks import pieces
from lettershop.content.markup.mjml_rules import RULES, example, fits
from tests.content.markup.made_pages import codes, column, made, mjml, rendered

BETWEEN = {
    "body": "{% for a in b %}<mj-section><mj-column><mj-text>{{ a }}</mj-text></mj-column>"
    "</mj-section>{% endfor %}",
    "wrapper": "<mj-wrapper>{% for a in b %}<mj-section><mj-column><mj-text>{{ a }}</mj-text>"
    "</mj-column></mj-section>{% endfor %}</mj-wrapper>",
    "section": "<mj-section>{% for a in b %}<mj-column><mj-text>{{ a }}</mj-text></mj-column>"
    "{% endfor %}</mj-section>",
    "group": "<mj-section><mj-group>{% for a in b %}<mj-column><mj-text>{{ a }}</mj-text>"
    "</mj-column>{% endfor %}</mj-group></mj-section>",
    "column": column("{% for a in b %}<mj-text>{{ a }}</mj-text>{% endfor %}"),
    "hero": "<mj-hero>{% for a in b %}<mj-text>{{ a }}</mj-text>{% endfor %}</mj-hero>",
    "navbar": column(
        "<mj-navbar>{% for a in b %}<mj-navbar-link>{{ a }}</mj-navbar-link>{% endfor %}"
        "</mj-navbar>"
    ),
    "raw": column(
        "<mj-raw>{% for a in b %}</mj-raw><mj-text>{{ a }}</mj-text><mj-raw>{% endfor %}</mj-raw>"
    ),
    "table": column("<mj-table>{% for a in b %}<tr><td>{{ a }}</td></tr>{% endfor %}</mj-table>"),
    "table in text": column(
        "<mj-text><table>{% for a in b %}<tr><td>{{ a }}</td></tr>{% endfor %}</table></mj-text>"
    ),
    "list": column("<mj-text><ul>{% for a in b %}<li>{{ a }}</li>{% endfor %}</ul></mj-text>"),
}


@pytest.mark.parametrize("where", BETWEEN)
def test_a_loop_runs_round_what_stands_in_it(where: str) -> None:
    page = made(mjml(BETWEEN[where]), "mjml")
    assert page.findings == ()
    assert balanced(rendered(page.html, b=["one", "two", "three"])) == ["one", "two", "three"]
    assert balanced(rendered(page.html, b=[])) == []
    assert rendered(page.text, b=["one", "two", "three"]).split() == [
        word
        for word in ("one", "two", "three")
        for word in (("-", word) if where == "list" else (word,))
    ]


def balanced(html: str) -> list[str]:
    """The words of a body, whose elements end in order for Outlook (which reads the comments that
    are meant for it) and for everybody else."""
    body = html[html.index("<body") : html.index("</body>") + len("</body>")]
    others = re.sub(r"<!--.*?-->", "", body, flags=re.S)
    outlook = re.sub(r"<!--\[if mso \| IE\]>|<!\[endif\]-->", "", body)
    for view in (others, outlook):
        stack: list[str] = []
        for end, name, empty in re.findall(r"<(/?)([a-z0-9:]+)[^>]*?(/?)>", view):
            if name in ("img", "br", "meta", "input") or empty:
                continue
            if end:
                assert stack.pop() == name, view
            else:
                stack.append(name)
        assert stack == []
    return re.findall(r"\b(?:one|two|three)\b", re.sub(r"<[^>]*>", " ", others))


ATTRIBUTES = {
    "mj-body": ('<mj-body background-color="{{ a }}"></mj-body>', 1),
    "mj-section": ('<mj-section background-url="{{ a }}" padding="{{ b }}px"></mj-section>', 2),
    "mj-text": (column('<mj-text color="{{ a }}" css-class="{{ b }}">x</mj-text>'), 2),
    "mj-button": (column('<mj-button href="{{ a | append: "?a=1" }}">{{ b }}</mj-button>'), 2),
    "mj-image": (column('<mj-image src="{{ a }}" alt="{{ b }}" width="{{ c }}px" />'), 3),
    "mj-divider": (column('<mj-divider width="{{ a }}" border-color="{{ b }}" />'), 2),
    "mj-social-element": (
        column(
            '<mj-social><mj-social-element src="{{ a }}" href="{{ b }}">{{ c }}'
            "</mj-social-element></mj-social>"
        ),
        3,
    ),
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_liquid_in_attributes_survives(name: str) -> None:
    written, count = ATTRIBUTES[name]
    body = f"<mjml>{written}</mjml>" if name == "mj-body" else mjml(written)
    page = made(body, "mjml")
    assert page.findings == ()
    said = [piece.text for piece in pieces(body)]
    assert len(said) == count
    assert all(text in page.html for text in said)


def test_the_width_of_an_image_may_be_liquid() -> None:
    page = made(mjml(column('<mj-image src="a" width="{{ w }}" />')), "mjml")
    assert 'width="{{ w }}"' in page.html and "width:{{ w }}px" in page.html


@pytest.mark.parametrize("name", [n for n, r in RULES.rules.items() if "mj-column" in r.parents])
def test_liquid_in_an_attribute_is_kept_or_its_loss_is_told(name: str) -> None:
    rule = RULES.rules[name]
    for attribute in rule.attributes if not rule.refused and name != "mj-carousel" else ():
        page = made(mjml(column(f'<{name} {attribute}="{{{{ value }}}}"></{name}>')), "mjml")
        told = ("markup.lost", 5) in codes(page)
        assert ("{{ value }}" in page.html) != told


def test_html_inside_is_as_free_as_html_is() -> None:
    inside = "a & b<br>c &nbsp;<img src=x><p>d<ul><li>e<li>f</ul> &lt; <!-- note -->"
    page = made(mjml(column(f"<mj-text>{inside}</mj-text>")), "mjml")
    assert page.findings == ()
    assert (
        'a &amp; b<br>c &nbsp;<img src="x"><p>d</p><ul><li>e</li><li>f</li></ul> &lt; <!-- note -->'
        in page.html
    )


def test_the_example_of_the_docs_is_a_letter() -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "mjml.md"
    found = re.search(
        r"^    \+\+\+\n(.*?)\n    \+\+\+\n((?:    [^\n]*\n)*)", page.read_text("utf-8"), re.M | re.S
    )
    assert found and len(found.group(2)) > 200
    assert made(dedent(found.group(2)), "mjml").findings == ()


def test_what_a_head_says_holds() -> None:
    page = made(
        mjml(
            column('<mj-text mj-class="big" css-class="q">x</mj-text>'),
            '<mj-title>A "B" & {{ c }}</mj-title>'
            '<mj-font name="Inter" href="https://f.example/i" />'
            '<mj-breakpoint width="400px" />'
            '<mj-attributes><mj-all font-family="Inter" /><mj-text color="#123456" />'
            '<mj-class name="big" font-size="20px" /></mj-attributes>'
            "<mj-style>.q div { margin: 7px } .q:hover { top: 1px }</mj-style>",
        ),
        "mjml",
        language="de-AT",
    )
    assert page.findings == ()
    assert "font-family: Inter;font-size: 20px" in page.html and "color: #123456" in page.html
    assert "margin: 7px" in page.html and ".q:hover" in page.html
    assert '<title>A "B" &amp; {{ c }}</title>' in page.html
    assert 'aria-label="A &quot;B&quot; &amp; {{ c }}"' in page.html
    assert 'lang="de-AT"' in page.html and "(min-width:400px)" in page.html
    assert "https://f.example/i" in page.html


def test_nothing_of_others_comes_with_it() -> None:
    page = made(mjml(column("<mj-text>x</mj-text>")), "mjml")
    assert page.findings == ()
    hosts = set(re.findall(r"https?://([\w.]+)", page.html))
    assert hosts == {"www.w3.org"}
    assert "und" not in re.findall(r'lang="(\w*)"', page.html)


def test_liquid_around_the_letter_stays_around_it() -> None:
    body = "{% assign a = 1 %}<mjml>{% assign b = 2 %}<mj-body>" + column(
        "<mj-text>{{ a }}{{ b }}</mj-text>"
    )
    page = made(f"{body}</mj-body></mjml>{{% assign c = 3 %}}", "mjml")
    assert page.findings == ()
    assert page.html.startswith("{% assign a = 1 %}{% assign b = 2 %}<!DOCTYPE")
    assert page.html.endswith("</html>{% assign c = 3 %}")
    assert "12" in rendered(page.html) and rendered(page.text) == "12\n"


def test_a_preview_beside_a_preheader_is_one_too_many() -> None:
    head = "<mj-preview>{{ a }}</mj-preview>"
    assert codes(made(mjml("", head), "mjml", preheader="b")) == [("mjml.preview", 5)]
    assert "{{ a }}" in made(mjml("", head), "mjml").html


def within(name: str, inside: str) -> str:
    """Something in an element of that name, in all that has to be around it."""
    if name == "mjml":
        return (
            f"<mjml>{inside}{'' if inside.startswith('<mj-body') else '<mj-body></mj-body>'}</mjml>"
        )
    parent = RULES.rules[name].parents[-1]
    return within(parent, f"<{name}>{inside}</{name}>")


@pytest.mark.parametrize(
    ("parent", "name"),
    [
        (parent, name)
        for name, rule in RULES.rules.items()
        for parent in rule.parents
        if not rule.refused and not RULES.rules[parent].refused
    ],
)
def test_the_compiler_takes_what_the_table_allows(parent: str, name: str) -> None:
    page = made(within(parent, f'<{name} css-class="here"></{name}>'), "mjml")
    assert {code for code, _ in codes(page)} <= {"mjml.icon", "mjml.attribute"}


@pytest.mark.parametrize(
    ("value", "kind", "good"),
    [
        ("#fff", "color", True),
        ("rgba(0, 0, 0, .5)", "color", True),
        ("#ffff1", "color", False),
        ("12px", "pixels", True),
        ("12", "pixels", False),
        ("0", "lengths", True),
        ("10px 25px", "lengths", True),
        ("1px 2px 3px 4px 5px", "lengths", False),
        ("1.5", "length or number", True),
        ("auto", "pixels or auto", True),
        ("left", "left | right", True),
        ("leftish", "left | right", False),
        ("", "color", True),
    ],
)
def test_values_are_of_their_kind(value: str, kind: str, good: bool) -> None:
    assert fits(value, kind) == good


def test_every_kind_in_the_table_is_one_there_is() -> None:
    kinds = {kind for rule in RULES.rules.values() for kind in rule.attributes.values()}
    assert len(kinds) > 15
    assert [kind for kind in kinds if kind != "text" and not example(kind)] == []
    assert [kind for kind in kinds if kind != "text" and fits("no such value", kind)] == []
    parents = {parent for rule in RULES.rules.values() for parent in rule.parents}
    assert parents <= set(RULES.rules)
