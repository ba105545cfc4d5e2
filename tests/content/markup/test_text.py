"""The text part: what a reader would read aloud, its Liquid in it, and no blank lines piled up."""

import pytest

from tests.content.markup.made_pages import column, made, mjml, rendered

STATIC = {
    "<p>Hello  \n you</p><p>Bye</p>": "Hello you\n\nBye\n",
    "<h1>News</h1><p>a<br>b</p><hr><div>c</div><div>d</div>": "News\n\na\nb\n\n---\n\nc\nd\n",
    "<p>a &amp; b &lt; c&nbsp;d&zwnj; &#8364;</p>": "a & b < c d €\n",
    '<p>See <a href="https://a.example/b?c=1&amp;d=2">our <b>site</b></a>.</p>': (
        "See our site (https://a.example/b?c=1&d=2).\n"
    ),
    '<a href="https://a.example/">a.example</a>, <a href="#top">up</a>': "a.example, up\n",
    '<a href="mailto:eva@a.example?subject=x">eva@a.example</a>': "eva@a.example\n",
    '<a href="mailto:eva@a.example">Eva</a>': "Eva (mailto:eva@a.example)\n",
    '<a href="https://a.example/"><img src="x" alt="Home"></a>': "Home (https://a.example/)\n",
    '<a href="https://a.example/"><img src="x" alt=""></a>': "https://a.example/\n",
    "<ul><li>a<li>b<ul><li>c</ul></ul>d": "- a\n- b\n  - c\n\nd\n",
    "<ol><li>a<li>b</ol>": "1. a\n2. b\n",
    "<table><tr><th>A<th>B<tr><td>1<td>2</table>": "A | B\n1 | 2\n",
    "<table><tr><td>1<td><td>3<td></table>": "1 | | 3\n",
    '<table role="presentation"><tr><td>a<td>b</table>': "a\n\nb\n",
    "<table><tr><td><table><tr><td>1<td>2</table></table>": "1 | 2\n",
    '<p>a</p><p style="display:none">b {{ c }}</p><style>d{}</style><p hidden>e</p>': "a\n",
    "<!--[if mso]><p>a</p><![endif]--><p>b</p>": "b\n",
    "<head><title>a</title></head><body>b</body>": "b\n",
    "": "",
}


@pytest.mark.parametrize("html", STATIC)
def test_text_of_html(html: str) -> None:
    assert made(html).text == STATIC[html]


LIQUID = {
    '<p style="{% if a %}display:none{% endif %}">b</p><p style="mso-hide:all">c</p>': "b\n\nc\n",
    "<p>Hi {{ a }}, {% if b %}yes{% else %}no{% endif %} !</p>": (
        "Hi {{ a }}, {% if b %}yes{% else %}no{% endif %} !\n"
    ),
    "<p>a</p>{% if b %}<p>b</p>{% else %}<p>c</p>{% endif %}<p>d</p>": (
        "a\n{%- if b %}\n\nb\n{%- else %}\n\nc\n{%- endif %}\n\nd\n"
    ),
    "<p>a</p><ul>{%- for b in c -%}<li>{{ b }}</li>{%- endfor -%}</ul>": (
        "a\n{% for b in c %}\n- {{ b }}\n{%- endfor %}\n"
    ),
    '<p>a</p>{% block x %}{% when plan = "pro" %}<p>b</p>{% default %}<p>c</p>{% endblock %}': (
        'a\n{%- block x %}\n{%- when plan = "pro" %}\n\nb\n{%- default %}\n\nc\n{%- endblock %}\n'
    ),
    "<p>{% assign a = 1 %}{{ a }}</p>": "{% assign a = 1 %}{{ a }}\n",
    '<p><a href="{{ u | append: "?a=1" }}">{{ t }}</a></p>': '{{ t }} ({{ u | append: "?a=1" }})\n',
    "<p>{% comment %}x{% endcomment %}a{% raw %}{{ b }}{% endraw %}</p>": (
        "a{% raw %}{{ b }}{% endraw %}\n"
    ),
    "<ol>{% for a in b %}<li>{{ a }}{% endfor %}</ol>": (
        "{% for a in b %}\n- {{ a }}\n{%- endfor %}\n"
    ),
}


