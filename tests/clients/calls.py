"""Segment's Python library, as its users call it: `python calls.py URL KEY HOW_MANY gzip|plain`.

Prints one line of JSON: the errors the library saw.
"""

import json
import sys

from segment.analytics.client import Client


def main(url: str, key: str, how_many: int, packing: str) -> None:
    errors: list[str] = []
    client = Client(
        key,
        host=url,
        gzip=packing == "gzip",
        max_queue_size=100_000,
        on_error=lambda error, items: errors.append(str(error)),
    )
    for n in range(how_many):
        user, more = f"user-{n % 50}", {"message_id": f"py-{packing}-{n}"}
        match n % 6:
            case 0:
                client.identify(user, {"email": f"{user}@example.com", "näme": "Zoë"}, **more)
            case 1:
                client.track(user, "Report Exported", {"n": n, "format": "pdf"}, **more)
            case 2:
                client.group(user, f"account-{n % 7}", {"plan": "team"}, **more)
            case 3:
                client.page(user, "docs", "Start", {"path": "/start"}, **more)
            case 4:
                client.screen(user, "app", "Home", {"n": n}, **more)
            case _:
                client.alias(f"anon-{n}", user, **more)
    client.shutdown()
    sys.stdout.write(json.dumps({"errors": errors}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
