"""What an import does, told in small files."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from ingest.books import Book

from lettershop.model.clock import ALWAYS, parse_instant
from lettershop.model.errors import InputError, NotFound

CONTACTS = '[contact]\nemail = "Email"\n[contact.traits]\n"*" = "*"\n'
ORDERS = """
[contact]
user_id = "Customer"
[contact.traits]
country = "Country"
[[event]]
name = "Order Completed"
where = { column = "Invoice", not_starts_with = "C" }
time = { column = "Date", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin" }
[event.properties]
revenue = { multiply = ["Quantity", "Price"], currency = "GBP" }
article = "Article"
[[event]]
name = "Order Cancelled"
where = { column = "Invoice", starts_with = "C" }
time = { column = "Date", format = "%d.%m.%Y %H:%M", timezone = "Europe/Berlin" }
"""
ORDER_ROWS = """Invoice,Customer,Date,Article,Quantity,Price,Country
1001,17,01.07.2024 10:00,85048,3,2.55,United Kingdom
1001,17,01.07.2024 10:00,22041,1,0.333333,United Kingdom
C1002,17,02.07.2024 11:30,85048,-3,2.55,United Kingdom
1003,18,31.12.2023 23:59,0071,10,1.25,Germany
"""


def test_contacts_without_dates_are_always_so(book: Book) -> None:
    rows = (
        "Email,Name,Score,Since,Vip\nAnn@Example.com,Ann,12.5,2024-01-31,yes\nbob@example.com,,,,\n"
    )
    report = book.load("people.csv", rows, CONTACTS)
    assert report.facts == {"contact": 2} and report.rows == 2 and not report.refused
    assert report.types == {
        ("contact", "Name"): "text",
        ("contact", "Score"): "number",
        ("contact", "Since"): "date",
        ("contact", "Vip"): "boolean",
    }
    assert book.contacts("Name", "Score", "Since", "Vip", "email") == {
        "email:ann@example.com": (
            "Ann", Decimal("12.5"), date(2024, 1, 31), True, "ann@example.com"),
        "email:bob@example.com": (None, None, None, None, "bob@example.com"),
    }  # fmt: skip
    assert book.rows("SELECT DISTINCT ts, received_at FROM contact_history") == [(ALWAYS, ALWAYS)]
    assert not book.refused_path.exists()


def test_order_lines_feed_contacts_and_two_events(book: Book) -> None:
    report = book.load("orders.csv", ORDER_ROWS, ORDERS)
    assert report.facts == {"contact": 3, "event": 4}
    assert book.contacts("country") == {
        "user:17": ("United Kingdom",), "user:18": ("Germany",)}  # fmt: skip
    found = book.rows("SELECT ts, article, revenue FROM event_order_completed ORDER BY seq")
    summer, winter = parse_instant("2024-07-01T08:00Z"), parse_instant("2023-12-31T22:59Z")
    assert found == [
        (summer, "85048", Decimal("7.65")),
        (summer, "22041", Decimal("0.333333")),
        (winter, "0071", Decimal("12.5")),
    ]
    assert book.rows("SELECT ts = received_at, count(*) FROM event_order_cancelled GROUP BY 1") == [
        (True, 1)
    ]


def test_small_stretches_change_nothing(book: Book, tmp_path: Path) -> None:
    other = Book(tmp_path)
    book.load("orders.csv", ORDER_ROWS, ORDERS)
    other.load("orders.csv", ORDER_ROWS, ORDERS, chunk_rows=1)
    for query in (
        "SELECT * EXCLUDE seq FROM event_order_completed ORDER BY message_id",
        "SELECT * EXCLUDE seq FROM event_order_cancelled ORDER BY message_id",
        "SELECT * EXCLUDE since_seq FROM contacts ORDER BY id",
    ):
        assert book.rows(query) == other.rows(query)
    other.store.close()


def test_the_same_file_again_is_nothing_new(book: Book) -> None:
    first = book.load("orders.csv", ORDER_ROWS, ORDERS)
    again = book.load("copy.csv", ORDER_ROWS, ORDERS)
    assert not first.repeated and again.repeated and again.rows == 0
    forced = book.load("orders.csv", ORDER_ROWS, ORDERS, again=True)
    assert forced.duplicates == 4 and "event" not in forced.facts
    assert book.rows("SELECT count(*) FROM event_order_completed") == [(3,)]
    corrected = book.load("orders.csv", ORDER_ROWS, ORDERS.replace('"Country"', '"Article"'))
    assert corrected.duplicates == 4
    assert book.rows("SELECT count(*) FROM event_order_completed") == [(3,)]


def test_message_ids_from_columns(book: Book) -> None:
    mapping = """
    [contact]
    user_id = "who"
    [event]
    name = "Paid"
    time = "at"
    id = ["bill", "part"]
    """
    rows = "who,at,bill,part\nU1,2024-01-01,7,1\nU1,2024-01-01,7,2\nU1,2024-01-01,7,1\n"
    assert book.load("a.csv", rows, mapping).duplicates == 1
    ids = book.rows("SELECT message_id FROM event_paid ORDER BY 1")
    assert ids == [("Paid/7/1",), ("Paid/7/2",)]


def test_refused_rows_name_their_line_and_reason(book: Book) -> None:
    text = (
        'Email,Note\nann@example.com,"two\nlines"\nnot an address,x\n'
        '\nbob@example.com,"a ""quoted"" word",too many\n,blank\n'
        'eve@example.com,"odd" quote\n' + "".join(f"p{n}@example.com,ok\n" for n in range(20))
    )
    report = book.load("people.csv", text, CONTACTS)
    assert report.rows == 25 and report.facts == {"contact": 21}
    assert report.refused == {
        "email.invalid": 1, "row.columns": 1, "contact.missing": 1, "row.quotes": 1}  # fmt: skip
    assert book.refused() == [
        ("4", "email.invalid"), ("6", "row.columns"), ("7", "contact.missing"), ("8", "row.quotes")
    ]  # fmt: skip
    assert 'eve@example.com,""odd"" quote' in book.refused_path.read_text()
    assert book.rows("SELECT \"Note\" FROM contacts WHERE starts_with(identity, 'email:ann')") == [
        ("two\nlines",)
    ]


def test_mostly_refused_is_nothing_at_all(book: Book) -> None:
    rows = "Email\n" + "x\n" * 5 + "a@b.com\n" * 10
    with pytest.raises(InputError, match=r"5 of the first 15 rows .*email.invalid 5") as caught:
        book.load("people.csv", rows, CONTACTS)
    assert caught.value.code == "import.mostly_refused"
    assert book.is_empty() and len(book.refused()) == 5
    assert book.load("people.csv", rows, CONTACTS, allow_refused=True).refused_rows == 5


def test_ill_typed_values_are_missing_and_counted(book: Book) -> None:
    rows = "id,score\n" + "".join(f"{n},{n}\n" for n in range(100)) + "100,unknown\n101,12x\n"
    report = book.load("a.csv", rows, '[contact]\nuser_id="id"\n[contact.traits]\nscore="score"\n')
    assert report.wrong == {("contact", "score"): 2} and not report.refused
    assert report.types == {("contact", "score"): "number"}


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "-3"], "number"),
        (["007", "012", "100"], "text"),
        (["+49301234567", "+49301234568"], "text"),
        (["1234567890123"] * 3, "text"),
        (["yes", "no", "TRUE"], "boolean"),
        (["0", "1", "1"], "number"),
        (["2024-01-01", "2024-02-30"], "text"),
        (["2024-01-01", "2024-02-28"], "date"),
        (["2024-01-01", "2024-02-28 10:00"], "time"),
        ([str(n) for n in range(96)] + ["n/a"] * 4, "number"),
        ([str(n) for n in range(90)] + ["n/a"] * 10, "text"),
        ([str(n) for n in range(989)] + [f"C{n}" for n in range(11)], "text"),
        ([str(n) for n in range(990)] + [f"C{n}" for n in range(10)], "number"),
        (["", " "], "text"),
    ],
)
def test_learned_types(book: Book, values: list[str], kind: str) -> None:
    rows = "id,v\n" + "".join(f"{n},{v}\n" for n, v in enumerate(values))
    mapping = '[contact]\nuser_id="id"\n[contact.traits]\nv="v"\n'
    assert book.load("a.csv", rows, mapping).types == {("contact", "v"): kind}


def test_the_store_knows_the_type_already(book: Book) -> None:
    mapping = '[contact]\nuser_id="id"\n[contact.traits]\nv="v"\n'
    book.load("a.csv", "id,v\n1,x\n", mapping)
    report = book.load("b.csv", "id,v\n2,12\n", mapping)
    assert report.types == {} and book.contacts("v") == {"user:1": ("x",), "user:2": ("12",)}


def test_memberships_with_roles_and_ends(book: Book) -> None:
    mapping = """
    [contact]
    email = "who"
    [account]
    id = "firm"
    [account.traits]
    size = "size"
    [membership]
    role = "role"
    joined = "from"
    left = "to"
    """
    rows = (
        "who,firm,size,role,from,to\n"
        "ann@example.com,Acme,10,admin,2024-01-01,\nbob@example.com,Acme,10,user,2023-01-01,2023-06-01\n"
    )
    report = book.load("people.csv", rows, mapping)
    assert report.facts == {"contact": 2, "account": 1, "membership": 3}
    assert book.rows("SELECT identity, active, role FROM people JOIN contacts ON contact ="
                     " contacts.id ORDER BY 1") == [
        ("email:ann@example.com", True, "admin"), ("email:bob@example.com", False, "user")
    ]  # fmt: skip


def test_deals_with_lookups_and_two_moments(book: Book) -> None:
    book.write("teams.csv", "agent,manager\nMoses,Dustin\nDarcel,Celia\n")
    mapping = """
    [account]
    id = "account"
    required = false
    [[record]]
    kind = "deal"
    id = "id"
    time = "opened"
    [record.fields]
    stage = { constant = "open" }
    [record.fields.manager]
    column = "agent"
    lookup = { file = "teams.csv", match = "agent", take = "manager" }
    [record.fields.product]
    column = "product"
    values = { GTXPro = "GTX Pro" }
    [[record]]
    kind = "deal"
    id = "id"
    time = "closed"
    where = { column = "closed", known = true }
    [record.fields]
    stage = "stage"
    amount = { column = "value", currency = { column = "cur" } }
    """
    rows = (
        "id,account,agent,product,opened,closed,stage,value,cur\n"
        "D1,Acme,Moses,GTXPro,2024-01-01,2024-02-01,Won,1054,USD\n"
        "D2,,Darcel,MG,2024-01-05,,,,\n"
    )
    report = book.load("deals.csv", rows, mapping)
    assert report.facts == {"account": 1, "record:deal": 3}
    found = book.rows("SELECT identity, stage, manager, product, amount, currency FROM record_deal")
    assert sorted(found, key=str) == [
        ("D1", "Won", "Dustin", "GTX Pro", Decimal(1054), "USD"),
        ("D2", "open", "Celia", "MG", None, None),
    ]
    assert book.store.catalog().records["deal"].fields["amount"].currency == "currency"


def test_tabs_semicolons_blanks_and_gzip(book: Book) -> None:
    mapping = '[contact]\nuser_id = "id"\n[contact.traits]\nn = { column = "n", decimal = "," }\n'
    book.load("a.tsv", "id\tn\nA\t1,5\n", mapping)
    book.load("b.csv", 'id;n\n"B";"2,5"\n', mapping)
    book.load("c.csv.gz", "id|n\r\nC|3,5\r\n", mapping)
    book.load("d.txt", " id  n\n D   4,5\n", '[file]\nformat="whitespace"\n' + mapping)
    assert book.contacts("n") == {
        f"user:{c}": (Decimal(n),)
        for c, n in zip("ABCD", ("1.5", "2.5", "3.5", "4.5"), strict=True)
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "windows-1252", "utf-16"])
def test_encodings(book: Book, encoding: str) -> None:
    text = "id;name\n1;Jürgen\n2;“Zoë”\n" if encoding != "latin-1" else "id;name\n1;Jürgen\n2;Zoë\n"
    named = "" if encoding == "utf-8-sig" else f'[file]\nencoding = "{encoding}"\n'
    mapping = named + '[contact]\nuser_id = "id"\n[contact.traits]\nname = "name"\n'
    book.load("a.csv", text.encode(encoding), mapping)
    assert {name for (name,) in book.contacts("name").values()} == {
        line.split(";")[1] for line in text.splitlines()[1:]
    }


def test_parquet_keeps_its_types(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    moment = pa.array([1_700_000_000_123_456, None, 0], pa.timestamp("us", tz="UTC"))
    table = pa.table({
        "id": pa.array([1.0, 2.0, None]),
        "seats": pa.array([3, None, 5], pa.int32()),
        "code": ["007", "12", "x"],
        "since": pa.array([date(2024, 1, 1), None, None]),
        "seen": moment,
        "tags": [["a", "b"], [], None],
        "geo": [{"city": "Rome"}, {"city": None}, None],
        "price": pa.array([1.1, 1e300, None]),
    })  # fmt: skip
    pq.write_table(table, path)
    mapping = """
    [file]
    where = { column = "id", known = true }
    [contact]
    user_id = "id"
    [contact.traits]
    "*" = "*"
    """
    report = book.load_file(path, mapping)
    assert report.left_out == 1 and report.wrong == {
        ("contact", "tags"): 1, ("contact", "price"): 1}  # fmt: skip
    assert book.contacts("seats", "code", "since", "seen", "tags", "geo.city", "price") == {
        "user:1": (Decimal(3), "007", date(2024, 1, 1), 1_700_000_000_123, ["a", "b"], "Rome",
                   Decimal("1.1")),
        "user:2": (None, "12", None, None, None, None, None),
    }  # fmt: skip


def test_refused_rows_of_parquet_show_their_values(book: Book, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"id": ["A"] * 20 + [None], "n": list(range(21))}), path)
    book.load_file(path, '[contact]\nuser_id="id"\n[contact.traits]\nn="n"\n')
    assert book.refused() == [("21", "contact.missing")]
    assert "20" in book.refused_path.read_text().splitlines()[1]


def test_progress_is_told(book: Book) -> None:
    book.load("orders.csv", ORDER_ROWS, ORDERS, chunk_rows=2)
    assert [(p.phase, p.done, p.total) for p in book.progress] == [
        ("reading", 0, 0), ("loading", 2, 5), ("loading", 4, 5), ("loading", 5, 5), ("saving", 5, 5)
    ]  # fmt: skip


def test_ctrl_c_leaves_nothing(book: Book) -> None:
    path = book.write("orders.csv", ORDER_ROWS)

    def stop(progress: object) -> None:
        if book.rows("SELECT count(*) FROM contacts") != [(0,)]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        book.load_file(path, ORDERS, chunk_rows=2, progress=stop)
    assert book.is_empty()
    assert book.load_file(path, ORDERS).facts == {"contact": 3, "event": 4}


def test_an_unknown_column_names_the_nearest(book: Book) -> None:
    with pytest.raises(InputError, match="“Custmer”") as caught:
        book.load("a.csv", ORDER_ROWS, ORDERS.replace('"Customer"', '"Custmer"'))
    assert "“Customer”" in caught.value.hint and book.is_empty()


def test_absent_files(book: Book, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        book.load_file(tmp_path / "no.csv", CONTACTS)
    with pytest.raises(InputError, match="cannot be read"):
        book.load_file(tmp_path, CONTACTS)


def test_two_contacts_of_one_row(book: Book) -> None:
    mapping = """
    [[contact]]
    email = "buyer"
    [[contact]]
    as = "agent"
    email = "agent"
    required = false
    [[event]]
    name = "Bought"
    time = "day"
    [[event]]
    name = "Sold"
    time = "day"
    contact = "agent"
    where = { column = "agent", known = true }
    """
    rows = "buyer,agent,day\na@example.com,s@example.com,2024-01-01\nb@example.com,,2024-01-02\n"
    book.load("a.csv", rows, mapping)
    assert book.rows("SELECT count(*) FROM event_bought") == [(2,)]
    assert book.rows("SELECT identity FROM event_sold JOIN contacts ON contact = contacts.id") == [
        ("email:s@example.com",)
    ]


def test_a_bad_address_next_to_a_user_id_is_a_missing_value(book: Book) -> None:
    mapping = '[contact]\nuser_id = "id"\nemail = "mail"\n'
    report = book.load("a.csv", "id,mail\n1,a@example.com\n2,nonsense\n", mapping)
    assert not report.refused and report.wrong == {("contact", "email"): 1}
    assert book.contacts("email") == {"user:1": ("a@example.com",), "user:2": (None,)}


def test_a_file_merges_contacts_and_says_what_it_could_not(book: Book) -> None:
    mapping = """
    [contact]
    user_id = "id"
    email = "mail"
    """
    book.load("users.csv", "id,mail\nU1,\nU2,\n,a@x.org\n", mapping)
    report = book.load("both.csv", "id,mail\nU1,a@x.org\nU2,a@x.org\nU3,c@x.org\n", mapping)
    assert (report.merged, report.notes, report.refused) == (1, {"identity.not_joined": 1}, {})
    assert (report.rows, report.new_contacts) == (3, 1)
    found = book.rows("SELECT contact, list_sort(list(identity)) FROM identities GROUP BY contact")
    assert sorted(ids for _, ids in found) == [
        ["email:a@x.org", "user:U1"],
        ["email:c@x.org", "user:U3"],
        ["user:U2"],
    ]
