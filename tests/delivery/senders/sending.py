"""A sender process as the server would start it, with a builder that writes a line of text.

python sending.py FOLDER RECORDS PORT CONNECTIONS [parent]
"""

import sys
from pathlib import Path

from lettershop.app import records
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.ledger.snapshot import thaw
from lettershop.delivery.senders.parts import Built, Parts, Steady, always
from lettershop.delivery.senders.process import run_sender
from lettershop.delivery.smtp.address import smart_host
from lettershop.delivery.smtp.smarthost import SmartHost
from lettershop.delivery.wire import Outgoing
from lettershop.model.settings import Settings


class Plain:
    """Builds the same for everybody, but for a name."""

    def build(self, row: Row) -> Built:
        message_id = row.message_id or f"<{row.id}.{row.attempts}@shop.example>"
        name = thaw(row.values).get("name", "you")
        content = (
            f"From: <shop@shop.example>\r\nTo: <{row.address}>\r\nMessage-ID: {message_id}\r\n"
            f"Subject: hello\r\n\r\nDear {name},\r\n" + "all is well.\r\n" * 20
        )
        outgoing = Outgoing(
            id=row.id,
            sender="bounces@shop.example",
            recipient=row.address,
            content=content.encode(),
        )
        return Built(outgoing, message_id)


def main(folder: str, address: str, port: str, connections: str, parent: str) -> int:
    records.connect(Path(folder), Settings(records=address))
    parts = Parts(
        builder=Plain(),
        transport=SmartHost(smart_host(f"smtp://127.0.0.1:{port}", "shop.example")),
        may_send=always,
        shaper=Steady(connections=int(connections)),
    )
    return run_sender(lambda: parts, Path(folder) / "data" / "journal", with_parent=bool(parent))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
