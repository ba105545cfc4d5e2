"""Segment-style calls import with the guessed mapping."""

import json

from ingest.books import Book

from lettershop.ingest.guess import guess_mapping
from lettershop.model.clock import parse_instant

CALLS: list[dict[str, object]] = [
    {"type": "identify", "userId": "U1", "anonymousId": "a1", "messageId": "m1",
     "timestamp": "2024-01-01T10:00:00Z", "receivedAt": "2024-01-01T10:00:05Z",
     "traits": {"email": "Ann@Example.com", "plan": "pro", "address": {"city": "Rome"}}},
    {"type": "identify", "userId": "U1", "messageId": "m2", "timestamp": "2024-02-01T10:00:00Z",
     "receivedAt": "2024-02-01T10:00:00Z", "traits": {"plan": None, "seats": 3}},
    {"type": "track", "event": "Order Completed", "userId": "U1", "messageId": "m3",
     "timestamp": "2024-01-02T10:00:00Z", "receivedAt": "2024-01-03T10:00:00Z",
     "properties": {"revenue": 12.5, "tags": ["a", "b"]}, "context": {"groupId": "G1"}},
    {"type": "track", "event": "Signed In", "anonymousId": "a2", "messageId": "m4",
     "timestamp": "2024-01-02T11:00:00Z", "receivedAt": "2024-01-02T11:00:00Z"},
    {"type": "track", "event": "Signed In", "anonymousId": "a2", "messageId": "m4",
     "timestamp": "2024-01-02T11:00:00Z", "receivedAt": "2024-01-02T11:00:01Z"},
    {"type": "page", "name": "Pricing", "userId": "U1", "messageId": "m5",
     "timestamp": "2024-01-02T12:00:00Z", "receivedAt": "2024-01-02T12:00:00Z",
     "properties": {"url": "https://example.com/pricing"}},
    {"type": "screen", "name": "Home", "userId": "U1", "messageId": "m6",
     "timestamp": "2024-01-02T12:00:00Z", "receivedAt": "2024-01-02T12:00:00Z"},
    {"type": "group", "userId": "U1", "groupId": "G1", "messageId": "m7",
     "timestamp": "2024-01-01T11:00:00Z", "receivedAt": "2024-01-01T11:00:00Z",
     "traits": {"employees": 40, "name": "Acme"}},
    {"type": "alias", "userId": "U2", "previousId": "a9", "messageId": "m8",
     "timestamp": "2024-01-01T11:00:00Z", "receivedAt": "2024-01-01T11:00:00Z"},
    {"type": "track", "event": "", "userId": "U1", "messageId": "m9",
     "timestamp": "2024-01-02T11:00:00Z", "receivedAt": "2024-01-02T11:00:00Z"},
]  # fmt: skip


def test_all_calls(book: Book) -> None:
    path = book.write("calls.jsonl.gz", "\n".join(map(json.dumps, CALLS)))
    found = guess_mapping(path)
    assert found.doubts == ()
    report = book.load_file(path, found.text)
    assert report.refused == {"row.refused": 1, "event.no_name": 1}
    assert "not supported yet" in book.refused_path.read_text()
    assert report.duplicates == 1
    assert book.contacts("email", "plan", "seats", "address.city")["user:U1"][:2] == (
        "ann@example.com", None)  # fmt: skip
    assert {"name", "employees"} <= set(book.store.catalog().account)
    assert "employees" not in book.store.catalog().contact
    order = book.rows("SELECT ts, received_at, revenue, tags, account_stated FROM"
                      " event_order_completed")  # fmt: skip
    assert order[0][:2] == (
        parse_instant("2024-01-02T10:00Z"), parse_instant("2024-01-03T10:00Z"))  # fmt: skip
    assert order[0][3:] == (["a", "b"], True)
    assert book.rows("SELECT name, url FROM event_page_viewed") == [
        ("Pricing", "https://example.com/pricing")
    ]
    assert book.rows("SELECT name FROM event_screen_viewed") == [("Home",)]
    assert book.rows("SELECT count(*) FROM people WHERE active") == [(1,)]
    assert book.rows("SELECT count(*) FROM event_signed_in") == [(1,)]


def test_an_explicit_null_is_a_write_and_an_absent_key_is_not(book: Book) -> None:
    path = book.write("calls.jsonl", "\n".join(map(json.dumps, CALLS)))
    book.load_file(path, guess_mapping(path).text)
    writes = book.rows("SELECT key, count(*) FROM contact_history WHERE key IN ('plan', 'seats')"
                       " GROUP BY key ORDER BY key")  # fmt: skip
    assert writes == [("plan", 2), ("seats", 1)]
