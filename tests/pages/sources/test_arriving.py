"""Sources, what comes in by day, refusals by reason, and feeds that fell silent."""

import re
from html import unescape
from typing import Any

import pytest
from opened_shop import Shop

from lettershop.access.keys import create_source
from lettershop.app.live import Seen
from lettershop.app.sources import DAYS, source_states
from lettershop.engines.duckdb.arrivals import arrivals, note_arrivals
from lettershop.engines.duckdb.refusals import Refused, keep_refusals
from lettershop.ingest.loader import Loader
from lettershop.ingest.log.request import Request
from lettershop.model.clock import DAY, HOUR


def text(response: Any) -> str:
    bare = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", unescape(bare))


def refuse(shop: Shop, count: int, **fields: Any) -> None:
    known = {"source": "app", "code": "event.no_name", "message": "the event has no name"} | fields
    rest = {"received_at": shop.clock.now(), "raw": '{"a": "<i>"}', "level": "error"}
    rows = [Refused(seq=n, index=0, **{**rest, **known}) for n in range(count)]
    with shop.engine.write() as workspace, workspace.store.transaction():
        keep_refusals(workspace.store, rows)


class Log:
    """A raw log that is known by heart."""

    def __init__(self, *requests: Request) -> None:
        self._requests = requests

    def after(self, seq: int, most_bytes: int) -> list[Request]:
        return [request for request in self._requests if request.seq > seq]


def request(seq: int, at: int, source: str, body: str) -> Request:
    return Request(seq=seq, received_at=at, source=source, call="track", body=body.encode())


def test_calls_are_counted_by_day_source_and_outcome(shop: Shop) -> None:
    now = shop.clock.now()
    good = '{"userId": "U1", "event": "Signed In", "messageId": "%s"}'
    log = Log(
        request(1, now - DAY, "www", good % "a"),
        request(2, now, "www", good % "b"),
        request(3, now, "www", '{"userId": "U1"}'),
        request(4, now, "app", good % "b"),
    )
    seen: list[Seen] = []
    loader = Loader(shop.engine, log, shop.engine.workspace.settings, lambda s, _: seen.extend(s))
    while loader.step().requests:
        pass
    with shop.engine.read() as workspace:
        came = arrivals(workspace.store, now, 3)
    assert came["www"] == {"loaded": [0, 1, 1], "refused": [0, 0, 1]}
    assert came["app"]["loaded"] == [0, 0, 1]  # a duplicate came as well
    assert good % "a" in [one.raw for one in seen]


def test_counting_goes_on_where_it_was(shop: Shop) -> None:
    day = shop.clock.now() // DAY
    with shop.engine.write() as workspace:
        assert arrivals(workspace.store, shop.clock.now(), 2) == {}
        for _ in range(2):
            note_arrivals(workspace.store, {(day, "www", "loaded"): 2})  # type: ignore[arg-type]
        assert arrivals(workspace.store, shop.clock.now(), 2)["www"]["loaded"] == [0, 4]


def test_a_source_shows_its_days_and_the_share_that_was_refused(shop: Shop) -> None:
    create_source("www", "website")
    create_source("idle", "server")
    day = shop.clock.now() // DAY
    with shop.engine.write() as workspace:
        came = {(day, "www", "loaded"): 18, (day - 1, "www", "refused"): 2}
        note_arrivals(workspace.store, came)  # type: ignore[arg-type]
        states = {one.source.name: one for one in source_states(workspace, shop.clock.now())}
    assert states["www"].days[-2:] == (2, 18) and len(states["www"].days) == DAYS
    assert states["www"].share == 0.1 and states["idle"].share is None
    page = text(shop.client("viewer").get("/sources"))
    assert "10.0%" in page and "Revoke" not in page


def test_revoking_a_key_is_asked_about_first(shop: Shop) -> None:
    owner = shop.client("owner")
    owner.post("/sources/add", {"name": "www", "kind": "website"})
    prefix = re.search(r"ls_wk_[\w-]+…", text(owner.get("/sources")))
    assert prefix is not None
    sure = owner.get("/sources/www/revoke", {"prefix": prefix[0][:-1]})
    assert "cannot be taken back" in text(sure) and prefix[0] in text(owner.get("/sources"))
    assert shop.client("editor").get("/sources/www/revoke").status_code == 403


def test_refusals_are_gathered_by_reason(shop: Shop) -> None:
    refuse(shop, 3)
    refuse(shop, 60, source="www", code="time.invalid", message="its <b>time</b> is unreadable")
    client = shop.client("viewer")
    page = client.get("/sources/refusals")
    assert b"<b>time" not in page.content and b"<i>" not in page.content
    said = text(page)
    assert said.index("time.invalid") < said.index("event.no_name") and " 60 " in said
    assert "time.invalid" not in text(client.get("/sources/refusals?source=app"))
    first = client.get("/sources/refusals/events?code=time.invalid&source=www")
    later = re.search(r'rel="next" href="([^"]+)"', first.content.decode())
    assert later is not None
    rest = client.get("/sources/refusals/events" + unescape(later[1]))
    assert text(first).count("time.invalid www") + text(rest).count("time.invalid www") >= 60
    rows = client.get("/sources/refusals.csv?code=event.no_name").content.decode()
    assert rows.count("event.no_name") == 3 and "time.invalid" not in rows


@pytest.mark.parametrize(
    "path", ["/sources/refusals", "/sources/refusals/events", "/sources/refusals.csv", "/live"]
)
@pytest.mark.parametrize(
    "query", ["before=" + "9" * 400, "source=%00", "code=%27%3B--", "before=٣"]
)
def test_hostile_questions_get_a_page(shop: Shop, path: str, query: str) -> None:
    refuse(shop, 1)
    assert shop.client("viewer").get(f"{path}?{query}").status_code == 200


def test_the_live_page_stands_still_when_asked_to(shop: Shop) -> None:
    client = shop.client("viewer")
    moving, still = client.get("/live?name=a"), client.get("/live?name=a&paused=1")
    assert b'hx-get="/live/part?name=a"' in moving.content
    assert (
        b'hx-trigger="every' not in still.content and b'http-equiv="refresh"' not in still.content
    )


def test_an_event_that_fell_silent_is_named_first(shop: Shop) -> None:
    now = shop.clock.now()
    with shop.engine.write() as workspace:
        add_visits(workspace, [now - 40 * DAY + n * HOUR for n in range(0, 240, 8)])
    page = text(shop.client("viewer").get("/sources/feeds"))
    assert "1 event is silent" in page and re.search(r"Visited silent .* 8 h", page)
    assert "No event was ever heard of" not in page


def add_visits(workspace: Any, times: list[int]) -> None:
    path = workspace.path / "visits.csv"
    rows = [f"U1,Visited,{at}" for at in times]
    path.write_text("user_id,event,at\n" + "\n".join(rows) + "\n", "utf-8")
    mapping = workspace.path / "visits.toml"
    mapping.write_text(
        '[contact]\nuser_id = "user_id"\n[event]\nname = { column = "event" }\n'
        'time = { column = "at", format = "epoch_ms" }\n',
        "utf-8",
    )
    workspace.import_file(path, mapping)
