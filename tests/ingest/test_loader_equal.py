"""The quick ways through the loader say what the long ways say."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings, strategies as st
from ingest.logged import NOON, Logged

from lettershop.engines.duckdb.rows import load_facts
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls.read import read
from lettershop.ingest.calls.settle import settle
from lettershop.ingest.calls.translate import Translator
from lettershop.ingest.log.request import Request
from lettershop.model.clock import DAY, format_instant
from lettershop.model.facts import AnyFact, EventFact
from lettershop.model.settings import Settings

IDS = st.sampled_from(["U1", "U2", " U1 ", "null", "", "Üser", 7, "7"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**65), 2**65) | st.floats(-1e300, 1e300) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
TIMES = st.integers(NOON - 4000 * DAY, NOON + 4000 * DAY).map(format_instant) | st.sampled_from(
    ["2026-03-01", "2026-03-01T10:00:00", "soon", "", 1772452800, 1772452800000, 1.5]
)
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "groupId": IDS,
        "traits": st.fixed_dictionaries(
            {}, optional={"email": st.sampled_from(["a@b.de", "x", ""])}
        ),
        "campaign": st.fixed_dictionaries({}, optional={"source": st.text(max_size=3)}),
        "page": st.dictionaries(st.sampled_from(["url", "title", "x"]), VALUES, max_size=2),
        "timezone": st.sampled_from(["Europe/Berlin", ""]),
        "library": VALUES,
    },
)
CALLS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["track", "track", "track", "identify", "page", "screen", "group"]),
        "messageId": st.uuids().map(str),
        "timestamp": TIMES,
    },
    optional={
        "userId": IDS,
        "anonymousId": IDS,
        "event": st.sampled_from(["Seen", "Signed Up", "Email Opened", " ", "x" * 255]),
        "name": st.text(max_size=3),
        "groupId": IDS,
        "context": CONTEXTS,
        "properties": st.dictionaries(st.text(max_size=4), VALUES, max_size=4),
        "traits": st.dictionaries(st.text(max_size=4), VALUES, max_size=4),
    },
)
BATCHES = st.lists(CALLS, min_size=1, max_size=6)
SENT = st.none() | TIMES
SNAKE = {"userId": "user_id", "anonymousId": "anonymous_id", "messageId": "message_id"}
quick = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


def request(batch: list[dict[str, Any]], sent: object, call: str = "batch") -> Request:
    body = {"batch": batch} | ({"sentAt": sent} if sent is not None else {})
    return Request(seq=1, received_at=NOON, source="s", call=call, body=msgspec.json.encode(body))


def told(translator: Translator, asked: Request) -> tuple[list[AnyFact], list[tuple[int, bool]]]:
    """The facts, and which calls have a problem; of several the first one found is named."""
    chunk = translator.translate([asked])
    return chunk.facts(0, chunk.count), [(p.number, p.note) for p in chunk.problems]


@quick
@given(BATCHES, SENT, st.sampled_from(["batch", "import"]))
def test_calls_in_snake_case_are_read_one_by_one_and_mean_the_same(
    batch: list[dict[str, Any]], sent: object, call: str
) -> None:
    slowly = [{SNAKE.get(key, key): value for key, value in one.items()} for one in batch]
    expected = told(Translator(Settings()), request(slowly, sent, call))
    assert told(Translator(Settings()), request(batch, sent, call)) == expected


@quick
@given(BATCHES, SENT, st.sampled_from(["batch", "import"]))
def test_an_ordinary_call_of_somebody_met_before_means_the_same(
    batch: list[dict[str, Any]], sent: object, call: str
) -> None:
    one_by_one = [told(Translator(Settings()), request([one], sent, call)) for one in batch]
    translator = Translator(Settings())
    translator.translate([request(batch, sent, call)])
    events = [f for f in told(translator, request(batch, sent, call))[0] if is_event(f)]
    assert events == [f for facts, _ in one_by_one for f in facts if is_event(f)]


def is_event(fact: AnyFact) -> bool:
    return isinstance(fact, EventFact)


@quick
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode), st.booleans())
def test_no_body_breaks_the_reader(rubbish: bytes, batch: bool) -> None:
    body = b'{"batch":[' + rubbish + b"]}" if batch else rubbish
    for call in ("batch", "import", "track", "alias"):
        asked = Request(seq=1, received_at=NOON, source="s", call=call, body=body)
        found = read(asked)
        chunk = Translator(Settings()).translate([asked])
        assert chunk.count == len(found.calls)
        assert all(chunk.refusal(problem).message for problem in chunk.problems)


@quick
@given(
    st.dictionaries(st.sampled_from(["type", "userId", "event", "context", "timestamp"]), VALUES)
)
def test_no_call_breaks_the_translator(call: dict[str, Any]) -> None:
    facts, problems = told(Translator(Settings()), request([{"type": "track"} | call], None))
    assert facts or problems


ALIASES = st.fixed_dictionaries(
    {"type": st.just("alias"), "userId": IDS, "previousId": IDS, "messageId": st.uuids().map(str)}
)
AGAIN = st.lists(CALLS | ALIASES, min_size=1, max_size=8)
TABLES = (
    "SELECT * FROM contacts ORDER BY id",
    "SELECT * FROM accounts ORDER BY id",
    "SELECT * FROM people ORDER BY id",
    "SELECT * FROM identities ORDER BY number",
    "SELECT * FROM merges ORDER BY id",
    "SELECT * FROM contact_history ORDER BY ALL",
    "SELECT * FROM account_history ORDER BY ALL",
    "SELECT * FROM people_history ORDER BY ALL",
    "SELECT * FROM message_ids ORDER BY ALL",
    "SELECT * FROM fields ORDER BY ALL",
    "SELECT * FROM field_values ORDER BY ALL",
    "SELECT * FROM events ORDER BY ALL",
)


def stored(store: Store) -> list[list[tuple[Any, ...]]]:
    """All that facts leave behind, with the events of every name."""
    names = store.con.execute("SELECT table_name FROM events ORDER BY ALL").fetchall()
    questions = [*TABLES, *(f'SELECT * FROM "{name}" ORDER BY seq' for (name,) in names)]  # noqa: S608
    return [store.con.execute(question).fetchall() for question in questions]


@settings(quick, max_examples=25)
@given(st.lists(AGAIN, min_size=1, max_size=3), st.lists(st.integers(0, 30), max_size=4))
def test_loaded_part_by_part_or_as_facts_is_the_same(
    batches: list[list[dict[str, Any]]], twice: list[int]
) -> None:
    calls = [call for batch in batches for call in batch]
    batches = [*batches, [calls[n % len(calls)] for n in twice]]
    requests = [
        msgspec.structs.replace(request(batch, None), seq=n) for n, batch in enumerate(batches, 1)
    ]
    with Store.open(None) as one, Store.open(None) as two:
        shop, translator = Logged(one), Translator(Settings())
        for asked in requests:
            shop.requests.append(asked)
            step = shop.loader.step()
            chunk = translator.translate([asked])
            with two.transaction():
                loaded = load_facts(two, settle(two, chunk.facts(0, chunk.count)))
            translator.loaded(chunk)
            assert (step.facts, step.duplicates) == (loaded.rows, len(loaded.repeated))
        assert stored(one) == stored(two)
