"""The mapping of Segment-style calls, one JSON object per line (segment.com/docs)."""

from collections.abc import Collection

CALLS = ("identify", "track", "page", "screen", "group", "alias")


def is_segment(columns: Collection[str], types: Collection[str]) -> bool:
    """`type` holds the names of calls, and the caller is named."""
    named = {"userId", "anonymousId"} & set(columns)
    return bool(named) and "type" in columns and bool(types) and set(types) <= set(CALLS)


def segment_mapping(columns: Collection[str]) -> str:
    """Sections only for what the file has."""
    has = set(columns)
    ids = "".join(
        f'{key} = "{column}"\n'
        for key, column in (("user_id", "userId"), ("anonymous_id", "anonymousId"))
        if column in has
    )
    email = 'email = "traits.email"\n' if "traits.email" in has else ""
    time = next((c for c in _TIMES if c in has), _TIMES[0])
    received = 'received = "receivedAt"\n' if {"receivedAt", time} <= has else ""
    message = 'id = "messageId"\n' if "messageId" in has else ""
    in_group = "context.groupId" in has
    parts = [
        _HEAD.format(time=time, received=received),
        f"{_WHO}[[contact]]\n{ids}",
        f'[[contact]]\nas = "identified"\nwhere = {{ column = "type", equals = "identify" }}\n'
        f'{ids}{email}[contact.traits]\n"*" = "traits.*"\n',
    ]
    if in_group:
        parts.append('[[account]]\nid = "context.groupId"\nrequired = false\n')
    if "groupId" in has:
        parts.append(_GROUP)
    for call, event in _EVENTS.items():
        own = 'name = "name"\n' if call != "track" and "name" in has else ""
        where = f'where = {{ column = "type", equals = "{call}" }}'
        properties = f'[event.properties]\n{own}"*" = "properties.*"\n'
        parts.append(f"[[event]]\nname = {event}\n{where}\n{message}{properties}")
    return "\n".join(parts)


_EVENTS = {
    "track": '{ column = "event" }',
    "page": '"Page Viewed"',
    "screen": '"Screen Viewed"',
}
_TIMES = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
_WHO = "# Who made the call. The contact's traits come from identify calls alone.\n"
_HEAD = """\
# Segment-style calls: identify, track, page, screen, group.
[file]
format = "jsonl"
time = "{time}"
{received}
[[refuse]]
where = {{ column = "type", equals = "alias" }}
reason = "alias calls are not supported yet"
"""

_GROUP = """\
# group calls: the account, its traits, and that the caller belongs to it.
[[account]]
as = "group"
where = { column = "type", equals = "group" }
id = "groupId"
[account.traits]
"*" = "traits.*"

[[membership]]
account = "group"
"""
