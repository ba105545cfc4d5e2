"""Letters put together at random: every piece of Liquid stands in the page, in its order."""

import re

import seeds
from hypothesis import given, seed as seeded, settings, strategies as st

from lettershop.content.markup.marks import pieces
from tests.content.markup.made_pages import made, mjml

NAMES = st.sampled_from(["a", "contact.city", "deal.price | money", 'x | append: "?a=1&b=2"'])
OUTPUTS = NAMES.map(lambda name: f"{{{{ {name} }}}}")
WORDS = st.sampled_from(["Hello ", "<br>", "<b>x</b>", "&amp; co ", "{ ", "é", "<!-- note -->"])


def wrapped(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Markup with Liquid round some markup."""
    many = st.lists(inner, max_size=3).map("".join)
    return st.one_of(
        many.map(lambda x: f"{{% if a > 3 %}}{x}{{% else %}}{x}{{% endif %}}"),
        many.map(lambda x: f"<ul>{{% for d in deals %}}<li>{x}{{% endfor %}}</ul>"),
        many.map(
            lambda x: f"<table>{{% for d in deals %}}<tr><td>{x}<td>y</tr>{{% endfor %}}</table>"
        ),
        many.map(lambda x: f"<table><tr>{{% for d in deals %}}<td>{x}</td>{{% endfor %}}</table>"),
        many.map(lambda x: f"<div>{x}</div>"),
        many.map(
            lambda x: f"{{% block b %}}{{% when x = '%' %}}{x}{{% default %}}y{{% endblock %}}"
        ),
        st.tuples(OUTPUTS, OUTPUTS, many).map(
            lambda x: f'<a href="{x[0]}" style="color:{x[1]};width:1px">{unlinked(x[2])}</a>'
        ),
        st.tuples(OUTPUTS, many).map(
            lambda x: f"<div class=\"{{% if b %}}{x[0]}{{% endif %}}\" title='{x[0]}'>{x[1]}</div>"
        ),
        OUTPUTS.map(lambda x: f"<img src={x.replace(' ', '').replace('>', '')} alt='{x}'>"),
    )


def unlinked(html: str) -> str:
    """Without links, as a link must not hold one."""
    return html.replace("<a ", "<i ").replace("</a>", "</i>")


FRAGMENTS = st.recursive(st.one_of(OUTPUTS, WORDS), wrapped, max_leaves=12)
STYLES = st.sampled_from(["", "<style>a { color: red } ul, td { margin: {{ m }} }</style>"])


def liquid(text: str) -> list[str]:
    return [piece.text for piece in pieces(text)]


@settings(deadline=None)
@seeded(seeds.seed())
@given(STYLES, FRAGMENTS)
def test_html_keeps_its_liquid_in_order(style: str, fragment: str) -> None:
    page = made(style + fragment)
    assert [f for f in page.findings if f.level == "error"] == []
    inside = page.html[page.html.index("<body") :]
    margins = r"(?:margin: ?\{\{ m \}\};?)"
    assert liquid(re.sub(margins, "", inside)) == liquid(fragment)
    assert [page.html[offset : offset + 2] for offset, _ in page.places] == [
        (style + fragment)[start : start + 2] for _, start in page.places
    ]


@settings(deadline=None)
@seeded(seeds.seed())
@given(st.lists(st.tuples(st.booleans(), FRAGMENTS), max_size=3))
def test_mjml_keeps_its_liquid_in_order(sections: list[tuple[bool, str]]) -> None:
    body = "".join(
        f"{'{% if s %}' * some}<mj-section><mj-column>{'{% for c in d %}' * some}<mj-text>{inside}"
        f"</mj-text>{'{% endfor %}' * some}</mj-column></mj-section>{'{% endif %}' * some}"
        for some, inside in sections
    )
    page = made(mjml(body), "mjml")
    assert page.findings == ()
    assert liquid(page.html) == liquid(body)


@settings(deadline=None)
@seeded(seeds.seed())
@given(FRAGMENTS)
def test_the_text_part_has_every_tag_that_decides_and_ends(fragment: str) -> None:
    html, text = made(fragment), made(fragment).text
    attributes = re.sub(r"<[^>]*>", "", html.html[html.html.index("<body") :])
    wanted = [p.name for p in pieces(attributes) if p.kind == "tag"]
    assert [p.name for p in pieces(text) if p.kind == "tag"] == wanted
    assert "\n\n\n" not in text
