"""CSS into the elements, once per template: many mail clients read `style` attributes alone.

Nothing is fetched, from nowhere. What cannot be inlined (`:hover`, `@media`) stays in `<style>`.
"""

from css_inline import CSSInliner, InlineError

from lettershop.content.markup.report import Report
from lettershop.content.markup.tokens import Start, Text, tokens

INLINER = CSSInliner(
    keep_style_tags=True,
    keep_link_tags=True,
    keep_at_rules=True,
    remove_inlined_selectors=True,
    load_remote_stylesheets=False,
)
MOST_CSS = 200_000
LARGEST = 200_000_000
"""Characters of CSS times elements: what the inliner could be made to write."""


def inline(html: str, report: Report) -> str:
    """The HTML as a whole document, its CSS in its elements; "" if that cannot be done."""
    found = list(tokens(html))
    css = sum(len(token.text) for token in found if isinstance(token, Text) and token.raw)
    count = sum(isinstance(token, Start) for token in found)
    if css > MOST_CSS or css * count > LARGEST:
        report.say("markup.too_large", "the letter has too much CSS", hint="remove unused rules")
        return ""
    try:
        return INLINER.inline(html)
    except (InlineError, ValueError) as error:
        message = f"the CSS cannot be written into the elements: {error}"
        hint = "look for style attributes that are not “property: value; …”"
        report.say("markup.css", message, hint=hint)
        return ""
