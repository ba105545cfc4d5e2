"""HubL expressions as trees. HubL is Jinja's language as HubSpot has it (its Java library Jinjava).

Precedence, loosest first: `a if b else c`, or, and, not, comparisons and tests, + - ~, * / %, a
sign, filters, `.name` `[…]` `(…)`.
"""

import re
from typing import TypeAlias

import msgspec

from lettershop.content.importers.draft import Lost


class Literal(msgspec.Struct, frozen=True):
    value: str | int | float | bool | None


class Name(msgspec.Struct, frozen=True):
    """`contact.firstname`, `deals[0].amount`: parts of text and numbers."""

    parts: tuple[str | int, ...]


class Call(msgspec.Struct, frozen=True):
    name: str
    arguments: tuple["Expression", ...]


class Filter(msgspec.Struct, frozen=True):
    base: "Expression"
    name: str
    arguments: tuple["Expression", ...]


class Test(msgspec.Struct, frozen=True):
    """`x is defined`."""

    base: "Expression"
    name: str
    arguments: tuple["Expression", ...]


class Not(msgspec.Struct, frozen=True):
    base: "Expression"


class Logic(msgspec.Struct, frozen=True):
    """`op`: and, or; at least two items."""

    op: str
    items: tuple["Expression", ...]


class Compare(msgspec.Struct, frozen=True):
    """`op`: ==, !=, <, >, <=, >=, in."""

    op: str
    left: "Expression"
    right: "Expression"


class Math(msgspec.Struct, frozen=True):
    op: str
    left: "Expression"
    right: "Expression"


class Choice(msgspec.Struct, frozen=True):
    """`yes if condition else no`; without else nothing."""

    condition: "Expression"
    yes: "Expression"
    no: "Expression | None"


class Listed(msgspec.Struct, frozen=True):
    items: tuple["Expression", ...]


Expression: TypeAlias = (
    Literal | Name | Call | Filter | Test | Not | Logic | Compare | Math | Choice | Listed
)
TOKEN = re.compile(
    r"\s*(?:(?P<string>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%~|.,()\[\]<>!=:?{}]))",
    re.S,
)
DEEPEST = 30
CONSTANTS: dict[str, bool | None] = {
    "true": True, "True": True, "false": False, "False": False, "none": None, "None": None,
    "null": None,
}  # fmt: skip
KEYWORDS = frozenset(("and", "or", "not", "is", "in", "if", "else"))
_UNREADABLE = "this expression cannot be read"


def parse(text: str) -> Expression:
    """The whole text as one expression. Lost."""
    reader = Reader(text)
    found = reader.choice()
    reader.need_end()
    return found


