"""Whatever is in the data: a letter, a reason, or findings; never an exception, never HTML."""

import datetime as dt
import re
from decimal import Decimal
from random import Random
from typing import Any

from lettershop.content.letter import Broken, Rendered, Skipped
from tests.content.liquid.letters import POLICIES, letter
from tests.seeds import seed

SCALARS: tuple[Any, ...] = (
    None,
    "",
    "  ",
    "Ann",
    "<img src=x onerror=y>",
    "javascript:alert(1)",
    "{{ contact.a }}",
    "\ud800",
    0,
    -1,
    10**5000,
    2.5,
    float("nan"),
    float("inf"),
    Decimal("NaN"),
    Decimal("1e999999"),
    Decimal("12.50"),
    True,
    False,
    dt.date(2026, 1, 1),
    dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    dt.datetime(1, 1, 1),  # noqa: DTZ001  # without a zone, as no value should be
    object(),
    frozenset({1}),
    range(3),
    b"bytes",
)
FILTERED = (
    "upcase", "size", "first", "last", "sort", "uniq", "reverse", "join", "list", "day", "clock",
    "money: 'EUR'", "number", "number: 2", "plus: contact.b", "times: contact.b", "round", "sum",
    "divided_by: contact.b", "at_most: contact.b", "date: '%Y'", "date: contact.b", "map: 'name'",
    "where: 'name', contact.b", "append: contact.b", "replace: contact.b, contact.c", "strip_html",
    "split: contact.b", "slice: contact.b", "truncate: contact.b", "url_encode", "default: 'x'",
    "concat: contact.b", "newline_to_br", "escape", "escape_once", "compact", "abs", "ceil",
    "find: 'name', contact.b", "has: 'name'", "base64_encode", "base64_decode", "url_decode",
)  # fmt: skip
TESTS = ("==", "!=", "<", "<=", ">", ">=", "contains")
BODY = (
    [f"{{{{ contact.a | {name} }}}}" for name in FILTERED]
    + [f"{{% if contact.a {sign} contact.b %}}y{{% endif %}}" for sign in TESTS]
    + [
        "{{ contact.a }}",
        '<a href="{{ contact.a }}">',
        '<p style="{{ contact.a }}">',
        "{% for d in contact.a %}{{ d }}{{ d.name }}{% endfor %}",
        "{% for d in contact.a limit: contact.b %}{{ forloop.index }}{% endfor %}",
        "{% for i in (contact.a..contact.b) %}i{% endfor %}",
        "{% tablerow d in contact.a cols: contact.b %}{{ d }}{% endtablerow %}",
        "{% case contact.a %}{% when contact.b %}x{% else %}y{% endcase %}",
        "{% cycle contact.a, contact.b %}",
        "{{ contact.a.b[0].size }}{{ contact.a.first.x }}",
    ]
)


def test_no_value_brings_a_letter_down() -> None:
    random = Random(seed())
    letters = [letter(body, missing=POLICIES) for body in BODY]
    rendered = 0
    for _ in range(40):
        for made in letters:
            result = made.render({"contact": {name: anything(random) for name in "abc"}})
            assert isinstance(result, Rendered | Skipped | Broken)
            if isinstance(result, Rendered):
                rendered += 1
                assert not re.search(r"<img|href=\"\s*javascript", result.html)
    assert rendered > len(letters)


def anything(random: Random, depth: int = 2) -> Any:
    kind = random.random()
    if depth and kind < 0.2:
        return [anything(random, depth - 1) for _ in range(random.randrange(4))]
    if depth and kind < 0.35:
        names = random.sample(["name", "b", "size", "first", "x"], 3)
        return {name: anything(random, depth - 1) for name in names}
    return random.choice(SCALARS)
