"""Text to tree."""

from typing import Any

from lark import Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from lettershop.language.spans import Spans
from lettershop.language.text import build_events, build_rest, build_values, modifiers
from lettershop.language.text.grammar import parser
from lettershop.language.text.limits import refuse_hostile
from lettershop.language.text.mistakes import explain_characters, explain_token
from lettershop.language.text.site import Rules, Site
from lettershop.language.tree import Condition
from lettershop.model.errors import DefinitionError, Finding, Span

RULES: Rules = {**build_values.RULES, **modifiers.RULES, **build_events.RULES, **build_rest.RULES}


class Parsed:
    """A tree together with the places its nodes were written in."""

    def __init__(self, tree: Condition, text: str, spans: Spans) -> None:
        self.tree, self.text, self.spans = tree, text, spans

    def span_of(self, node: object, part: str = "") -> Span | None:
        """Where this very node (or its field, value, name …) stands in the text."""
        return self.spans.of(node, part)


def parse(text: str, source: str = "") -> Parsed:
    """The tree a text stands for.

    `source` (a file's name) is repeated in findings. Raises DefinitionError, with exact places and
    hints: one finding when the text does not follow the grammar, else all that are found.
    """
    refuse_hostile(text, source)
    site = Site(source)
    tree: Condition = _build(_read(text, source), site)
    if site.findings:
        raise DefinitionError(sorted(site.findings, key=lambda f: f.span.start if f.span else 0))
    return Parsed(tree, text, site.spans)


def _read(text: str, source: str) -> Tree[Token]:
    finding: Finding
    try:
        return parser().parse(text)
    except UnexpectedToken as error:
        finding = explain_token(error, text, source)
    except UnexpectedCharacters as error:
        finding = explain_characters(error, text, source)
    except UnexpectedInput as error:  # pragma: no cover - lark has no other kinds for LALR
        finding = Finding("language.syntax", str(error), source=source)
    raise DefinitionError([finding])


def _build(syntax: Tree[Token], site: Site) -> Any:
    """Bottom-up without recursion, so that depth costs no stack."""
    built: dict[int, Any] = {}
    for subtree in syntax.iter_subtrees():
        parts = [built[id(c)] if isinstance(c, Tree) else c for c in subtree.children]
        built[id(subtree)] = RULES[str(subtree.data)](site, subtree.meta, parts)
    return built[id(syntax)]