@pytest.mark.parametrize("html", LIQUID)
def test_liquid_in_text(html: str) -> None:
    page = made(html)
    assert page.text == LIQUID[html]
    for offset, start in page.text_places:
        assert page.text[offset : offset + 2] == html[start : start + 2]


@pytest.mark.parametrize(
    ("html", "values", "text"),
    [
        (
            "<p>a</p>{% for x in xs %}<p>{{ x }}</p>{% endfor %}<p>z</p>",
            {"xs": [1, 2]},
            "a\n\n1\n\n2\n\nz",
        ),
        ("<p>a</p>{% for x in xs %}<p>{{ x }}</p>{% endfor %}<p>z</p>", {"xs": []}, "a\n\nz"),
        ("<p>a</p><p>{% if x %}x{% endif %}</p><p>z</p>", {}, "a\n\nz"),
        ("<p>a</p><p>{% if x %}x{% endif %}</p><p>z</p>", {"x": 1}, "a\n\nx\n\nz"),
        ("<p>a {% if x %}x{% endif %}</p><p>z</p>", {}, "a \n\nz"),
        ("Deals: {% for x in xs %}{{ x }}<br>{% endfor %}end", {"xs": [1, 2]}, "Deals: 1\n2\nend"),
        (
            "<table>{% for x in xs %}<tr><td>{{ x }}<td>€{% endfor %}</table>",
            {"xs": [1, 2]},
            "1 | €\n2 | €",
        ),
        ("{% for x in xs %}{{ x }}, {% endfor %}z", {"xs": [1, 2]}, "1, 2, z"),
        (
            "{% if a %}<p>A</p>{% else %}<p>B</p>{% endif %}{% if b %}<p>C</p>{% endif %}",
            {"b": 1},
            "B\n\nC",
        ),
        ("<p>{{ a }}{% if b %}b{% endif %}{% if c %}c{% endif %}</p>", {"a": 1, "c": 1}, "1c"),
        ("<p>a {% assign b = 1 %}{{ b }}</p>{% assign c = 2 %}<p>{{ c }}</p>", {}, "a 1\n\n2"),
        (
            "<table><tr><td>a<td>{% if b %}b{% endif %}<td>c</table>",
            {},
            "a |  | c",
        ),
        ("<ul>{% for x in xs %}<li>{{ x }}{% endfor %}</ul>z", {"xs": [1, 2]}, "- 1\n- 2\n\nz"),
        ("y<ul>{% for x in xs %}<li>{{ x }}{% endfor %}</ul>", {"xs": [1, 2]}, "y\n\n- 1\n- 2"),
        ("<p>a{% if b %} and {{ b }} {% endif %}.</p>", {"b": 1}, "a and 1 ."),
        ("<p>&#123;&#123; a }} &#123;% b %}</p>", {}, "{{ a }} {% b %}"),
    ],
)
def test_what_is_left_out_takes_its_lines_along(
    html: str, values: dict[str, object], text: str
) -> None:
    assert rendered(made(html).text, **values).strip() == text


def test_a_letter_of_mjml_reads_like_one() -> None:
    page = made(
        mjml(
            "{% for offer in offers %}<mj-section><mj-column>"
            '<mj-image src="{{ offer.image }}" alt="" />'
            "<mj-text><h2>{{ offer.name }}</h2><p>{{ offer.price }}</p></mj-text>"
            '<mj-button href="{{ offer.url }}">Book</mj-button>'
            "</mj-column></mj-section>{% endfor %}" + column("<mj-divider /><mj-text>Bye</mj-text>")
        ),
        "mjml",
        preheader="Not in the text",
    )
    offers = [
        {"name": n, "price": p, "url": f"u/{n}", "image": "i"} for n, p in (("A", 1), ("B", 2))
    ]
    text = rendered(page.text, offers=offers)
    assert text.strip() == "A\n\n1\n\nBook (u/A)\n\nB\n\n2\n\nBook (u/B)\n\nBye"


def test_a_written_text_part_stays_as_it_is() -> None:
    page = made("<p>x</p>", text="Hello {{ a }}\n\n{% if b %}b{% endif %}")
    assert page.text == "Hello {{ a }}\n\n{% if b %}b{% endif %}"
    assert page.text_places == ((6, 6), (15, 15), (26, 26))
