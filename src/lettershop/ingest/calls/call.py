"""One tracking call, and how far it may go: sizes are characters unless they say bytes.

The types are strict, so that whatever fits them needs no second look. What does not fit is read
again by `read.py`, slowly and with a reason.
"""

from typing import Annotated, Any, Literal

import msgspec

MOST_BYTES = 32 * 1024
MOST_ID = 1_000
MOST_NAME = 255
MOST_DEPTH = 32

Kind = Literal["track", "identify", "group", "page", "screen", "alias"]
KINDS: tuple[Kind, ...] = ("track", "identify", "group", "page", "screen", "alias")

_Whole = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MOST_NAME)]
_Id = Annotated[str, msgspec.Meta(max_length=MOST_ID)] | _Whole | None
_Flat = str | _Whole | float | bool | None
_Inner = _Flat | list[_Flat] | dict[_Name, _Flat]
_Value = _Flat | list[_Inner] | dict[_Name, _Inner]
_Object = dict[_Name, _Value]

Object = dict[str, Any]


class Context(msgspec.Struct, rename="camel", gc=False):
    """What is used of a call's context; the rest is not read."""

    group_id: _Id = None
    traits: _Object | None = None
    page: _Object | None = None
    campaign: _Object | None = None
    locale: str | None = None
    timezone: str | None = None
    other_group_id: _Id = msgspec.field(default=None, name="group_id")


class Call(msgspec.Struct, rename="camel", gc=False):
    """Ids are as they were sent; times are ISO 8601 (or seconds or milliseconds, as numbers)."""

    type: Kind | None = None
    event: Annotated[str, msgspec.Meta(max_length=MOST_NAME)] | None = None
    name: str | None = None
    category: str | None = None
    user_id: _Id = None
    anonymous_id: _Id = None
    previous_id: _Id = None
    group_id: _Id = None
    message_id: _Id = None
    timestamp: str | float | None = None
    original_timestamp: str | float | None = None
    sent_at: str | float | None = None
    context: Context | None = None
    properties: _Object | None = None
    traits: _Object | None = None


class PlainCall(Call, rename="camel", gc=False, kw_only=True):
    """A call in which nothing hides in another spelling (`user_id`, `originalTimestamp`), once it
    is seen to name somebody: nearly all are like this."""

    type: Literal["track", "identify", "page", "screen"]
    message_id: Annotated[str, msgspec.Meta(max_length=MOST_ID)]
    timestamp: str
    original_timestamp: None = None


LEAST_BYTES = len('{"type":"page","messageId":"","timestamp":"","userId":0}')
"""No plain call that names somebody is shorter."""


class Batch(msgspec.Struct, rename="camel", gc=False):
    """The body of `/v1/batch` and `/v1/import`."""

    batch: list[PlainCall]
    sent_at: str | float | None = None
    context: Context | None = None
    other_sent_at: str | float | None = msgspec.field(default=None, name="sent_at")


def below(own: Context | None, common: Context) -> Context:
    """The call's own context, and under it what the batch says for all."""
    if own is None:
        return common
    pairs = zip(msgspec.structs.astuple(own), msgspec.structs.astuple(common), strict=True)
    return Context(*(mine if mine is not None else theirs for mine, theirs in pairs))
