"""Every sentence of the pages is there in German as well, with the same placeholders."""

import re
from pathlib import Path

import pytest

from tools.translations import LANGUAGES, areas, catalogue, collected, missing, read, sentences

PLACES = re.compile(r"%\(\w+\)s|%%")


@pytest.mark.parametrize("area", [a for a in areas() if a != "public"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_to_translate(area: str, language: str) -> None:
    assert missing(area, language) == [], "run `make translations` and fill them in"


@pytest.mark.parametrize("area", [a for a in areas() if a != "public"])
def test_catalogues_hold_what_is_said_and_nothing_else(area: str) -> None:
    said = {(m.id, m.context) for m in collected(area) if m.id}
    kept = {(m.id, m.context) for m in read(catalogue(area, "de"), "de") if m.id}
    assert kept == said, "run `make translations`"


@pytest.mark.parametrize("area", areas())
def test_translations_keep_the_places_for_values(area: str) -> None:
    for message in read(catalogue(area, "de"), "de"):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {place for text in ids for place in PLACES.findall(text)}
        for string in filter(None, strings):
            assert set(PLACES.findall(string)) <= wanted, message.id
        if ids[0]:
            assert {p for s in strings for p in PLACES.findall(s)} == wanted, message.id


def test_sentences_are_found_in_templates_and_code(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '<p>{% translate "Hello" %}\n  it’s {# not "this" #}</p>'
        "{% blocktranslate count n=some|length trimmed %}\n one\n{% plural %}\n many {{ n }}\n"
        "{% endblocktranslate %}"
    )
    code = tmp_path / "code.py"
    code.write_text('_("One") + ngettext("a", "%(n)s", n) + plain("not this")\n')
    assert {message for message, _ in sentences(page)} == {"Hello", ("one", "many %(n)s")}
    assert {message for message, _ in sentences(code)} == {"One", ("a", "%(n)s")}
