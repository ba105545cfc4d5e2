"""Where in HTML an output stands, by following the text around it: what may be written there
depends on it. Not a parser: enough of the tokenizer to tell text, attributes and styles apart."""

import re
from typing import Literal, NamedTuple

Kind = Literal["text", "link", "style", "bare", "script"]
"""text: escaping is enough, also within quotes. link: an address is expected. bare: in a tag but
not within quotes, where no escaping helps. script: code is expected."""

FOLLOWED = {
    "href", "src", "action", "formaction", "background", "poster", "data", "cite", "xlink:href",
    "srcset", "longdesc", "manifest", "ping",
}  # fmt: skip
"""Attributes that hold an address: WHATWG HTML, "Attributes" index, type “valid URL”."""

_OPENS = re.compile(
    r"<(?P<close>/?)(?P<name>[a-z][^\s/>]*)|<!--\[if[^>]*\]>|<!-->|<!--|<[!?]", re.I
)
_IN_TAG = re.compile(r">|[\"']|=")
_ATTRIBUTE = re.compile(r"([^\s\"'<>/=]+)\s*$")


class State(NamedTuple):
    """`mode`: text, tag, value (quoted by `quote`), bare (an unquoted value), comment, or code of
    the element `tag`. `attribute`: the last one named. `begins`: nothing of it stands there yet."""

    mode: Literal["text", "tag", "value", "bare", "comment", "code"] = "text"
    tag: str = ""
    attribute: str = ""
    quote: str = ""
    begins: bool = False


class Html:
    def __init__(self) -> None:
        self.state = State()

    def feed(self, text: str) -> None:
        at = 0
        while at < len(text):
            at = self._step(text, at)

    def output(self) -> tuple[Kind, bool]:
        """What stands here, and whether it begins the value; then something does."""
        state = self.state
        self.state = state._replace(begins=False)
        match state.mode:
            case "text" | "comment":
                return "text", False
            case "code":
                return ("style" if state.tag == "style" else "script"), False
            case "tag" | "bare":
                return "bare", False
        if state.attribute.startswith("on"):
            return "script", False
        if state.attribute == "style":
            return "style", False
        return ("link" if state.attribute in FOLLOWED else "text"), state.begins

    def _step(self, text: str, at: int) -> int:
        state = self.state
        match state.mode:
            case "text":
                return self._text(text, at)
            case "comment":
                return self._until(text, at, "-->", State())
            case "code":
                return self._until(text, at, f"</{state.tag}", State("tag"))
            case "value":
                return self._value(text, at)
            case "bare":
                return self._bare(text, at)
        return self._tag(text, at)

    def _text(self, text: str, at: int) -> int:
        found = _OPENS.search(text, at)
        if found is None:
            return len(text)
        opened = found.group().lower()
        if found["name"]:
            name = "" if found["close"] else found["name"].lower()
            self.state = State("tag", name)
        elif opened == "<!--":
            self.state = State("comment")
        elif opened in ("<!", "<?"):
            self.state = State("tag")
        return found.end()

    def _until(self, text: str, at: int, end: str, then: State) -> int:
        found = text.lower().find(end, at)
        if found < 0:
            return len(text)
        self.state = then
        return found + len(end)

    def _tag(self, text: str, at: int) -> int:
        found = _IN_TAG.search(text, at)
        named = _ATTRIBUTE.search(text, at, found.start() if found else len(text))
        attribute = named.group(1).lower() if named else self.state.attribute
        if found is None:
            self.state = self.state._replace(attribute=attribute)
            return len(text)
        tag = self.state.tag
        if found.group() == ">":
            code = tag in ("style", "script")
            self.state = State("code", tag) if code else State()
            return found.end()
        if found.group() != "=":  # a quote that belongs to no attribute
            self.state = State("value", tag, "", found.group())
            return found.end()
        rest = text[found.end() :].lstrip()
        start = len(text) - len(rest)
        if rest[:1] in ("'", '"'):
            self.state = State("value", tag, attribute, rest[0], begins=True)
            return start + 1
        self.state = State("bare", tag, attribute, begins=True)
        return start

    def _value(self, text: str, at: int) -> int:
        end = text.find(self.state.quote, at)
        if end < 0:
            if text[at:].strip():
                self.state = self.state._replace(begins=False)
            return len(text)
        self.state = State("tag", self.state.tag)
        return end + 1

    def _bare(self, text: str, at: int) -> int:
        found = re.compile(r"[\s>]").search(text, at)
        if found is None:
            return len(text)
        self.state = State("tag", self.state.tag)
        return found.start()
