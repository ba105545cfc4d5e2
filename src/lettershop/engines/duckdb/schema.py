"""The tables. Times are BIGINT milliseconds since 1970 UTC; ids are dense integers from 0, never
reused, so that bitmaps and arrays can be indexed by them.

    contacts(id, key, identity, known_since, identified_since, deleted, merged, since_seq,
             <traits…>)
    accounts(id, key, identity, known_since, deleted, <traits…>)
    people(id, contact, account, active, role, joined, <nothing else>)
    record_<kind>(id, identity, known_since, contact, account, deleted, <fields…>)
        The *current* values: of all facts loaded, the last writer by (ts, received_at, message_id),
        at a tie the one loaded later (the larger rowid of the history).
        `key` is the first 8 bytes, big-endian, of blake2b(digest_size=8) of `identity`;
        `identity` is the first identity the subject was known by (`user:U1`, `email:…`, `anon:…`;
        a group id for accounts, the record's own id for records).
        `known_since` = min over all its facts of max(ts, received_at); `identified_since` the same
        over facts that named it by user id or address, else NULL.
        contacts: `since_seq` is the first event that can be its own. A contact that has become one
        with another is a tombstone: `merged` is that one, `known_since` and all values are NULL.
        people: `active` and `role` after the last membership fact and any deletion;
        `joined` = ts of its first fact that says joined. A pair whose facts all went to another
        contact stays as an empty row of nobody.

    contact_history, account_history, record_<kind>_history
        (subject, key, ts, received_at, message_id, number, text, flag, at, day, list, place, ref,
        named)
        Every write of every trait, append-only. At most one value column is filled, by the type of
        the field; none: the value is missing from then on. Keys that start with "@" are ours:
        "@deleted" (flag), "@contact" and "@account" (ref: the dense id a record is linked to).
    people_history(pair, contact, account, joined, role, ts, received_at, message_id, named)

    event_<slug>(seq, ts, received_at, contact, account, account_stated, message_id, named,
                 <properties…>, rest JSON)
        One table per event name, in order of arrival. `contact`, `account` are dense ids or NULL.
        `rest` keeps values that are not of their property's type.
    message_ids(id, key)        exact, permanent de-duplication of events; key is a hash of the id
    identities(identity, contact, number, seen)
        Every identity ever seen -> contacts.id. `number` is dense, in order of appearance; `seen`
        = min of max(ts, received_at) over the facts that name it. Wherever a fact is stored,
        `named` is the number of the identity it was said of, and its contact is always the one
        this table has for that identity.
    merges(id, at, message_id, survivor, absorbed, identity, absorbed_identity, identities,
           undone_at)
        Two contacts that became one, because of the fact with that message id, received `at`.
        `survivor` and `absorbed` are dense ids, NULL for a contact that never had a row;
        `identity` and `absorbed_identity` led them; `identities` the absorbed one had.
    kept_apart(a, b)            identities whose contacts may not be one: a merge was undone
    fields(scope, name, type, column_name, known, wrong, many, currency, currencies)
    field_values(scope, name, value, count)
        Scopes read `contact`, `record:deal`, `event:Signed In`. `many`: more than 50 different
        values of a text field were seen, so its values are no longer listed.
    events(name, table_name, rows, first_ts, last_ts, last_visible)
    record_kinds(kind, table_name, rows)
    rates(source, target, day DATE, rate DECIMAL(18,6))
    salts(name, salt UBIGINT)
    imports(hash, path, rows, refused, finished_at)
    refusals(id, seq, index, source, received_at, code, message, raw, level)
        Calls that could not be loaded (refusals.py); `seq` and `index` are their place in the log.
    meta(key, value)            format version, last_visible per scope; intake_seq, intake_part: the
                                log is loaded up to that request and that many calls of the next

Column names of traits and properties are the field's own name, unless that is taken (names differ
only in case, or are one of ours): then `name_2`. The catalog knows (`FieldInfo.column`).
"""

from typing import Final

from lettershop.engines.duckdb.compose import Sql, sql
from lettershop.engines.duckdb.stage import SQL_TYPE
from lettershop.model.values import ValueType

FORMAT: Final = 2
"""Raised when a table changes its meaning; another version's file is refused."""

VALUE_COLUMN: Final[dict[ValueType, str]] = {
    "number": "number",
    "text": "text",
    "boolean": "flag",
    "time": "at",
    "date": "day",
    "list": "list",
    "location": "place",
}
"""Column of the history tables that holds a value of the type."""

_HISTORY: Final = """(
    subject BIGINT, key VARCHAR, ts BIGINT, received_at BIGINT, message_id VARCHAR,
    number DECIMAL(18, 6), text VARCHAR, flag BOOLEAN, "at" BIGINT, day DATE, list VARCHAR[],
    place STRUCT(lat DOUBLE, lon DOUBLE), ref BIGINT, named BIGINT)"""

