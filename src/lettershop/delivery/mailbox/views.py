"""What the pages and the JSON endpoint of the mailbox answer."""

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, Final
from urllib.parse import quote

import msgspec
from liquid import DictLoader, Environment

from lettershop.delivery.mailbox import reading
from lettershop.delivery.mailbox.store import Mail, Store
from lettershop.model.clock import from_ms

PAGE: Final = 50
MOST: Final = 500
QUIET: Final = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
PAGES_POLICY: Final = f"{QUIET}; style-src 'self'; frame-src 'self'"
_FRAME: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'; style-src 'unsafe-inline'; font-src data:;"
)
_HEAD: Final = re.compile(r"<head\b[^>]*>", re.I)


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    type: str = "text/html; charset=utf-8"
    body: bytes = b""
    headers: Mapping[str, str] = {}
    policy: str = PAGES_POLICY


class Listed(msgspec.Struct, frozen=True):
    """`total`: of all, whatever was asked for."""

    total: int
    items: list[Mail]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    mail: Mail
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    parts: tuple[reading.Part, ...]


class Asked(msgspec.Struct, frozen=True):
    """`q`: words; `to`: a whole address; `before`: a number."""

    q: str = ""
    to: str = ""
    before: int | None = None
    limit: int = PAGE
    pictures: bool = False


def mails(store: Store, asked: Asked) -> list[Mail]:
    limit = max(1, min(asked.limit, MOST))
    if not asked.to:
        return store.newest(asked.q, asked.before, limit)
    below = 2**62 if asked.before is None else asked.before
    return [one for one in reversed(store.to(asked.to)) if one.id < below][:limit]


def list_page(store: Store, asked: Asked) -> Answered:
    found = mails(store, msgspec.structs.replace(asked, limit=PAGE))
    older = found[-1].id if len(found) == PAGE else None
    link = f"/?q={quote(asked.q)}&before={older}" if older else ""
    rows = [_row(one) for one in found]
    return _page("list", rows=rows, q=asked.q, total=store.count(), older=link)


def mail_page(store: Store, number: int, asked: Asked) -> Answered:
    mail = store.get(number)
    if mail is None:
        return absent()
    read = reading.read(store.content(number))
    return _page(
        "mail",
        mail=_row(mail),
        headers=[{"name": name, "value": value} for name, value in read.headers],
        text=read.text,
        html=bool(read.html),
        parts=[msgspec.to_builtins(part) for part in read.parts],
        pictures=asked.pictures,
    )


def frame(store: Store, number: int, asked: Asked) -> Answered:
    """The HTML of a mail, for a frame in which it can do nothing but be looked at; links open
    elsewhere. Pictures from the network only when they were asked for."""
    html = reading.read(store.content(number)).html
    base = '<base target="_blank">'
    html = _HEAD.sub(lambda found: found[0] + base, html, count=1)
    sources = "data: http: https:" if asked.pictures else "data:"
    return Answered(body=html.encode("utf-8", "replace"), policy=f"{_FRAME} img-src {sources}")


def source(store: Store, number: int) -> Answered:
    content = store.content(number)
    return Answered(type="text/plain; charset=utf-8", body=content) if content else absent()


def part(store: Store, number: int, place: int) -> Answered:
    """To be saved, whatever it says it is."""
    found = reading.part_bytes(store.content(number), place)
    if found is None:
        return absent()
    headers = {"Content-Disposition": f'attachment; filename="mail-{number}-part-{place}"'}
    return Answered(type="application/octet-stream", body=found, headers=headers)


def list_json(store: Store, asked: Asked) -> Answered:
    return as_json(Listed(store.count(), mails(store, asked)))


def mail_json(store: Store, number: int) -> Answered:
    mail = store.get(number)
    if mail is None:
        return as_json({"error": "mail.unknown"}, 404)
    read = reading.read(store.content(number))
    return as_json(Message(mail=mail, **msgspec.structs.asdict(read)))


def as_json(said: object, status: int = 200) -> Answered:
    body = msgspec.json.encode(said)
    return Answered(status=status, type="application/json", body=body, policy=QUIET)


def style() -> Answered:
    return Answered(type="text/css; charset=utf-8", body=_file("mailbox.css").encode())


def absent() -> Answered:
    return _page("absent", status=404)


def _row(mail: Mail) -> dict[str, Any]:
    at = from_ms(mail.at)
    when = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    plain: dict[str, Any] = msgspec.to_builtins(mail)
    return plain | {"when": when, "to": ", ".join(mail.recipients)}


def _page(name: str, status: int = 200, **values: Any) -> Answered:
    body = _templates().get_template(name).render(**values)
    return Answered(status=status, body=body.encode("utf-8", "replace"))


@cache
def _templates() -> Environment:
    names = "frame", "list", "mail", "absent"
    return Environment(
        extra=True,
        autoescape=True,
        loader=DictLoader({name: _file(f"{name}.html") for name in names}),
    )


def _file(name: str) -> str:
    return (resources.files(__package__) / "pages" / name).read_text("utf-8")
