"""What HTML says about its elements, as far as letters need it.

Source: HTML Living Standard, 13.1.2 (void elements, optional tags) and 13.2.6 (tree construction).
"""

from lettershop.content.markup.tokens import Attribute


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID = words("area base br col embed hr img input link meta param source track wbr")
TABLE_PARTS = words("table thead tbody tfoot tr colgroup")
ROW_GROUPS = words("thead tbody tfoot")
CELLS = frozenset(("td", "th"))
IN_TABLE = TABLE_PARTS | CELLS | {"caption"}
OPTIONAL_END = words(
    "p li dt dd td th tr thead tbody tfoot colgroup option optgroup html head body"
)
"""Elements that end without an end tag."""
SCOPES = CELLS | {"table", "caption"}
"""What an end tag inside does not reach beyond, unless it is a table's own."""

CLOSES: dict[str, frozenset[str]] = {
    # a start tag: the open elements that it ends
    "li": frozenset(("li", "p")),
    "dt": frozenset(("dt", "dd", "p")),
    "dd": frozenset(("dt", "dd", "p")),
    "option": frozenset(("option",)),
    "td": frozenset(("td", "th", "p")),
    "th": frozenset(("td", "th", "p")),
    "tr": frozenset(("td", "th", "tr", "p", "colgroup")),
    "thead": frozenset(("td", "th", "tr", "colgroup", "tbody", "tfoot", "thead")),
    "tbody": frozenset(("td", "th", "tr", "colgroup", "tbody", "tfoot", "thead")),
    "tfoot": frozenset(("td", "th", "tr", "colgroup", "tbody", "tfoot", "thead")),
    "body": frozenset(("head",)),
}
BLOCKS = words(
    "address article aside blockquote center details div dl fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr main menu nav ol p pre section table ul"
)
CLOSES |= {name: CLOSES.get(name, frozenset()) | {"p"} for name in BLOCKS}


def start_tag(name: str, attributes: list[Attribute]) -> str:
    said = [f' {a.name}="{a.value.replace(chr(34), "&quot;")}"' for a in attributes]
    return f"<{name}{''.join(said)}>"
