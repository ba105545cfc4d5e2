"""The tables. Times are BIGINT milliseconds since 1970 UTC; ids are dense integers from 0, never
reused, so that bitmaps and arrays can be indexed by them.

    contacts(id, key, identity, known_since, identified_since, deleted, <traits…>)
    accounts(id, key, identity, known_since, deleted, <traits…>)
    people(id, contact, account, active, role, joined, <nothing else>)
    record_<kind>(id, identity, known_since, contact, account, deleted, <fields…>)
        The *current* values: of all facts loaded, the last writer by (ts, received_at, message_id).
        `key` is the first 8 bytes, big-endian, of blake2b(digest_size=8) of `identity`;
        `identity` is the first identity the subject was known by (`user:U1`, `email:…`, `anon:…`;
        a group id for accounts, the record's own id for records).
        `known_since` = min over all its facts of max(ts, received_at); `identified_since` the same
        over facts that named it by user id or address, else NULL.
        people: `active` and `role` after the last membership fact and any deletion;
        `joined` = ts of its first fact that says joined.

    contact_history, account_history, record_<kind>_history
        (subject, key, ts, received_at, message_id, number, text, flag, at, day, list, place, ref)
        Every write of every trait, append-only. At most one value column is filled, by the type of
        the field; none: the value is missing from then on. Keys that start with "@" are ours:
        "@deleted" (flag), "@contact" and "@account" (ref: the dense id a record is linked to).
    people_history(pair, contact, account, joined, role, ts, received_at, message_id)

    event_<slug>(seq, ts, received_at, contact, account, account_stated, message_id, <properties…>,
                 rest VARIANT)
        One table per event name, in order of arrival. `contact`, `account` are dense ids or NULL.
        `rest` keeps values that are not of their property's type.
    message_ids(id)             exact, permanent de-duplication of events
    identities(identity, contact)    every identity ever seen -> contacts.id
    fields(scope, name, type, column_name, known, wrong, values, currency, currencies)
    events(name, table_name, rows, first_ts, last_ts, last_visible)
    record_kinds(kind, table_name, rows)
    rates(source, target, day DATE, rate DECIMAL(18,6))
    salts(name, salt UBIGINT)
    imports(hash, path, rows, refused, finished_at)
    meta(key, value)            format version, last_visible per scope

Column names of traits and properties are the field's own name, unless that is taken (names differ
only in case, or are one of ours): then `name_2`. The catalog knows (`FieldInfo.column`).
"""
