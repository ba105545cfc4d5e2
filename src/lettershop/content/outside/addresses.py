"""The address of a source for one recipient: Liquid outputs whose values are percent-encoded, so
that no value can lead anywhere else."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from liquid import Environment, StrictDefaultUndefined
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from lettershop.content.template import Outside
from lettershop.model.errors import Finding
from lettershop.outgoing.places import Refused, is_named, parsed

_OUTPUT: Final = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_LITERAL: Final = re.compile(r"https?://[^/?#{}]+(?:[/?]|$)")


def check(name: str, source: Outside, hosts: Sequence[str], where: str) -> Iterator[Finding]:
    """What is wrong with a source whatever the recipients are. `hosts`: the setting `fetch_hosts`;
    `where`: the template's file."""
    if not _LITERAL.match(source.url):
        message = f"the address of “{name}” must begin with https:// and a host written out"
        yield Finding("outside.host", message, hint=_HINT, source=where)
        return
    try:
        _template(source.url)
        found = parsed(_OUTPUT.sub("x", source.url))
    except (Refused, LiquidError) as problem:
        said = f"the address of “{name}” cannot be used: {problem}"
        yield Finding("outside.url", said, hint=_HINT, source=where)
        return
    if not is_named(found, hosts):
        message = f"“{name}” asks {found.host}, which the setting fetch_hosts does not name"
        hint = f'fetch_hosts = ["{found.host}"] in lettershop.toml allows it'
        yield Finding("outside.not_allowed", message, hint=hint, source=where)


def address(source: Outside, values: Mapping[str, Any]) -> str | None:
    """Whom to ask for this recipient; None where a value it needs is missing."""
    try:
        return str(_template(source.url).render(values))
    except LiquidError:
        return None


_HINT: Final = "as in https://api.example.com/weather?city={{ contact.city }}"


@lru_cache(maxsize=256)
def _template(url: str) -> BoundTemplate:
    if "{%" in url:
        raise LiquidError("only {{ … }} may stand in it, no tags", token=None)
    encoded = _OUTPUT.sub(r"{{ \1 | _encoded }}", url)
    found = _ENVIRONMENT.from_string(encoded)
    unknown = set(found.analyze().filters) - set(_ENVIRONMENT.filters)
    if unknown:
        raise LiquidError(f"there is no filter “{min(unknown)}”", token=None)
    return found


def _encoded(value: object) -> str:
    text = str(value)
    if not text.strip():
        raise LiquidError("a value of the address is missing", token=None)
    return quote(text, safe="")


def _environment() -> Environment:
    found = Environment(undefined=StrictDefaultUndefined)
    found.filters["_encoded"] = _encoded
    return found


_ENVIRONMENT: Final = _environment()
