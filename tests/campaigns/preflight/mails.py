"""A message as it should be, built and signed for real, and what may be changed about it."""

from functools import cache

from lettershop.campaigns.preflight.heads import Surroundings
from lettershop.campaigns.preflight.messages import Messages
from lettershop.campaigns.said import Check
from lettershop.content.letter import Rendered
from lettershop.delivery.building import Blueprint, Slots, StreamSettings
from lettershop.delivery.dkim import Key, Signer, generate, read_key
from lettershop.delivery.dkim.verifier import public_keys
from lettershop.delivery.tracking import Addresses, Tokens
from lettershop.delivery.wire import Outgoing
from lettershop.model.clock import FixedClock, parse_instant

NOW = parse_instant("2026-03-02T09:00Z")
BASE = "https://letters.shop.example"
POSTAL = "Shop Ltd, 4 Quay Street, Leeds LS1 4NB"
SENDER = "The Shop <letters@shop.example>"
TO = "eva@acme.example"
ROW = 17
TOKENS = Tokens(b"a secret of the tests")
ADDRESSES = Addresses(TOKENS, BASE)
LEAVE = ADDRESSES.leave(ROW)
HTML = f"""<!doctype html><html lang="en"><head><title>News</title>
<style>.wide {{ width: 100% }} @media (max-width: 480px) {{ .phone {{ display: block }} }}</style>
</head><body style="background-color:#ffffff;color:#222222">
<div style="display:none;max-height:0;overflow:hidden">What is new in spring</div>
<h1>Hello Eva,</h1><p>this is new: <a href="https://shop.example/spring">the spring list</a>, and
more at <a href="https://shop.example/all">www.shop.example/all</a>.</p>
<p class="phone" style="display:none">for telephones</p>
<p style="font-size:12px;color:#555555">Shop Ltd · 4 Quay Street<br>Leeds LS1 4NB ·
<a href="{LEAVE}" style="color:#555555">unsubscribe</a></p></body></html>"""
TEXT = f"""Hello Eva,

this is new: https://shop.example/spring

Shop Ltd, 4 Quay Street, Leeds LS1 4NB
Unsubscribe: {LEAVE}
"""


@cache
def key(domain: str = "shop.example") -> Key:
    return read_key(domain, "s1", generate(domain, "s1", 1024).pem)


def letter(
    subject: str = "New in spring", html: str = HTML, text: str = TEXT, **more: str
) -> Rendered:
    return Rendered(subject, "", html, text, 0, **more)


def built(
    rendered: Rendered,
    *,
    stream: str = "marketing",
    signed: bool = True,
    leave: str = LEAVE,
    sender: str = SENDER,
    reply_to: str = "",
) -> bytes:
    settings = StreamSettings(stream=stream, sender=sender, reply_to=reply_to)  # type: ignore[arg-type]
    slots = Slots(id=ROW, token="k3Jx9Q", to=TO, name="Eva", at=NOW, unsubscribe=leave)
    content = Blueprint(settings).build(rendered, slots)
    return (sign(content) if signed else b"") + content


def sign(content: bytes) -> bytes:
    return Signer([key()], clock=FixedClock(NOW)).sign(content)


def surroundings(**more: object) -> Surroundings:
    usual = {
        "marketing": True,
        "base": BASE,
        "leaves": True,
        "postal_address": POSTAL,
        "find_key": public_keys([key()]),
        "row_of": row_of,
    }
    return Surroundings(**(usual | more))  # type: ignore[arg-type]


def row_of(token: str) -> int | None:
    found = TOKENS.read("leave", token)
    return None if found is None else found.row


def looked(content: bytes, about: Surroundings | None = None, *, to: str = TO) -> dict[str, Check]:
    """One message, looked at: what each rule says of it."""
    looking = Messages(about or surroundings())
    looking.look(
        ROW, "user:U1", Outgoing(id=ROW, sender="r@shop.example", recipient=to, content=content)
    )
    return {one.rule: one for one in looking.checks()}


def failing(found: dict[str, Check]) -> set[str]:
    return {name for name, one in found.items() if one.held == "fails"}
