"""What databases hold, and what can be wrong with them: types, kinds of high-water, errors."""

from pathlib import Path

import pytest
from pulling import Shop

from lettershop.model.errors import InputError, LettershopError, NotFound, Unavailable


def test_the_types_of_postgresql_are_kept(in_postgres: Shop) -> None:
    in_postgres.sql(
        "CREATE TABLE customers (id INT, updated_at TIMESTAMPTZ, amount NUMERIC(18,6),"
        " happy BOOLEAN, born DATE, met TIMESTAMP, seen TIMESTAMPTZ, extra JSONB, tags TEXT[],"
        ' later NUMERIC, nothing TEXT, "Mixed Case" FLOAT8, key UUID)',
        "INSERT INTO customers VALUES (1, '2026-03-01 08:00+00', 123456789.123456, true,"
        " '1990-05-17', '2026-01-02 03:04:05.678', '2026-01-02 03:04:05.678+02',"
        """ '{"city": {"name": "Kraków"}, "size": 3}', '{a,b}', NULL, NULL, 'NaN',"""
        " 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')",
        "INSERT INTO customers (id, updated_at, met) VALUES (2, '2026-03-01 08:01+00', 'infinity')",
    )
    in_postgres.write(more='timezone = "Europe/Warsaw"')
    assert in_postgres.pull().rows == 2
    with in_postgres.engine.read() as workspace:
        known = {f.name: f.type for f in workspace.store.catalog().contact.values()}
    assert known == {
        "updated_at": "time", "amount": "number", "happy": "boolean", "born": "date",
        "met": "time", "seen": "time", "extra.city.name": "text", "extra.size": "number",
        "tags": "list", "key": "text", "user_id": "text",
    }  # fmt: skip
    row = in_postgres.traits("1")
    assert str(row["amount"]) == "123456789.123456" and row["happy"] is True
    assert (row["seen"], row["met"]) == (1767315845678, 1767319445678)
    assert row["extra.city.name"] == "Kraków" and row["tags"] == ["a", "b"]
    assert in_postgres.traits("2")["met"] is None
    in_postgres.sql(
        """UPDATE customers SET later = 0.000001, "Mixed Case" = 1.5, updated_at = '2026-03-02'"""
    )
    in_postgres.pull()
    row = in_postgres.traits("1")
    assert (str(row["later"]), row["Mixed Case"]) == ("0.000001", 1.5)


def test_another_high_water_needs_another_name(in_sqlite: Shop) -> None:
    in_sqlite.write("SELECT 'u1' AS id, 1 AS updated_at, 2 AS version")
    assert in_sqlite.pull().rows == 1
    path = in_sqlite.sources / "crm.pull.toml"
    path.write_text(path.read_text("utf-8").replace('= "updated_at"', '= "version"'), "utf-8")
    with pytest.raises(InputError) as caught:
        in_sqlite.pull()
    assert caught.value.code == "pull.changed" and "updated_at" in caught.value.message
    path.rename(path.with_name("crm2.pull.toml"))
    assert in_sqlite.pull("crm2").rows == 1


def test_columns_of_one_name_are_refused(in_postgres: Shop) -> None:
    in_postgres.write("SELECT 1 AS id, 2 AS id, 3 AS updated_at")
    with pytest.raises(InputError, match="several columns of the query are called “id”"):
        in_postgres.pull()


def test_null_clears_what_was_there(in_postgres: Shop) -> None:
    in_postgres.sql("CREATE TABLE customers (id INT, plan TEXT, updated_at TIMESTAMPTZ)")
    in_postgres.sql("INSERT INTO customers VALUES (1, 'free', '2026-03-01 08:00+00')")
    in_postgres.write()
    in_postgres.pull()
    in_postgres.sql("UPDATE customers SET plan = NULL, updated_at = '2026-03-01 09:00+00'")
    assert in_postgres.pull().rows == 1
    assert in_postgres.traits("1")["plan"] is None
    assert in_postgres.count("plan is unknown") == 1


def test_what_is_committed_late_is_found_within_the_overlap(in_postgres: Shop) -> None:
    in_postgres.sql("CREATE TABLE customers (id INT, updated_at TIMESTAMPTZ)")
    in_postgres.write(more='overlap = "10 minutes"')
    in_postgres.sql("INSERT INTO customers VALUES (1, '2026-03-01 08:00+00')")
    in_postgres.sql("INSERT INTO customers VALUES (2, '2026-03-01 08:09+00')")
    assert in_postgres.pull().rows == 2
    in_postgres.sql("INSERT INTO customers VALUES (3, '2026-03-01 08:01+00')")
    report = in_postgres.pull()
    assert (report.rows, report.known) == (1, 2)
    in_postgres.sql("INSERT INTO customers VALUES (4, '2026-03-01 08:30+00')")
    assert in_postgres.pull().rows == 1
    with in_postgres.engine.read() as workspace:
        left = workspace.store.con.execute("SELECT count(*) FROM pull_seen").fetchone()
    assert left == (1,), "only what may be read again is remembered"


@pytest.mark.parametrize("kind", ["NUMERIC", "FLOAT8", "TEXT", "DATE"])
def test_other_kinds_of_high_water(in_postgres: Shop, kind: str) -> None:
    first, last = ("2026-03-01", "2026-03-02") if kind in ("TEXT", "DATE") else ("1", "2")
    in_postgres.sql(f"CREATE TABLE customers (id INT, updated_at {kind})")
    in_postgres.write()
    in_postgres.sql("INSERT INTO customers VALUES (1, :a), (2, :b)", a=first, b=last)
    assert in_postgres.pull().rows == 2
    in_postgres.sql("INSERT INTO customers VALUES (3, :b)", b=last)
    assert in_postgres.pull().rows == 1
    assert in_postgres.pull().rows == 0


