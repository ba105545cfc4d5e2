"""A guessed mapping: readable, right, and honest about its doubts."""

import pytest
from ingest.books import Book

from lettershop.ingest.guess import guess, guess_mapping, mapping_for
from lettershop.ingest.mapping_text import read_mapping
from lettershop.model.errors import InputError

PEOPLE = (
    "Contact ID,E-Mail,Company,Role,Signup Date,Score\n"
    "C1,ann@example.com,Acme,admin,2024-01-31,5\nC2,bob@example.com,Acme,,2024-02-01,7.5\n"
)
EVENTS = "user_id,event,timestamp,revenue,currency\nU1,Paid,2024-01-01T10:00:00Z,5,EUR\n"


def test_people(book: Book) -> None:
    path = book.write("people.csv", PEOPLE)
    found = guess_mapping(path)
    assert found.doubts == ()
    mapping = read_mapping(found.text)
    assert mapping.contacts[0].user_id and mapping.contacts[0].user_id.column == "Contact ID"
    assert mapping.contacts[0].email and mapping.contacts[0].email.column == "E-Mail"
    assert mapping.accounts[0].id.column == "Company"
    assert mapping.memberships[0].role and mapping.memberships[0].role.column == "Role"
    assert set(mapping.contacts[0].traits) == {"signup_date", "score"}
    assert book.load_file(path, found.text).facts == {
        "contact": 2, "account": 1, "membership": 2}  # fmt: skip


def test_events(book: Book) -> None:
    path = book.write("events.csv", EVENTS)
    text = guess(path)
    assert mapping_for(path) == read_mapping(text, folder=str(path.parent))
    book.load_file(path, text)
    assert book.rows("SELECT revenue::INT, currency FROM event_paid") == [(5, "EUR")]
    assert book.store.catalog().events["Paid"].properties["revenue"].currency == "currency"


@pytest.mark.parametrize(
    ("rows", "doubt"),
    [
        ("customer,date,amount\nA,01/02/2024,5\nB,03/04/2024,6\n", "may be"),
        ("customer,date,amount\nA,2024-01-01,5\n", "look like orders"),
        ("id,plan\n1,pro\n2,free\n", "may or may not"),
        ("user_id,plan\n1,pro\n,free\n", "some rows name no contact"),
    ],
)
def test_doubts_ask_for_a_mapping(book: Book, rows: str, doubt: str) -> None:
    path = book.write("a.csv", rows)
    assert any(doubt in said for said in guess_mapping(path).doubts)
    read_mapping(guess(path))
    with pytest.raises(InputError, match=doubt) as caught:
        mapping_for(path)
    assert caught.value.code == "mapping.needed" and "--guess" in caught.value.hint


def test_nothing_to_guess(book: Book) -> None:
    with pytest.raises(InputError) as caught:
        guess(book.write("a.csv", "colour,size\nred,5\n"))
    assert caught.value.code == "mapping.no_guess"


def test_dates_in_another_order(book: Book) -> None:
    path = book.write("a.csv", "customer;date;amount\nA;31.12.2024 10:00;5\nB;01.02.2024 11:00;6\n")
    mapping = read_mapping(guess(path))
    assert mapping.events[0].time and mapping.events[0].time.format == ("%d.%m.%Y %H:%M",)


def test_gzip_json_and_blanks(book: Book) -> None:
    lines = '{"email": "a@example.com", "company": {"id": "G1"}}\n'
    mapping = read_mapping(guess(book.write("a.jsonl.gz", lines)))
    assert mapping.contacts[0].email == mapping.contacts[0].email
    assert mapping.file.format == "jsonl" and mapping.accounts[0].id.column == "company.id"
    text = guess(book.write("a.txt", " user_id  n\n A   1\n"))
    assert read_mapping(text).file.format == "whitespace"
