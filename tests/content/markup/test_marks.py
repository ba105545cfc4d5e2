"""Liquid is taken out whole and comes back unchanged."""

import pytest
import seeds
from hypothesis import given, seed as seeded, strategies as st

from lettershop.content.markup.marks import Marks, pieces

PIECES = {
    "{{ a }} and {% if b %}": ["{{ a }}", "{% if b %}"],
    "{{- a -}}": ["{{- a -}}"],
    '{{ a | append: "}}" }}x': ['{{ a | append: "}}" }}'],
    "{% assign x = '%}' %}y": ["{% assign x = '%}' %}"],
    "{% # it's a note %} it's": ["{% # it's a note %}"],
    "{{ it's }} x": ["{{ it's }}"],
    "{% raw %}{{ x }} {% y %}{% endraw %}z": ["{% raw %}{{ x }} {% y %}{% endraw %}"],
    "{%- comment -%} a {% comment %} b {% endcomment %} c {% endcomment %}d": [
        "{%- comment -%} a {% comment %} b {% endcomment %} c {% endcomment %}"
    ],
    "{% comment %} {{ a }}": ["{% comment %}", "{{ a }}"],
    "{{ open": [],
    "{{ open {% if a %}": ["{% if a %}"],
    "a { b } %}": [],
    '{% when industry = "Food %}" %}': ['{% when industry = "Food %}" %}'],
}


@pytest.mark.parametrize("text", PIECES)
def test_pieces(text: str) -> None:
    assert [piece.text for piece in pieces(text)] == PIECES[text]


def test_what_an_editor_has_escaped_is_meant_as_it_was_typed() -> None:
    marks = Marks("{% if a &gt; 3 and b == &quot;x&quot; %}{{ c | default: 'A&amp;B' }}")
    said = "{% if a > 3 and b == \"x\" %}{{ c | default: 'A&amp;B' }}"
    assert marks.restore(marks.text)[0] == said


def test_marks_never_collide_with_words_of_the_letter() -> None:
    body = "zqm0z ZQ1M1z {{ a }}"
    marks = Marks(body)
    assert marks.restore(marks.text) == (body, ((13, 13),))


@seeded(seeds.seed())
@given(st.lists(st.sampled_from([*PIECES, "text & more", "<p a='", "'", '"', "\n", "é", "{", "}"])))
def test_any_text_comes_back_with_its_places(parts: list[str]) -> None:
    body = "".join(parts)
    marks = Marks(body)
    restored, places = marks.restore(marks.text)
    assert restored == body
    assert [start for start, _ in places] == [piece.start for piece in pieces(body)]
    for found in marks.pattern.finditer(marks.text):
        mark = marks.of(found.group())[0]
        assert marks.original(found.start()) == mark.start
        assert marks.original(found.end()) == mark.start + len(mark.text)


@pytest.mark.parametrize("text", ["{{" * 200_000, "{% '" * 200_000, "{% raw %}" * 100_000])
def test_hostile_text_is_read_once(text: str) -> None:
    marks = Marks(text)
    assert marks.restore(marks.text)[0] == text
