"""A workspace that programs ask for messages: a few people, a receipt, a new password."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from opened_shop import Shop, open_shop

from lettershop.app import Workspace
from lettershop.app.sending.parts import make_parts
from lettershop.delivery.senders.desk import Desk
from lettershop.delivery.senders.journal import Journal
from lettershop.delivery.senders.sender import Sender
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import SystemClock, parse_instant
from lettershop.model.facts import AccountFact, ContactFact, MembershipFact

AT = parse_instant("2026-03-01T10:00Z")
RECEIPT = """+++
subject = "Receipt {{ message.order }} for {{ contact.first_name }}"
stream = "transactional"

[missing]
"contact.first_name" = "you"
"message.note" = { hide = true }
"account.name" = "your company"
+++
<html><body><p>Dear {{ contact.first_name }} of {{ account.name }},</p>
{% for line in message.lines %}<p>{{ line.what }}: {{ line.price }}</p>{% endfor %}
{% block note %}<p>Note: {{ message.note }}</p>{% endblock %}
{% block plan %}{% when plan = "pro" %}<p>As a pro</p>{% default %}<p>As always</p>{% endblock %}
</body></html>
"""
PASSWORD = """+++
subject = "Your new password"
stream = "transactional"
sender = "Help <help@example.com>"

[missing]
"message.code" = { skip = "no code" }
+++
<html><body><p>{{ contact.email }}, your code is {{ message.code }}.</p></body></html>
"""
OFFER = '+++\nsubject = "Offers"\n+++\n<p>Hi <a href="{{ unsubscribe_url }}">Leave</a></p>\n'
TEMPLATES = {"receipt": RECEIPT, "account/password": PASSWORD, "offer": OFFER}
ORDER = {"order": "R-17", "lines": [{"what": "Röhre", "price": 12.5}], "note": "thanks"}


@contextmanager
def message_shop(folder: Path, empty: Path, more: str = "") -> Iterator[Shop]:
    """`more`: lines of lettershop.toml."""
    Workspace.init(folder)
    said = 'sender = "Shop <shop@example.com>"\nsenders = 1\n' + more
    (folder / "lettershop.toml").write_text(said, "utf-8")
    (folder / "consent.toml").write_text("", "utf-8")
    for name, text in TEMPLATES.items():
        path = folder / "content" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    with open_shop(folder, empty) as shop:
        with shop.engine.write() as workspace:
            load(workspace.store, [*facts()])
        yield shop


def facts() -> Iterator[Any]:
    at: dict[str, Any] = {"ts": AT, "received_at": AT}
    ann = {"email": "Ann@example.com", "first_name": "Ann", "name": "Ann Lee", "plan": "pro"}
    for user, traits in (("U1", ann), ("U2", {"first_name": "Bo"})):
        also = ("email:ann@example.com",) if user == "U1" else ()
        contact = f"user:{user}"
        yield ContactFact(**at, message_id=user, contact=contact, also=also, traits=traits)
    yield AccountFact(**at, message_id="acme", account="acme", traits={"name": "Acme"})
    yield MembershipFact(**at, message_id="m1", contact="user:U1", account="acme", joined=True)


def deliver(folder: Path, until: Callable[[], bool], **changed: Any) -> None:
    """A sender with all its parts in this process, until something has happened. `changed`: parts
    that are others."""
    workspace_settings = changed.pop("settings")

    async def run() -> None:
        desk = Desk()
        (folder / "data" / "journal").mkdir(exist_ok=True)
        journal = Journal(folder / "data" / "journal", f"tests-{id(desk)}")
        made = await desk(make_parts, folder, workspace_settings)
        parts = msgspec.structs.replace(made, **changed)
        sender = Sender(parts, journal, desk, SystemClock())
        task = asyncio.create_task(sender.run())
        try:
            async with asyncio.timeout(20):
                while not await desk(until):
                    await asyncio.sleep(0.01)
        finally:
            sender.stop()
            await task
            await journal.close()
            await desk.close()

    asyncio.run(run())
