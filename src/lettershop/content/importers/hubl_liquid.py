"""HubL trees as Liquid. Lost for what Liquid cannot say.

Liquid has no brackets in conditions and reads `a and b or c` from the right: a and (b or c). Only
what both read alike is written, such as `c or a and b`; so ours stays as it is when read again.
"""

from collections.abc import Callable
from typing import assert_never

from lettershop.content.importers.draft import Lost, quoted
from lettershop.content.importers.hubl_tree import (
    Call,
    Choice,
    Compare,
    Expression,
    Filter,
    Listed,
    Literal,
    Logic,
    Math,
    Name,
    Not,
    Test,
)
from lettershop.content.importers.ours import known_filters

Naming = Callable[[Name], str]
"""What a name is called here: an expression; Lost."""
MATH = {"+": "plus", "-": "minus", "*": "times", "/": "divided_by", "%": "modulo", "~": "append"}
INVERSE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
BLANK = ("none", "undefined", "empty")
THERE = ("defined", "truthy")
ALONE = "Liquid has no filters in conditions"
_FIRST_ASSIGN = "{% assign x = … %} before it, then ask about x"
MOST_ARGUMENTS = {"default": 1, "replace": 2, "date": 1, "round": 1, "plus": 1, "join": 1}
"""Arguments that mean the same; HubL's default says in a second that blank is missing, as here."""


