"""Any text at all: what is not a tag stays, nothing is translated twice, nothing takes long."""

import time
from typing import get_args

import pytest
from hypothesis import given, seed as seeded, settings, strategies as st
from seeds import seed

from lettershop.content.importers.draft import Vendor
from lettershop.content.importers.translating import translate

VENDORS: tuple[Vendor, ...] = get_args(Vendor)
VENDOR = st.sampled_from(VENDORS)
CHARACTERS = "abz AZ09<>\"'=/\n\té€.,;:-_&#()"
PLAIN = st.text(alphabet=CHARACTERS, max_size=200)
THEIRS = [
    *("{contactfield=city|x}", "{contactfield=", "|true}", "%7B", "%7D", "{today|Y}", "{subject}"),
    *("{dynamiccontent=", '"A"', "*|FNAME|*", "*|IF:X|*", "*|IF:X=5|*", "*|ELSE:|*", "*|END:IF|*"),
    *("*|IFNOT:ARCHIVE_PAGE|*", "*|IF:MC_PREVIEW_TEXT|*", "*|", "|*", "<p mc:edit='a'>", "</p>"),
    *("{{${city}}}", "{{", "}}", "${", "}", "{% if ${x} == '' %}", "{% abort_message('a') %}"),
    *("{% endif %}", "{% else %}", "{%", "%}", "{{ contact.firstname|default('a') }}", "{# a #}"),
    *("{% set x = 1 + 2 %}", "{% if a and not b %}", "{% for i in range(3) %}", "{% endfor %}"),
    *("{% connected_content https://a.b/ :save c %}", "{% raw %}", "{% endraw %}", "{% comment %}"),
    *(
        "{{ 'a' if b else c }}",
        "{{ x[0].y }}",
        "|",
        "'",
        '"',
        "\\",
        "=",
        "[",
        "(",
        ")",
        "\0",
        "\ud800",
    ),
]
MIXED = st.lists(st.one_of(st.sampled_from(THEIRS), st.text(max_size=3)), max_size=12).map("".join)
LIQUID = [
    '{{ contact.first_name | default: "x" }}',
    "{{ city }}",
    "{{ account.name | upcase }}",
    "{{ order.at | day }}",
    "{{ tags | list }}",
    '{{ 5 | money: "EUR" }}',
    '{% if contact.plan == "gold" and account.city != blank %}a{% elsif x %}b{% endif %}',
    "{% unless contact.city %}c{% endunless %}",
    "{% if tags contains 'a' or x %}d{% endif %}",
    "{% for deal in deals limit: 3 %}{{ deal.amount | money }}{{ forloop.index }}{% endfor %}",
    "{% for i in (1..3) %}{{ i }}{% endfor %}",
    "{% assign x = city | upcase %}{{ x }}",
    "{% capture y %}z{% endcapture %}{{ y }}",
    "{% case plan %}{% when 'a' %}b{% endcase %}",
    '{% block a %}{% when in segment "VPs" and plan in ("a", "b") %}c{% default %}d{% endblock %}',
    "{% raw %}{{ {% *| {% endraw %}",
    "{% comment %}*|FNAME|*{% endcomment %}",
    '{% untranslated "{webview_url}" %}',
    "<a href='{{ unsubscribe_url }}'>{{ sender.postal_address }}</a>",
]


@seeded(seed())
@settings(max_examples=200, deadline=None, database=None)
@given(text=PLAIN, vendor=VENDOR)
def test_text_without_tags_stays_byte_for_byte(text: str, vendor: Vendor) -> None:
    found = translate(text, vendor)
    assert found.text == text
    assert (found.became, found.findings, found.bare) == ((), (), ())


@seeded(seed())
@settings(max_examples=300, deadline=None, database=None)
@given(parts=st.lists(st.one_of(st.sampled_from(LIQUID), PLAIN), max_size=8), vendor=VENDOR)
def test_what_is_ours_stays_byte_for_byte(parts: list[str], vendor: Vendor) -> None:
    text = "".join(parts)
    found = translate(text, vendor)
    assert found.text == text and not found.became and found.complete


@seeded(seed())
@settings(max_examples=300, deadline=None, database=None)
@given(text=MIXED, vendor=VENDOR)
def test_any_text_is_translated_once_and_nothing_is_lost_silently(
    text: str, vendor: Vendor
) -> None:
    found = translate(text, vendor, subject="S")
    again = translate(found.text, vendor, subject="S")
    assert again.text == found.text
    marks = found.text.count("{% untranslated ")
    told = sum(finding.code == "import.untranslated" for finding in found.findings)
    assert told == marks
    if found.text != text:
        assert found.became or found.findings
    for finding in found.findings:
        assert finding.span is not None and 0 <= finding.span.start <= finding.span.end <= len(text)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    "piece",
    [
        *(
            "{contactfield=",
            "%7Bcontactfield=a",
            "*|IF:X|*",
            "*|",
            "{{${",
            "{{ ${a}",
            "{% if ",
            "{#",
        ),
        *("{{ a|b", "{{ (", "((", "[", "{% set x = ", "<p mc:edit='a' ", "{{ 'a", "{% raw %}"),
        *("{% connected_content {{", "*|IF:X|*a*|ELSE:|*", "{% if a %}", "{{ not not ", "<title>"),
    ],
)
def test_hostile_texts_take_no_time(piece: str, vendor: Vendor) -> None:
    for text in (piece * (60_000 // len(piece)), f"{{{{ {piece * 500} }}}}"):
        began = time.process_time()
        translate(text, vendor)
        assert time.process_time() - began < 2