class Reader:
    """Reads expressions off a text, from left to right."""

    def __init__(self, text: str) -> None:
        self.tokens = [*_tokens(text)]
        self.at = self.depth = 0

    def peek(self, ahead: int = 0) -> str:
        place = self.at + ahead
        return self.tokens[place][1] if place < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        """The next token where it is one of these, else ""."""
        found = self.peek()
        if found and found in wanted and self.tokens[self.at][0] != "string":
            self.at += 1
            return found
        return ""

    def need(self, wanted: str) -> None:
        if not self.take(wanted):
            raise Lost(_UNREADABLE)

    def need_end(self) -> None:
        if self.at < len(self.tokens):
            raise Lost(_UNREADABLE)

    def choice(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Lost("this expression is nested too deeply")
        found = self.logic("or")
        if self.take("if"):
            condition = self.logic("or")
            found = Choice(condition, found, self.choice() if self.take("else") else None)
        self.depth -= 1
        return found

    def logic(self, op: str) -> Expression:
        words = ("or", "||") if op == "or" else ("and", "&&")
        items = [self.logic("and") if op == "or" else self.negation()]
        while self.take(*words):
            items.append(self.logic("and") if op == "or" else self.negation())
        return items[0] if len(items) == 1 else Logic(op, tuple(items))

    def negation(self) -> Expression:
        count = 0
        while self.take("not", "!"):
            count += 1
        found = self.comparison()
        return Not(found) if count % 2 else found

    def comparison(self) -> Expression:
        found = self.sum()
        while True:
            if op := self.take("==", "!=", "<=", ">=", "<", ">"):
                found = Compare(op, found, self.sum())
            elif self.peek() == "not" and self.peek(1) == "in":
                self.at += 2
                found = Not(Compare("in", found, self.sum()))
            elif self.take("in"):
                found = Compare("in", found, self.sum())
            elif self.take("is"):
                negated = self.take("not")
                found = self.test(found)
                found = Not(found) if negated else found
            else:
                return found

    def test(self, base: Expression) -> Expression:
        name = self.word()
        if self.take("("):
            return Test(base, name, self.arguments(")"))
        if self.at < len(self.tokens) and self.tokens[self.at][0] in ("string", "number"):
            return Test(base, name, (self.atom(),))
        return Test(base, name, ())

    def sum(self) -> Expression:
        found = self.product()
        while op := self.take("+", "-", "~"):
            found = Math(op, found, self.product())
        return found

    def product(self) -> Expression:
        found = self.filtered()
        while op := self.take("*", "/", "%"):
            found = Math(op, found, self.filtered())
        return found

    def filtered(self) -> Expression:
        found = self.atom()
        while self.take("|"):
            name = self.word()
            arguments = self.arguments(")") if self.take("(") else ()
            found = Filter(found, name, arguments)
        return found

    def atom(self) -> Expression:
        if self.at >= len(self.tokens):
            raise Lost(_UNREADABLE)
        kind, said = self.tokens[self.at]
        self.at += 1
        match kind, said:
            case "string", _:
                return Literal(_unescaped(said[1:-1]))
            case "number", _:
                return Literal(float(said) if "." in said else int(said))
            case "name", _ if said in CONSTANTS:
                return Literal(CONSTANTS[said])
            case "name", _ if said not in KEYWORDS:
                return self.path(said)
            case _, "(":
                found = self.choice()
                self.need(")")
                return found
            case _, "[":
                return Listed(self.arguments("]"))
            case _, "-" if self.at < len(self.tokens) and self.tokens[self.at][0] == "number":
                return _negative(self.atom())
            case _:
                raise Lost(_UNREADABLE)

    def path(self, first: str) -> Expression:
        parts: list[str | int] = [first]
        while True:
            if self.take("."):
                parts.append(self.word())
            elif self.take("["):
                found = self.choice()
                self.need("]")
                if not isinstance(found, Literal) or not isinstance(found.value, str | int):
                    raise Lost("the name in the brackets is not the same for everybody")
                parts.append(found.value)
            elif self.take("("):
                name = ".".join(str(part) for part in parts)
                return Call(name, self.arguments(")"))
            else:
                return Name(tuple(parts))

    def arguments(self, end: str) -> tuple[Expression, ...]:
        found: list[Expression] = []
        if self.take(end):
            return ()
        while True:
            if self.peek(1) == "=" and self.tokens[self.at][0] == "name":
                self.at += 2  # a name says what the argument is for; the order does, too
            found.append(self.choice())
            if self.take(end):
                return tuple(found)
            self.need(",")

    def word(self) -> str:
        if self.at >= len(self.tokens) or self.tokens[self.at][0] != "name":
            raise Lost(_UNREADABLE)
        self.at += 1
        return self.tokens[self.at - 1][1]


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            raise Lost(_UNREADABLE)
        kind = token.lastgroup or ""
        found.append((kind, token.group(kind)))
        at = token.end()
    return found


def _negative(found: Expression) -> Expression:
    match found:
        case Literal(value=int() | float() as number):
            return Literal(-number)
        case _:
            raise Lost(_UNREADABLE)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.S)