class Writer:
    """`filters`: of HubL -> ours, "" for one that is not needed here."""

    def __init__(
        self, naming: Naming, filters: dict[str, str], lost: dict[str, tuple[str, str]]
    ) -> None:
        self.naming, self.filters, self.lost = naming, filters, lost

    # --- values ---------------------------------------------------------------------------------

    def value(self, found: Expression) -> str:
        """With filters: what may stand in an output or behind assign."""
        match found:
            case Name():
                return self.naming(found)
            case Literal():
                return self.single(found)
            case Filter():
                return self._filtered(found)
            case Math(op="+", left=left, right=right) if _text(left) or _text(right):
                return f"{self.value(left)} | append: {self.single(right)}"
            case Math():
                return f"{self.value(found.left)} | {MATH[found.op]}: {self.single(found.right)}"
            case Call():
                return self._called(found)
            case Logic(op="or", items=(left, right)):
                return f"{self.value(left)} | default: {self.single(right)}"
            case Test() | Not() | Logic() | Compare():
                raise Lost("a condition is no value in Liquid", "write it as {% if … %}")
            case Choice():
                raise Lost("Liquid has no choice within a value", "write it as {% if … %}")
            case Listed():
                raise Lost("Liquid has no lists in the text", 'use {{ "a,b" | split: "," }}')
            case _:
                assert_never(found)

    def single(self, found: Expression) -> str:
        """Without filters: what may be an argument, or be compared."""
        match found:
            case Literal(value=None):
                return "nil"
            case Literal(value=bool() as said):
                return "true" if said else "false"
            case Literal(value=str() as said):
                return quoted(said)
            case Literal(value=number):
                return str(number)
            case Name():
                said = self.naming(found)
                if "|" in said:
                    raise Lost(ALONE, _FIRST_ASSIGN)
                return said
            case Filter(base=Name() as base, name="length" | "size" | "count", arguments=()):
                return f"{self.single(base)}.size"
            case _:
                raise Lost(ALONE, _FIRST_ASSIGN)

    def _called(self, found: Call) -> str:
        match found:
            case Call(
                name="personalization_token", arguments=(Literal(value=str() as path), *rest)
            ):
                said = self.naming(Name(tuple(path.split("."))))
                match rest:
                    case [Literal(value=str() as default)] if default.strip():
                        return f"{said} | default: {quoted(default)}"
                    case [] | [Literal(value="" | None)]:
                        return said
            case _:
                pass
        unknown = ("there are no functions in Liquid", "write out what it says")
        raise Lost(*self.lost.get(found.name, unknown))

    def _filtered(self, found: Filter) -> str:
        base, name, arguments = self.value(found.base), found.name, found.arguments
        if name == "safe":
            raise Lost("contact data never writes HTML", "remove the filter")
        if name not in self.filters and name in known_filters() and not arguments:
            return f"{base} | {name}"
        if name not in self.filters:
            why, instead = self.lost.get(name, (f"there is no filter “{name}”", ""))
            raise Lost(why, instead or "prepare the value before it is imported")
        ours = self.filters[name]
        if not ours:
            return base
        if ours == "default" and len(arguments) == 2:
            arguments = arguments[:1]
        if len(arguments) > MOST_ARGUMENTS.get(ours, 2):
            raise Lost(f"“{name}” has other arguments here", "write it with those of Liquid")
        said = ", ".join(self.single(one) for one in arguments)
        return f"{base} | {ours}: {said}" if said else f"{base} | {ours}"

    # --- conditions -----------------------------------------------------------------------------

    def condition(self, found: Expression) -> str:
        match found:
            case Logic():
                return self._logic(found)
            case Not(base=base):
                return self.condition(negated(base)) if _nests(base) else self._not(base)
            case Compare():
                return self._compared(found)
            case Test():
                return self._tested(found)
            case Filter(name="default", base=base, arguments=(Literal(value=False), *_)):
                return self.condition(base)
            case Literal() | Name() | Filter() | Call() | Math() | Choice() | Listed():
                return self.single(found)
            case _:
                assert_never(found)

    def _logic(self, found: Logic) -> str:
        flat = [self._spread(item) for item in found.items]
        nested = [item for item in flat if isinstance(item, Logic)]
        if len(nested) > 1 or (nested and found.op == "and"):
            why = "Liquid has no brackets in conditions"
            raise Lost(why, "write an {% if %} within an {% if %}")
        plain = [item for item in flat if not isinstance(item, Logic)]
        return f" {found.op} ".join(self.condition(item) for item in [*plain, *nested])

    def _spread(self, item: Expression) -> Expression:
        """`x in ["a", "b"]` is an or, and a denied and/or one of denied parts."""
        match item:
            case Compare(op="in", left=left, right=Listed(items=items)) if len(items) > 1:
                return Logic("or", tuple(Compare("==", left, one) for one in items))
            case Not(base=base) if _nests(base):
                return negated(base)
            case _:
                return item

    def _not(self, base: Expression) -> str:
        match base:
            case Compare(op=op, left=left, right=right) if op in INVERSE:
                return self._compared(Compare(INVERSE[op], left, right))
            case Test(base=inner, name=name) if name in BLANK:
                return f"{self.single(inner)} != blank"
            case Name() | Test(name="defined" | "truthy"):
                inner = base.base if isinstance(base, Test) else base
                return f"{self.single(inner)} == blank"
            case _:
                raise Lost("Liquid has no “not”", "swap the branches, or use {% unless %}")

    def _compared(self, found: Compare) -> str:
        match found:
            case Compare(op="in", right=Listed(items=items)) if items:
                return (
                    self.condition(self._spread(found))
                    if len(items) > 1
                    else self._compared(Compare("==", found.left, items[0]))
                )
            case Compare(op="in"):
                return f"{self.single(found.right)} contains {self.single(found.left)}"
            case Compare(op="==" | "!=", right=Literal(value="" | None)):
                return f"{self.single(found.left)} {found.op} blank"
            case _:
                return f"{self.single(found.left)} {found.op} {self.single(found.right)}"

    def _tested(self, found: Test) -> str:
        base = self.single(found.base)
        match found:
            case Test(name=name, arguments=()) if name in THERE:
                return f"{base} != blank"
            case Test(name=name, arguments=()) if name in BLANK:
                return f"{base} == blank"
            case Test(name="equalto" | "sameas", arguments=(other,)):
                return f"{base} == {self.single(other)}"
            case Test(name="string_containing" | "containing", arguments=(other,)):
                return f"{base} contains {self.single(other)}"
            case _:
                raise Lost(f"Liquid has no test “is {found.name}”", "compare it with a value")


def _nests(found: Expression) -> bool:
    return isinstance(found, Logic) or (
        isinstance(found, Compare) and found.op == "in" and isinstance(found.right, Listed)
    )


def negated(found: Expression) -> Expression:
    """By De Morgan, one level."""
    match found:
        case Logic(op=op, items=items):
            return Logic("or" if op == "and" else "and", tuple(_denied(item) for item in items))
        case Compare(op="in", left=left, right=Listed(items=items)) if len(items) > 1:
            return Logic("and", tuple(Compare("!=", left, one) for one in items))
        case Compare(op="in", left=left, right=Listed(items=(one,))):
            return Compare("!=", left, one)
        case _:
            return Not(found)


def _denied(found: Expression) -> Expression:
    return found.base if isinstance(found, Not) else Not(found)


def _text(found: Expression) -> bool:
    return isinstance(found, Literal) and isinstance(found.value, str)
