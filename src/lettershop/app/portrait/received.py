"""A letter as it was received: rendered again from the values and the edition that were frozen.

Links lead where the template says and the pixel is left out, so that looking counts nothing; the
link to unsubscribe, which works for whoever has it, is taken out.
"""

from typing import Final

from lettershop.app.sending.letters import SendingLetters
from lettershop.app.sending.marks import Marks
from lettershop.app.workspace import Workspace
from lettershop.content.letter import Rendered
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.models import Message, Snapshot
from lettershop.delivery.senders.parts import Withheld
from lettershop.model.clock import Clock
from lettershop.model.errors import NotFound, Unavailable

GONE: Final = "#left-out"
"""Stands where the recipient's own links were."""


def received(shop: Workspace, row: int, clock: Clock) -> Rendered:
    """NotFound `message.unknown`, `message.forgotten` (nothing was kept of it, or its recipient was
    erased); Unavailable `message.unrendered` when it cannot be rendered any more."""
    found = Message.objects.filter(id=row).select_related("send").first()
    if found is None:
        raise NotFound("message.unknown", f"there is no message {row}")
    snapshot = Snapshot.objects.filter(message=row).first()
    if snapshot is None or not found.digest:
        hint = "its recipient was erased, or it was never to be sent"
        raise NotFound("message.forgotten", "nothing is kept of what it said", hint=hint)
    data = shop.path / "data"
    letters = SendingLetters(data, shop.settings, clock=clock)
    asked = _row(found, snapshot)
    letters.prepare([asked])
    made = letters.unfollowed(asked)
    if isinstance(made, Withheld):
        raise Unavailable("message.unrendered", f"it cannot be shown: {made.reason}")
    return _without_own_links(made, Marks(data, shop.settings).links(row))


def _without_own_links(made: Rendered, links: dict[str, str]) -> Rendered:
    html, text = made.html, made.text
    for url in sorted(links.values(), key=len, reverse=True):
        html = html.replace(url, GONE).replace(url.replace("&", "&amp;"), GONE)
        text = text.replace(url, "…")
    return Rendered(
        subject=made.subject,
        preheader=made.preheader,
        html=html,
        text=text,
        outcomes=made.outcomes,
        sender=made.sender,
        reply_to=made.reply_to,
    )


def _row(found: Message, snapshot: Snapshot) -> Row:
    return Row(
        id=found.pk,
        send=found.send.pk,
        kind=found.send.kind,
        stream=found.send.stream,
        contact=found.contact,
        account=found.account,
        piece=found.piece,
        address=found.address,
        domain=found.domain,
        provider=found.provider,
        variant=found.variant,
        language=found.language,
        digest=found.digest,
        attempts=found.attempts,
        unsure=found.unsure,
        planned_at=found.planned_at,
        held_until=found.held_until,
        message_id=found.message_id,
        values=bytes(snapshot.body),
        shown=tuple(memoryview(bytes(snapshot.shown)).cast("b")),
    )