def test_a_high_water_without_order_is_refused(in_postgres: Shop) -> None:
    in_postgres.write("SELECT 1 AS id, 'infinity'::timestamptz AS updated_at")
    with pytest.raises(InputError, match="is no moment in time"):
        in_postgres.pull()
    in_postgres.write("SELECT 1 AS id, true AS updated_at")
    with pytest.raises(InputError, match="is a bool"):
        in_postgres.pull()


def test_a_slow_query_is_ended(pulled: Shop) -> None:
    pulled.write("SELECT 'u1' AS id, 1 AS updated_at FROM slow", more='timeout = "1 second"')
    if pulled.url.startswith("sqlite"):
        pulled.sql(
            "CREATE VIEW slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 1000000000) SELECT sum(i) FROM n"
        )
    else:
        pulled.sql("CREATE VIEW slow AS SELECT pg_sleep(30)::text")
    with pytest.raises(Unavailable, match="longer than 1 seconds") as caught:
        pulled.pull()
    assert caught.value.code == "pull.timeout"


def test_databases_that_are_not_there(in_sqlite: Shop, tmp_path: Path) -> None:
    in_sqlite.write()
    wrong = {
        "": "pull.address",
        "no address": "pull.address",
        f"sqlite:///{tmp_path}/absent.db": "pull.unreachable",
        "postgresql://eva:secret@127.0.0.1:1/crm": "pull.unreachable",
        "postgres+other://eva:secret@127.0.0.1:1/crm": "pull.unreachable",
        "fancydb://host/name": "pull.driver",
    }
    for url, code in wrong.items():
        in_sqlite.environ["CRM_URL"] = url
        with pytest.raises(LettershopError) as caught:
            in_sqlite.pull()
        assert caught.value.code == code and "secret" not in str(caught.value)
    assert not (tmp_path / "absent.db").exists(), "reading makes no database"
    (tmp_path / "text.db").write_text("this is no database at all", "utf-8")
    in_sqlite.environ["CRM_URL"] = f"sqlite:///{tmp_path}/text.db"
    with pytest.raises(LettershopError, match="not a database"):
        in_sqlite.pull()


def test_texts_of_sqlite_may_be_broken(in_sqlite: Shop) -> None:
    in_sqlite.sql(
        "CREATE TABLE customers (id TEXT, name TEXT, updated_at INTEGER)",
        "INSERT INTO customers VALUES ('u1', CAST(x'4164ff61' AS TEXT), 1)",
        "INSERT INTO customers VALUES ('u2', 'a' || char(0) || 'b', 2)",
        "INSERT INTO customers VALUES ('u3', x'00ff', 3)",
    )
    in_sqlite.write()
    assert in_sqlite.pull().rows == 3
    assert in_sqlite.traits("u1")["name"] == "Ad\ufffda"


def test_definitions_say_what_is_wrong_with_them(in_sqlite: Shop) -> None:
    head = '[pull]\nurl_from = "U"\nquery = "q"\nhigh_water = "h"\nevery = "1 hour"\n'
    contact = '[contact]\nuser_id = "id"\n'
    wrong = {
        "[pull": "not TOML",
        contact: "no table [pull]",
        head.replace('"1 hour"', '"soon"') + contact: "not a span of time",
        head.replace('"U"', '"postgresql://a:b@c/d"') + contact: "addresses hold passwords",
        head + "speed = 1\n" + contact: "unknown field `speed`",
        head: "a mapping is needed",
        head + 'mapping = "x.toml"\n' + contact: "a mapping is needed",
        head + 'mapping = "absent.toml"\n': "cannot be read",
        head + '[contact]\nusr = "id"\n': "mapping.unknown_key",
        head + '[file]\nformat = "csv"\n' + contact: "[file] of a pull",
        head + "batch = 0\n" + contact: "1 to 1,000,000",
    }
    for said, message in wrong.items():
        (in_sqlite.sources / "x.pull.toml").write_text(said, "utf-8")
        with pytest.raises(LettershopError) as caught:
            in_sqlite.pull("x")
        assert message in str(caught.value), said
    for name in ("absent", "../x", ""):
        with pytest.raises(NotFound, match="there is no pull"):
            in_sqlite.pull(name)


def test_a_mapping_in_a_file_of_its_own_with_events_and_times(in_sqlite: Shop) -> None:
    in_sqlite.sql(
        "CREATE TABLE orders (no INTEGER PRIMARY KEY, who TEXT, total REAL, at TEXT)",
        "INSERT INTO orders VALUES (1, 'u1', 12.5, '2026-02-28 23:30:00')",
        "INSERT INTO orders VALUES (2, 'u1', 7.5, '2026-03-01 08:00:00')",
    )
    (in_sqlite.sources / "orders.toml").write_text(
        '[file]\ntimezone = "Europe/Warsaw"\n[contact]\nuser_id = "who"\n[[event]]\n'
        'name = "Order Completed"\ntime = "at"\nid = "no"\n[event.properties]\ntotal = "total"\n',
        "utf-8",
    )
    (in_sqlite.sources / "orders.pull.toml").write_text(
        '[pull]\nurl_from = "CRM_URL"\nquery = "SELECT * FROM orders"\nhigh_water = "no"\n'
        'every = "1 minute"\nmapping = "orders.toml"\n',
        "utf-8",
    )
    assert in_sqlite.pull("orders").facts["event"] == 2
    with in_sqlite.engine.read() as workspace:
        event = workspace.store.catalog().events["Order Completed"]
    assert event.first_ts == 1772317800000, "23:30 in Warsaw"
    assert in_sqlite.count('sum of total over "Order Completed" = 20') == 1
