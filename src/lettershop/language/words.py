"""How single things are written: quoted texts, field paths, numbers, durations, record kinds."""

import re
from decimal import Decimal

from lettershop.language.tree import Duration
from lettershop.model.values import NUMBER_LIMIT

# fmt: off
RESERVED = frozenset({
    "account", "all", "among", "and", "any", "anything", "average",
    "change", "count", "did", "different", "entered", "everyone", "first",
    "has", "highest", "in", "known", "last", "left", "lowest",
    "maximum", "minimum", "not", "or", "sum", "time",
})
# fmt: on
"""Words that start a condition or a measure: a field called so stands in back quotes."""

KEPT_KINDS = frozenset({"anything", "any", "at", "more", "exactly", "fewer", "less", "no", "a"})
_PLAIN = re.compile(r"[^\W\d]\w*(\.\w+)*")
_KIND = re.compile(r"[^\W\d]\w*")
_PREFIX = re.compile(r"(account|membership)\.(.+)", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "`": "`"}
_UNSAFE = re.compile(r"[\\\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SHORT = {"\n": r"\n", "\t": r"\t", "\\": r"\\"}


# --- texts --------------------------------------------------------------------------------------


def quote(text: str) -> str:
    """`VP` as `"VP"`, with escapes for what cannot be seen."""
    return _enclosed(text, '"')


def _enclosed(text: str, mark: str) -> str:
    def escape(match: re.Match[str]) -> str:
        return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04x}"

    return mark + _UNSAFE.sub(escape, text).replace(mark, "\\" + mark) + mark


def unquote(body: str) -> str:
    r"""The text between the quotes, with \" \\ \n \t \uXXXX read.

    Errors: ValueError that says which escape is not one.
    """
    text = _ESCAPE.sub(_unescape, body)
    if any("\ud800" <= c <= "\udfff" for c in text):
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise ValueError("half of a \\u pair is not a character") from None
    return text


def _unescape(match: re.Match[str]) -> str:
    body = match[1]
    if len(body) == 5:
        return chr(int(body[1:], 16))
    if body not in _ESCAPES:
        raise ValueError(f"\\{body} is not an escape")
    return _ESCAPES[body]


# --- fields -------------------------------------------------------------------------------------


def write_field(field: str) -> str:
    """`title`, `account.employees`, `` `Job Title` ``, ``account.`Job Title` ``."""
    if _PLAIN.fullmatch(field) and field not in RESERVED:
        return field
    if (prefixed := _PREFIX.fullmatch(field)) is not None:
        return f"{prefixed[1]}." + _enclosed(prefixed[2], "`")
    return _enclosed(field, "`")


_PART = re.compile(r"`((?:[^`\\\n]|\\.)*)`|(\w+)|\.")


def read_field(text: str) -> str:
    """The path a FIELD token stands for. Errors: ValueError for a bad escape."""
    return _PART.sub(lambda m: unquote(m[1]) if m[1] is not None else m[0], text)


# --- numbers and durations ----------------------------------------------------------------------


def number_problem(value: int | float) -> str:
    """Why a number cannot stand in a tree, or nothing."""
    if value != value or value in (float("inf"), float("-inf")):
        return "this is not a number"
    if abs(value) >= NUMBER_LIMIT:
        return "numbers are smaller than 1,000,000,000,000"
    _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if isinstance(exponent, int) and exponent < -6:
        return "numbers have at most six decimals"
    return "numbers have at most 15 significant digits" if len(digits) > 15 else ""


def read_number(text: str) -> int | float:
    """Errors: ValueError that says what is wrong with it."""
    exact = Decimal(text).normalize()
    if abs(exact) >= NUMBER_LIMIT or len(exact.as_tuple().digits) > 15:
        too_large = abs(exact) >= NUMBER_LIMIT
        raise ValueError(number_problem(NUMBER_LIMIT) if too_large else _TOO_LONG)
    value = int(exact) if exact == exact.to_integral_value() else float(exact)
    if problem := number_problem(value):
        raise ValueError(problem)
    return value


_TOO_LONG = "numbers have at most 15 significant digits"


def write_number(value: int | float) -> str:
    if isinstance(value, int) or value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)).normalize(), "f")


def write_duration(duration: Duration) -> str:
    return counted(duration.n, duration.unit)


def counted(n: int, noun: str) -> str:
    """`1 day`, `3 days`."""
    return f"{n} {noun}" if n == 1 else f"{n} {plural(noun)}"


# --- record kinds -------------------------------------------------------------------------------

IRREGULAR = {
    "bonus": "bonuses",
    "campus": "campuses",
    "movie": "movies",
    "prospectus": "prospectuses",
    "status": "statuses",
    "warehouse": "warehouses",
}
_BACK = {many: one for one, many in IRREGULAR.items()}


def plural(kind: str) -> str:
    if kind in IRREGULAR:
        return IRREGULAR[kind]
    if re.search(r"[^aeiou]y$", kind):
        return kind[:-1] + "ies"
    return kind + ("es" if re.search(r"(s|x|ch|sh)$", kind) else "s")


def singular(kind: str) -> str:
    """The singular of a plural; a singular stays as it is."""
    if kind in _BACK:
        return _BACK[kind]
    if re.search(r"[^aeiou]ies$", kind) and len(kind) > 4:
        return kind[:-3] + "y"
    if re.search(r"(ss|x|ch|sh)es$", kind):
        return kind[:-2]
    return kind[:-1] if re.search(r"[^su]s$", kind) and not kind.endswith("is") else kind


def is_valid_kind(kind: str) -> bool:
    """Whether records may be of this kind: one singular word whose plural leads back to it."""
    return (
        _KIND.fullmatch(kind) is not None
        and kind not in KEPT_KINDS | {"people", "person", "an"}
        and plural(kind) not in KEPT_KINDS
        and singular(kind) == kind
        and singular(plural(kind)) == kind
    )


def article(noun: str) -> str:
    return "an" if noun[:1].lower() in tuple("aeiou") else "a"
