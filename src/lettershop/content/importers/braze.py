"""Braze's Liquid: `{{${first_name} | default: 'there'}}`, `{{custom_attribute.${plan}}}`.

It is ours but for its `${…}`, some filters and some tags; whatever has none of these stays as it
is, byte for byte.
"""

import re

from lettershop.content.importers.braze_abort import Asked, Pile
from lettershop.content.importers.braze_calls import connected
from lettershop.content.importers.braze_pieces import Piece, pieces
from lettershop.content.importers.draft import Draft, Lost
from lettershop.content.importers.ours import known_filters, known_tags
from lettershop.content.markup.marks import decoded

REFERENCE = re.compile(
    r"(?P<string>\"[^\"]*\"|'[^']*')|(?:(?P<group>[A-Za-z_]\w*)\s*\.\s*)?\$\{(?P<name>[^{}]*)\}"
)
STRING = re.compile(r"(\"[^\"]*\"|'[^']*')")
FILTER = re.compile(r"\|\s*(\w+)")
NOTHING = re.compile(r"(==|!=|<>)\s*(?:\"\s*\"|'\s*')")
FIRST = re.compile(r"[A-Za-z_]\w*")
WITHIN = re.compile(r"\{\{([^|{}\"']*)\}\}")
"""An output within a tag, which Braze allows."""
TRIGGERS = ("event_properties", "api_trigger_properties", "canvas_entry_properties", "context")
"""Groups that hold what started the message."""


def read_braze(draft: Draft, *, plain: bool) -> None:
    """`plain` makes no difference."""
    at, pile = 0, Pile()
    for piece in pieces(draft.original):
        draft.keep(at, piece.start)
        at = piece.end
        try:
            _piece(draft, pile, piece)
        except Lost as lost:
            draft.lose(piece.start, piece.end, lost)
    draft.keep(at, len(draft.original))


def _piece(draft: Draft, pile: Pile, piece: Piece) -> None:
    lost, name = draft.knowledge.book.lost, piece.name
    said = decoded(piece.said)
    if name == "connected_content":
        called, source = connected(said, lambda text: expression(draft, text, piece))
        draft.data[called] = source
        why = f"it is [data.{called}] in the front matter now, and its host must be in fetch_hosts"
        draft.leave_out("{% connected_content %}", piece.start, piece.end, why)
    elif name == "abort_message":
        variable, reason = pile.abort(said)
        draft.skip(variable, reason)
        draft.put("{% abort_message %}", "{ skip = … }", f"{{{{ {variable} }}}}")
    elif name and name not in known_tags():
        why, instead = lost.get(name.removeprefix("end"), ("there is no such tag here", ""))
        raise Lost(why, instead)
    else:
        _known(draft, pile, piece, said)


def _known(draft: Draft, pile: Pile, piece: Piece, said: str) -> None:
    try:
        ours = expression(draft, said, piece)
        ours = WITHIN.sub(lambda m: m.group(1).strip(), ours) if piece.name else ours
        if piece.name and "{{" in STRING.sub("", ours):
            raise Lost("an output stands within a tag", "{% assign x = … %} before it")
    except Lost:
        pile.meet(piece.name, Asked())
        raise
    pile.meet(piece.name, Asked.of(ours))
    changed = ours != said
    if not changed:
        draft.keep(piece.start, piece.end)
        return
    inner = " ".join(part for part in (piece.name, ours) if part)
    left, right = ("{{", "}}") if not piece.name else ("{%", "%}")
    text = f"{left}{piece.left} {inner} {piece.right}{right}"
    draft.put(*_counted(piece, said, ours), text)
    if not piece.name and "default" not in FILTER.findall(STRING.sub("", ours)):
        draft.uses(ours.partition("|")[0].strip())


def _counted(piece: Piece, said: str, ours: str) -> tuple[str, str]:
    if piece.name:
        return f"{{% {piece.name} … ${{…}} %}}", f"{{% {piece.name} … %}}"
    theirs, variable = said.partition("|")[0].strip(), ours.partition("|")[0].strip()
    if theirs == variable:
        return f"{{{{ {said} }}}}", f"{{{{ {ours} }}}}"
    return f"{{{{{theirs}}}}}", f"{{{{ {variable} }}}}"


def expression(draft: Draft, said: str, piece: Piece) -> str:
    """What stands in a tag or output, with our names and filters. Lost."""
    theirs = "${" in STRING.sub("", said)
    found = REFERENCE.sub(lambda m: m["string"] or _reference(draft, m, piece), said)
    if theirs:
        found = NOTHING.sub(lambda m: f"{'==' if m.group(1) == '==' else '!='} blank", found)
    return _filters(draft, found)


def _reference(draft: Draft, found: re.Match[str], piece: Piece) -> str:
    group, name, book = found["group"] or "", found["name"].strip(), draft.knowledge.book
    whole = f"{group}.{name}" if group else name
    if whole in book.values:
        return book.values[whole]
    if not group and name in book.lost:
        raise Lost(*book.lost[name])
    if group in ("", "custom_attribute"):
        if not name:
            raise Lost("it names nothing")
        return draft.field(name, piece.start, piece.end)
    if group in TRIGGERS:
        return _trigger(draft, name)
    if group in book.lost:
        raise Lost(*book.lost[group])
    raise Lost(f"“{group}” is not known here", "import it as a field of the contact")


def _trigger(draft: Draft, name: str) -> str:
    if not draft.event:
        why = "it is of the event that starts the message, which the letter does not name"
        raise Lost(why, '--event "Order Completed" says which')
    draft.event_read()
    return f"event.{name}" if FIRST.fullmatch(name) else f'event["{name}"]'


def _filters(draft: Draft, said: str) -> str:
    """With filters renamed; strings are left alone."""
    renamed = draft.knowledge.book.filters

    def ours(found: re.Match[str]) -> str:
        name = found.group(1)
        if name not in renamed and name not in known_filters():
            raise Lost(f"there is no filter “{name}”", "prepare the value before it is imported")
        return found.group().replace(name, renamed.get(name, name))

    parts = STRING.split(said)
    return "".join(
        part if number % 2 else FILTER.sub(ours, part) for number, part in enumerate(parts)
    )
