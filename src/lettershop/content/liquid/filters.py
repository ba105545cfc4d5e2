"""The filters: python-liquid's standard ones, some of them fenced or put right, and ours."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from typing import Any

from liquid import Environment, Markup, Undefined, soft_str
from liquid.builtin.filters import array, string
from liquid.exceptions import FilterArgumentError
from liquid.filter import sequence_filter, with_context, with_environment

from lettershop.content.liquid import limits, local, numbers
from lettershop.content.liquid.context import Reading
from lettershop.content.liquid.limits import too_much
from lettershop.content.liquid.missing import Instead

Filter = Callable[..., object]
NOT_STANDARD = ("safe", "escapejs")
"""Of python-liquid: `safe` would let contact data write HTML, `escapejs` is for scripts."""


def filters(env: Environment, locale: str, strict: bool) -> dict[str, Filter]:
    """`strict`: for letters; else as the reference implementation has them."""
    found: dict[str, Filter] = {
        **env.filters,
        **numbers.FILTERS,
        "join": join,
        "replace": fenced_replace,
        "uniq": uniq,
        "strip_html": _short(string.strip_html, 20_000),
        "date": with_environment(with_context(partial_date(locale, strict))),
        "money": lambda value, currency: local.money(value, currency, locale),
        "number": lambda value, places=None: local.number(value, places, locale),
        "day": lambda value, length="long": local.day(value, length, locale),
        "clock": lambda value: local.clock(value, locale),
        "list": lambda value: local.listed(value, locale),
    }
    if strict:
        found["map"] = mapped
    for name in NOT_STANDARD:
        found.pop(name, None)
    return found


def bound(env: Environment, function: Filter) -> Filter:
    """With its environment, which does not change."""
    if not getattr(function, "with_environment", False):
        return function
    ready: Any = partial(function, environment=env)
    ready.with_context = getattr(function, "with_context", False)
    return ready  # type: ignore[no-any-return]  # an attribute on a partial


def takes(function: Filter, plain: int, names: Iterable[str]) -> str:
    """What is wrong with so many arguments and such names, "" if nothing is."""
    extra = {"context": None} if getattr(function, "with_context", False) else {}
    try:
        signature = inspect.signature(function)
        signature.bind(None, *[None] * plain, **dict.fromkeys(names), **extra)
    except TypeError as error:
        return str(error)
    return ""


def unchanged(value: object, *arguments: object, **named: object) -> object:
    """In place of a filter that there is none of."""
    return value


@with_environment
def join(values: object, separator: object = " ", *, environment: Environment) -> object:
    if isinstance(values, list | tuple) and not isinstance(separator, Undefined):
        size = sum(len(v) if isinstance(v, str) else 20 for v in values)
        if size + len(values) * len(str(separator)) > limits.TEXT:
            raise too_much(f"a text grows beyond {limits.TEXT:,} characters")
    return array.join(values, separator, environment=environment)


def fenced_replace(value: object, old: object, new: object = "") -> object:
    if isinstance(value, str):
        found = value.count(str(old)) if str(old) else len(value) + 1
        if len(value) + found * len(str(new)) > limits.TEXT:
            raise too_much(f"a text grows beyond {limits.TEXT:,} characters")
    return string.replace(value, old, new)


def _short(plain: Filter, most: int) -> Filter:
    """For a filter that takes long over long texts."""

    @wraps(plain)
    def fenced(value: object, **named: Any) -> object:
        if isinstance(value, str) and len(value) > most:
            raise too_much(f"this filter takes texts up to {most:,} characters")
        return plain(value, **named)

    return fenced


@sequence_filter
def uniq(values: Iterable[Any], key: object = None) -> list[object]:
    """In linear time: what cannot be hashed is compared by its text."""
    seen: set[object] = set()
    kept: list[object] = []
    for value in values:
        try:
            mark = value.get(key, _ABSENT) if isinstance(value, Mapping) and key else value
            mark = value[key] if key and not isinstance(value, Mapping) else mark
        except (TypeError, LookupError) as error:
            raise FilterArgumentError(f"can't read property “{key}”", token=None) from error
        mark = mark if isinstance(mark, str | int | float | None | type(_ABSENT)) else repr(mark)
        if (type(mark) is bool, mark) not in seen:
            seen.add((type(mark) is bool, mark))
            kept.append(value)
    return kept


class _Absent:
    """Of elements without the property."""


_ABSENT = _Absent()


@sequence_filter
def mapped(values: Iterable[object], key: object) -> list[object]:
    """What the elements have under that name; those that have nothing there are left out, as they
    would leave a gap."""
    found = (value.get(str(key)) for value in values if isinstance(value, Mapping))
    return [value for value in found if value is not None and str(value).strip()]


def partial_date(locale: str, strict: bool) -> Filter:
    """`date`, which in python-liquid remembers a moment with the zone it was first seen in."""

    def date(
        value: object,
        form: object,
        *,
        environment: Environment,
        context: Reading,
    ) -> object:
        if isinstance(value, Instead):
            return value
        if isinstance(value, Undefined) or value is None or value == "":
            return ""
        if isinstance(form, Undefined) or not form:
            return str(value)
        try:
            moment = context.now() if value in ("now", "today") else local.moment_of(value)
        except FilterArgumentError:
            if strict or not isinstance(value, str | int):
                raise
            return str(value)
        said = local.strftime(moment, soft_str(form), locale)
        return Markup(said) if environment.autoescape and isinstance(form, Markup) else said

    return date
