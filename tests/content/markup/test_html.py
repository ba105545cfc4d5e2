"""Plain HTML: what is written is what stands in the letter, with its Liquid where it stood."""

import re

import pytest

from tests.content.markup.made_pages import body_of, made, rendered

KEPT = {
    # what is written: what stands in the body afterwards; None: the same
    '<a href="{{ url | append: "?a=1" }}">x</a>': None,
    "<a href='{{ url }}&amp;b=2'>x</a>": '<a href="{{ url }}&amp;b=2">x</a>',
    "<a href={{ url }}>x</a>": '<a href="{{ url }}">x</a>',
    '<img src="{{ a }}" alt="{{ b | default: "none" }}" width="{{ w }}">': None,
    '<p style="color:{{ c }};margin:0">x</p>': None,
    '<p style="{% if a %}color:red;{% endif %}margin:0">x</p>': None,
    '<div class="{% if a %}b{% else %}c{% endif %}">x</div>': None,
    "<ul>{% for a in b %}<li>{{ a }}</li>{% endfor %}</ul>": None,
    "<ul>{% for a in b %}<li>{{ a }}{% endfor %}</ul>": (
        "<ul>{% for a in b %}<li>{{ a }}</li>{% endfor %}</ul>"
    ),
    "<p>{% if a < 3 and b > 4 %}x{% endif %}</p>": None,
    "<p>{% raw %}{{ x }}{% endraw %}</p>": None,
    "<p>&#123;{ not liquid }} &#123;% nor this %}</p>": None,
    "<p>a &amp; b &lt; c &nbsp; d</p>": None,
    "<p>one<br/>two</p>": "<p>one<br>two</p>",
    "<table><tr><td>a</table>": "<table><tbody><tr><td>a</td></tr></tbody></table>",
    "<!--[if mso]><table><tr><td><![endif]--><p>x</p><!--[if mso]></td></tr></table><![endif]-->": (
        None
    ),
    "<![if !mso]><p>x</p><![endif]>": None,
    "<!--[if !mso]><!--><p>x</p><!--<![endif]-->": None,
    "<!--[if mso]>{% if a %}<b>{{ b }}</b>{% endif %}<![endif]--><p>x</p>": None,
    "<table>{% for a in b %}<tr><td>{{ a }}</td></tr>{% endfor %}</table>": (
        "<table><tbody>{% for a in b %}<tr><td>{{ a }}</td></tr>{% endfor %}</tbody></table>"
    ),
    "<table><thead><tr><th>A</th></tr></thead>{% if a %}<tbody><tr><td>{{ a }}</td></tr></tbody>"
    "{% endif %}</table>": None,
    "<table><tr><td>a</td></tr>{% if b %}<tbody><tr><td>b</td></tr></tbody>{% endif %}</table>": (
        "<table><tbody><tr><td>a</td></tr></tbody>"
        "{% if b %}<tbody><tr><td>b</td></tr></tbody>{% endif %}</table>"
    ),
    "<table><tr>{% for a in b %}<td>{{ a }}</td>{% endfor %}</tr></table>": (
        "<table><tbody><tr>{% for a in b %}<td>{{ a }}</td>{% endfor %}</tr></tbody></table>"
    ),
    '{% block deal %}{% when plan = "pro" %}<p>A</p>{% default %}<p>B</p>{% endblock %}': None,
}


@pytest.mark.parametrize("written", KEPT)
def test_liquid_stays_where_it_stood(written: str) -> None:
    page = made(written)
    assert body_of(page) == (KEPT[written] or written)
    for offset, start in page.places:
        assert page.html[offset : offset + 2] == written[start : start + 2]


def test_css_goes_into_the_elements_once_and_around_liquid() -> None:
    page = made(
        "<style>.a { color: red; margin: 1px } a:hover { color: blue }"
        "@media (max-width: 600px) { .a { color: green } }</style>"
        '<p class="a">x</p><p class="a" style="color:{{ c }}">y</p>'
    )
    assert '<p class="a" style="color: red;margin: 1px">x</p>' in page.html.replace(';"', '"')
    assert 'style="color: red;margin: 1px;color:{{ c }}">y</p>' in page.html
    assert "a:hover" in page.html and "@media (max-width: 600px)" in page.html
    assert "margin: 1px }" not in page.html


def test_a_rule_for_all_leaves_the_head_alone() -> None:
    page = made("<style>* { color: red }</style><p>x</p>")
    assert re.findall(r"<(\w+)[^>]* style=", page.html) == ["html", "body", "p"]


def test_rules_for_some_screens_or_some_readers_are_not_for_everybody() -> None:
    page = made(
        '<style media="print">p { color: red }</style>'
        "<style>{% if dark %}p { color: white }{% endif %}</style><p>x</p>"
    )
    assert [f.code for f in page.findings] == ["markup.style_kept"]
    assert "<p>x</p>" in page.html
    assert "{% if dark %}p { color: white }{% endif %}" in page.html
    assert "data-css-inline" not in page.html


def test_a_fragment_becomes_a_document_and_a_document_stays_one() -> None:
    fragment = made("<p>x</p>", language="de")
    assert fragment.html.startswith('<!DOCTYPE html><html lang="de"><head>')
    assert "charset=UTF-8" in fragment.html and 'name="viewport"' in fragment.html
    whole = made(
        '{% assign a = 1 %}<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<title>T</title></head><body class="b">{{ a }}</body></html>',
        language="de",
    )
    assert whole.html.count("charset") == whole.html.count("<title>") == 1
    assert whole.html.count("<html") == whole.html.count("<body") == 1
    assert 'lang="en"' in whole.html and 'lang="de"' not in whole.html
    assert whole.html.index("{% assign a = 1 %}") < whole.html.index("<html")


def test_the_preheader_is_there_hidden_and_escaped() -> None:
    page = made("<p>x</p>", preheader='{{ name }} & <b>{% if a %}"b"{% endif %}')
    body = body_of(page)
    assert body.startswith('<div style="display:none')
    assert "{{ name }} &amp; &lt;b&gt;{% if a %}&quot;b&quot;{% endif %}" in body
    assert [start for _, start in page.places] == [-1, -1, -1]
    assert page.text == "x\n"
    assert "display:none" not in made("<p>x</p>", preheader=" \n").html


def test_rows_of_a_loop_are_rows_of_the_table() -> None:
    page = made(
        "<table>{% for d in deals %}<tr><td><a href=\"{{ d.url | append: '?a=1' }}\">{{ d.name }}"
        "</a></td>{% if d.price %}<td>{{ d.price }}</td>{% endif %}</tr>{% endfor %}</table>"
    )
    deals = [{"name": "A", "url": "u", "price": 3}, {"name": "B", "url": "v"}]
    assert (
        '<table><tbody><tr><td><a href="u?a=1">A</a></td><td>3</td></tr>'
        '<tr><td><a href="v?a=1">B</a></td></tr></tbody></table>'
    ) in rendered(page.html, deals=deals)