TABLES: Final = f"""
CREATE TABLE contacts (id BIGINT, key UBIGINT, identity VARCHAR, known_since BIGINT,
    identified_since BIGINT, deleted BOOLEAN, merged BIGINT, since_seq BIGINT);
CREATE TABLE accounts (id BIGINT, key UBIGINT, identity VARCHAR, known_since BIGINT,
    deleted BOOLEAN);
CREATE TABLE people (id BIGINT, contact BIGINT, account BIGINT, active BOOLEAN, role VARCHAR,
    joined BIGINT);
CREATE TABLE contact_history {_HISTORY};
CREATE TABLE account_history {_HISTORY};
CREATE TABLE people_history (pair BIGINT, contact BIGINT, account BIGINT, joined BOOLEAN,
    role VARCHAR, ts BIGINT, received_at BIGINT, message_id VARCHAR, named BIGINT);
CREATE TABLE message_ids (id VARCHAR, key UBIGINT);
CREATE TABLE identities (identity VARCHAR, contact BIGINT, number BIGINT, seen BIGINT);
CREATE TABLE merges (id BIGINT, "at" BIGINT, message_id VARCHAR, survivor BIGINT, absorbed BIGINT,
    identity VARCHAR, absorbed_identity VARCHAR, identities VARCHAR[], undone_at BIGINT);
CREATE TABLE kept_apart (a VARCHAR, b VARCHAR);
CREATE TABLE fields (scope VARCHAR, name VARCHAR, type VARCHAR, column_name VARCHAR,
    known BIGINT, wrong BIGINT, many BOOLEAN, currency VARCHAR, currencies VARCHAR[]);
CREATE TABLE field_values (scope VARCHAR, name VARCHAR, value VARCHAR, count BIGINT);
CREATE TABLE events (name VARCHAR, table_name VARCHAR, rows BIGINT, first_ts BIGINT,
    last_ts BIGINT, last_visible BIGINT);
CREATE TABLE record_kinds (kind VARCHAR, table_name VARCHAR, rows BIGINT);
CREATE TABLE rates (source VARCHAR, target VARCHAR, day DATE, rate DECIMAL(18, 6));
CREATE TABLE salts (name VARCHAR, salt UBIGINT);
CREATE TABLE imports (hash VARCHAR, path VARCHAR, rows BIGINT, refused BIGINT,
    finished_at BIGINT);
CREATE TABLE refusals (id BIGINT, seq BIGINT, "index" BIGINT, source VARCHAR,
    received_at BIGINT, code VARCHAR, message VARCHAR, raw VARCHAR, level VARCHAR);
CREATE TABLE meta (key VARCHAR, value VARCHAR);
CREATE INDEX contacts_by_id ON contacts (id);
CREATE INDEX accounts_by_id ON accounts (id);
CREATE INDEX people_by_contact ON people (contact);
CREATE INDEX identities_by_contact ON identities (contact);
"""
"""The indexes serve the look-up of one contact (profile.py); evaluation scans."""

CONTACT_COLUMNS: Final = (
    "id",
    "key",
    "identity",
    "known_since",
    "identified_since",
    "deleted",
    "merged",
    "since_seq",
)
ACCOUNT_COLUMNS: Final = ("id", "key", "identity", "known_since", "deleted")
RECORD_COLUMNS: Final = ("id", "identity", "known_since", "contact", "account", "deleted")
EVENT_COLUMNS: Final = (
    "seq",
    "ts",
    "received_at",
    "contact",
    "account",
    "account_stated",
    "message_id",
    "named",
    "rest",
)


def create_event_table(table: str) -> Sql:
    return sql(
        "CREATE TABLE {table} (seq BIGINT, ts BIGINT, received_at BIGINT, contact BIGINT,"
        " account BIGINT, account_stated BOOLEAN, message_id VARCHAR, named BIGINT, rest JSON)",
        table=table,
    )


def create_record_tables(table: str) -> Sql:
    return sql(
        "CREATE TABLE {table} (id BIGINT, identity VARCHAR, known_since BIGINT, contact BIGINT,"
        " account BIGINT, deleted BOOLEAN); CREATE TABLE {history} {columns}",
        table=table,
        history=history_of(table),
        columns=Sql(_HISTORY),
    )


def history_of(record_table: str) -> str:
    return record_table + "_history"


def add_column(table: str, column: str, kind: ValueType) -> Sql:
    return sql(
        "ALTER TABLE {table} ADD COLUMN {column} {type}",
        table=table,
        column=column,
        type=Sql(SQL_TYPE[kind]),
    )
