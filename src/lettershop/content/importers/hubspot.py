"""HubSpot's HubL: `{{ contact.firstname|default("there", true) }}`, `{% if a and b is defined %}`.

HubL looks like Liquid. What is read the same in both, or is Liquid only, stays as it is, byte for
byte.
"""

import re

from lettershop.content.importers.draft import Draft, Lost
from lettershop.content.importers.hubl_liquid import Writer
from lettershop.content.importers.hubl_tree import (
    Call,
    Choice,
    Expression,
    Filter,
    Literal,
    Name,
    Reader,
    parse,
)
from lettershop.content.importers.hubspot_names import Names
from lettershop.content.importers.ours import known_filters, known_tags
from lettershop.content.markup.marks import STRING, Mark, decoded, pieces

LIQUID_FILTER = re.compile(r"\|\s*\w+\s*:")
TAG = re.compile(r"\{%-?\s*(\w+)\s*(.*?)\s*-?%\}", re.S)
OUTPUT = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.S)
COMMENT = re.compile(r"\{#(?!\w+\s*[.{,:>])")
SET = re.compile(r"([A-Za-z_]\w*)\s*(?:=\s*(.*))?", re.S)
FOR = re.compile(r"([A-Za-z_]\w*)\s+in\s+(.*)", re.S)
_TRIM = re.compile(r"\{[{%](-?).*?(-?)[}%]\}", re.S)


def read_hubspot(draft: Draft, *, plain: bool) -> None:
    """`plain`: the text is no HTML."""
    reading = Reading(draft, plain=plain)
    at = 0
    for mark in pieces(draft.original):
        end = mark.start + len(mark.text)
        reading.text(at, mark.start)
        try:
            reading.piece(mark, end)
        except Lost as lost:
            draft.lose(mark.start, end, lost)
        at = end
    reading.text(at, len(draft.original))


