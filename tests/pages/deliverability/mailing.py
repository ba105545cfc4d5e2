"""Letters of the last days, written into the ledger and the facts as senders and returns do."""

from opened_shop import Shop

from lettershop.delivery.ledger import controls, planning
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Kind, Planned
from lettershop.delivery.models import Message, Send
from lettershop.delivery.said import State
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import DAY
from lettershop.model.facts import ContactFact, EventFact


def sent(
    shop: Shop,
    key: str,
    number: int,
    *,
    stream: str = "marketing",
    kind: Kind = "campaign",
    provider: str = "google",
    state: State = "accepted",
    ago: int = DAY,
    send_state: str = "done",
    **more: object,
) -> list[int]:
    """So many letters to people `KEY0`, `KEY1` …; the rows of the ledger."""
    at = shop.clock.now() - ago
    content = SendContent(template="welcome").json()
    send = planning.begin(key, kind=kind, name=key, stream=stream, at=at, content=content)
    rows = [
        Planned(contact=f"user:{key}{n}", address=f"{key}{n}@example.net", provider=provider)
        for n in range(number)
    ]
    planning.plan(send.id, rows, at)
    controls.start(send.id, at)
    messages = Message.objects.filter(send=send.id)
    messages.update(state=state, attempted_at=at, settled_at=at, told=True, **more)
    Send.objects.filter(id=send.id).update(state=send_state)
    return [*messages.order_by("id").values_list("id", flat=True)]


def happened(shop: Shop, name: str, rows: list[int], *, ago: int = 0, **more: object) -> None:
    """Such a fact about each of these letters."""
    at = shop.clock.now() - ago
    facts = [
        EventFact(
            name=name,
            contact=f"user:about{row}",
            ts=at,
            received_at=at,
            message_id=f"{name}-{row}-{at}",
            properties={"message": row, "send": "s", "stream": "marketing", **more},
        )
        for row in rows
    ]
    with shop.engine.write() as workspace:
        load(workspace.store, facts)


def known(shop: Shop, name: str, *, ago: int = 0) -> None:
    """A contact that became known so long ago."""
    at = shop.clock.now() - ago
    fact = ContactFact(
        contact=f"user:{name}", traits={"name": name}, ts=at, received_at=at, message_id=name
    )
    with shop.engine.write() as workspace:
        load(workspace.store, [fact])