class Reading:
    """A text while it is read: which names are its own, and which sets are open."""

    def __init__(self, draft: Draft, *, plain: bool) -> None:
        self.draft, self.names, self.plain = draft, Names(draft), plain
        book = draft.knowledge.book
        self.writer = Writer(self.names.ours, dict(book.filters), dict(book.lost))
        self._sets = 0

    def text(self, start: int, end: int) -> None:
        """HubL's comments are Liquid's, written otherwise."""
        at = start
        text = self.draft.original
        while found := COMMENT.search(text, at, end):
            closed = text.find("#}", found.end(), end)
            if closed < 0:
                break
            self.draft.keep(at, found.start())
            said = text[found.end() : closed].replace("{%", "{ %")
            comment = f"{{% comment %}}{said}{{% endcomment %}}"
            self.draft.put("{# … #}", "{% comment %}", comment)
            at = closed + 2
        self.draft.keep(at, end)

    def piece(self, mark: Mark, end: int) -> None:
        self.names.at(mark.start, end)
        match mark.kind:
            case "output":
                self._output(mark, end)
            case "tag":
                self._tag(mark, end)
            case _:
                self.draft.keep(mark.start, end)

    def _output(self, mark: Mark, end: int) -> None:
        said = decoded(_inner(OUTPUT, mark.text, 1))
        if LIQUID_FILTER.search(STRING.sub("", said)):
            self.draft.keep(mark.start, end)
            return
        tree = parse(said)
        match tree:
            case Name() if _subject(tree) in self.draft.knowledge.book.subject:
                self.draft.repeat_subject(f"{{{{ {_subject(tree)} }}}}", plain=self.plain)
            case Choice(condition=condition, yes=yes, no=no):
                text = f"{{% if {self.writer.condition(condition)} %}}{self._written(yes)}"
                text += f"{{% else %}}{self._written(no)}" if no is not None else ""
                self.draft.put("{{ … if … }}", "{% if … %}", text + "{% endif %}")
            case _:
                self._plain_output(mark, end, tree)

    def _plain_output(self, mark: Mark, end: int, tree: Expression) -> None:
        ours = self.writer.value(tree)
        variable = ours.partition("|")[0].strip()
        if " | default:" not in ours:
            self.draft.uses(variable)
        if not self.names.changed and not _rewritten(tree):
            self.draft.keep(mark.start, end)
            return
        left, right = _trims(mark.text)
        text = f"{{{{{left} {ours} {right}}}}}"
        theirs = _subject(tree)
        shown = ours if theirs == variable else variable
        self.draft.put(f"{{{{ {theirs} }}}}", f"{{{{ {shown} }}}}", text)

    def _written(self, found: Expression) -> str:
        match found:
            case Literal(value=str() as said) if "{" not in said and "<" not in said:
                return said
            case _:
                return f"{{{{ {self.writer.value(found)} }}}}"

    # --- statements -----------------------------------------------------------------------------

    def _tag(self, mark: Mark, end: int) -> None:
        found = TAG.fullmatch(mark.text)
        name, said = (found.group(1), decoded(found.group(2))) if found else ("#", "")
        match name:
            case "if" | "elif" | "unless":
                self._condition(mark, end, name, said)
            case "set":
                self._set(mark, said)
            case "endset" if self._sets:
                self._sets -= 1
                self._say(mark, "endset", "endcapture", "")
            case "for":
                self._for(mark, end, said)
            case "print":
                self._say_output(mark, said)
            case "ifchanged" | "cycle" | "assign":
                self.draft.keep(mark.start, end)
            case _ if name in known_tags():
                if name in ("assign", "capture"):
                    self.names.own(said.partition("=")[0].strip())
                self.draft.keep(mark.start, end)
            case _:
                lost = self.draft.knowledge.book.lost
                why = f"“{name}” is made by HubSpot, or has no counterpart"
                raise Lost(*lost.get(name, (why, "put the HTML it makes here")))

    def _condition(self, mark: Mark, end: int, name: str, said: str) -> None:
        if " contains " in STRING.sub('""', said):  # Liquid's own word
            self.draft.keep(mark.start, end)
            return
        ours = self.writer.condition(parse(said))
        written = "elsif" if name == "elif" else name
        if written == name and " ".join(ours.split()) == _same(said):
            self.draft.keep(mark.start, end)
        else:
            self._say(mark, name, written, ours)

    def _set(self, mark: Mark, said: str) -> None:
        found = SET.fullmatch(said)
        if found is None:
            raise Lost("several values are set at once", "write an {% assign %} for each")
        name, value = found.groups()
        if value is None:
            self._sets += 1
            self._say(mark, "set", "capture", name)
        else:
            tree = parse(value)
            if isinstance(tree, Filter) and tree.name == "default" and _own(tree.base, name):
                raise Lost("it asks for a value given with the module", "write the value")
            self._say(mark, "set", "assign", f"{name} = {self.writer.value(tree)}")
        self.names.own(name)

    def _for(self, mark: Mark, end: int, said: str) -> None:
        found = FOR.fullmatch(said)
        if found is None:
            raise Lost("Liquid's loops have one variable", "loop over a list")
        name, rest = found.groups()
        self.names.own(name)
        if ".." in rest:  # a range, which is Liquid's own
            self.draft.keep(mark.start, end)
            return
        reader = Reader(rest)
        tree = reader.logic("or")
        if reader.peek():  # `limit: 3`, `reversed`: Liquid's own
            self.draft.keep(mark.start, end)
            return
        match tree:
            case Call(
                name="range",
                arguments=(Literal(value=int() as first), Literal(value=int() as last)),
            ):
                self._say(mark, "for", "for", f"{name} in ({first}..{last - 1})")
            case Call(name="range", arguments=(Literal(value=int() as last),)):
                self._say(mark, "for", "for", f"{name} in (0..{last - 1})")
            case Name():
                ours = self.writer.single(tree)
                if ours == rest.strip():
                    self.draft.keep(mark.start, end)
                else:
                    self._say(mark, "for", "for", f"{name} in {ours}")
            case _:
                raise Lost("Liquid loops over a name", "{% assign x = … %} before it")

    def _say_output(self, mark: Mark, said: str) -> None:
        ours = self.writer.value(parse(said))
        self.draft.put("{% print … %}", "{{ … }}", f"{{{{ {ours} }}}}")

    def _say(self, mark: Mark, theirs: str, ours: str, said: str) -> None:
        left, right = _trims(mark.text)
        inner = f"{ours} {said}".strip()
        tail = " …" if said else ""
        text = f"{{%{left} {inner} {right}%}}"
        self.draft.put(f"{{% {theirs}{tail} %}}", f"{{% {ours}{tail} %}}", text)


def _inner(pattern: re.Pattern[str], text: str, group: int) -> str:
    found = pattern.fullmatch(text)
    return found.group(group) if found else ""


def _trims(text: str) -> tuple[str, str]:
    found = _TRIM.fullmatch(text)
    return (found.group(1), found.group(2)) if found else ("", "")


def _same(said: str) -> str:
    """A condition as it was written, its strings in the quotes we use."""
    return " ".join(STRING.sub(lambda m: f'"{m.group()[1:-1]}"', said).split())


def _rewritten(tree: Expression) -> bool:
    """Whether Liquid writes it otherwise, whatever the names."""
    match tree:
        case Name() | Literal():
            return False
        case Filter(base=base, name=name, arguments=()):
            return _rewritten(base) or name not in known_filters()
        case _:
            return True


def _subject(tree: Expression) -> str:
    """What an output is of, as it is counted."""
    match tree:
        case Name(parts=parts):
            return ".".join(str(part) for part in parts)
        case Filter(base=base):
            return _subject(base)
        case Call(name=name):
            return f"{name}(…)"
        case _:
            return "…"


def _own(tree: Expression, name: str) -> bool:
    return isinstance(tree, Name) and tree.parts == (name,)
