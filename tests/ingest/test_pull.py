"""Pulls from PostgreSQL and SQLite: everything once, whatever happens in between."""

import itertools
from pathlib import Path

import pytest
from pulling import QUARTER, Shop

from lettershop.app.feeds import Feeds
from lettershop.ingest.pull import pull as pull_module, state
from lettershop.model.errors import InputError, LettershopError, Unavailable


@pytest.fixture
def shop(pulled: Shop) -> Shop:
    return pulled


@pytest.fixture
def local(pulled_locally: Shop) -> Shop:
    return pulled_locally


def put(shop: Shop, *rows: str) -> None:
    """Rows as `u1 free 10:00`, updated on the first of March."""
    for row in rows:
        who, plan, at = row.split()
        shop.sql(
            "DELETE FROM customers WHERE id = :who",
            "INSERT INTO customers VALUES (:who, :plan, :at)",
            who=who,
            plan=plan,
            at=f"2026-03-01 {at}:00",
        )


def test_new_and_changed_rows_come_once(shop: Shop) -> None:
    put(shop, "u1 free 08:00", "u2 team 08:05", "u3 free 08:10")
    first = shop.pull()
    assert (first.rows, first.known, first.facts) == (3, 0, {"contact": 3})
    assert shop.pull().rows == 0
    put(shop, "u1 team 09:00", "u4 free 09:00")
    second = shop.pull()
    assert (second.rows, second.high_water) == (2, first.high_water.replace("08:10", "09:00"))
    assert shop.count('plan = "team"') == 2 and shop.count("everyone") == 4
    assert shop.writes("plan") == 5
    assert shop.pull().rows == 0 and shop.writes("plan") == 5


def test_rows_that_share_the_high_water_are_not_missed(shop: Shop) -> None:
    put(shop, "u1 free 08:00", "u2 free 09:00")
    assert shop.pull().rows == 2
    put(shop, "u3 free 09:00")  # the same moment, written a moment later
    report = shop.pull()
    assert (report.rows, report.known) == (1, 1)
    put(shop, "u2 team 09:00")  # changed within the same moment
    assert shop.pull().rows == 1
    assert shop.traits("u2")["plan"] == "team" and shop.count("everyone") == 3
    assert shop.pull().rows == 0


def test_two_equal_rows_stay_two(local: Shop) -> None:
    (local.sources / "crm.pull.toml").write_text(
        '[pull]\nurl_from = "CRM_URL"\nquery = "SELECT * FROM customers"\n'
        'high_water = "updated_at"\nevery = "1 hour"\n'
        '[contact]\nuser_id = "id"\n[[event]]\nname = "Seen"\ntime = "updated_at"\n',
        "utf-8",
    )
    same = "INSERT INTO customers VALUES ('u1', 'free', '2026-03-01 08:00:00')"
    local.sql(same, same)
    assert local.pull().rows == 2
    local.sql(same)
    report = local.pull()
    assert (report.rows, report.known) == (1, 2)
    assert local.count('did "Seen" exactly 3 times') == 1
    assert local.pull().rows == 0


@pytest.mark.parametrize("batch", [1, 3])
def test_many_ties_over_several_batches(shop: Shop, batch: int) -> None:
    shop.write(more=f"batch = {batch}")
    put(shop, *(f"u{n} free 08:00" for n in range(5)), "u5 free 08:01")
    assert shop.pull().rows == 6
    put(shop, *(f"v{n} free 08:01" for n in range(4)))
    assert shop.pull().rows == 4
    assert shop.count("everyone") == 10 == shop.writes("plan")


def test_killed_between_two_batches_it_goes_on_where_it_was(
    local: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    local.write(more="batch = 2")
    put(local, *(f"u{n} free 08:0{n}" for n in range(6)))
    load, calls = pull_module.import_file, itertools.count()

    def fails_third(*arguments: object, **options: object) -> object:
        if next(calls) == 2:
            raise KeyboardInterrupt  # as good as kill -9: nothing is tidied up
        return load(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pull_module, "import_file", fails_third)
    with pytest.raises(KeyboardInterrupt):
        local.pull()
    assert local.count("everyone") == 4
    monkeypatch.undo()
    assert local.pull().rows == 2
    assert local.writes("plan") == 6


def test_rows_and_high_water_are_one_transaction(
    local: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(local, "u1 free 08:00")
    remember = state.remember

    def dies_after(*arguments: object, **options: object) -> None:
        remember(*arguments, **options)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(state, "remember", dies_after)
    with pytest.raises(KeyboardInterrupt):
        local.pull()
    monkeypatch.undo()
    assert local.count("everyone") == 0, "neither the row…"
    assert local.pull().rows == 1, "…nor how far it was"
    assert local.writes("plan") == 1


def test_a_dry_run_says_what_it_would_do_and_does_nothing(local: Shop) -> None:
    put(local, "u1 free 08:00", "u2 free 08:01")
    report = local.pull(dry_run=True)
    assert (report.dry_run, report.rows, report.new_contacts) == (True, 2, 2)
    assert list(report.columns) == ["id", "plan", "updated_at"]
    assert local.count("everyone") == 0 and local.feeds.pulls.run("crm").rows == 2


def test_rows_without_a_high_water_are_never_read(shop: Shop) -> None:
    shop.sql("INSERT INTO customers VALUES ('u1', 'free', NULL)")
    put(shop, "u2 free 08:00")
    assert shop.pull().rows == 1


def test_refused_rows_are_written_down_and_do_not_come_again(local: Shop) -> None:
    put(local, *(f"u{n} free 08:00" for n in range(20)))
    local.sql("INSERT INTO customers VALUES (' ', 'free', '2026-03-01 08:00:00')")
    report = local.pull()
    assert report.refused == {"contact.missing": 1}
    assert "contact.missing" in Path(report.refused_path).read_text("utf-8")
    assert local.pull().rows == 0


def test_mostly_refused_rows_stop_the_pull_and_nothing_is_passed_over(local: Shop) -> None:
    for n in range(20):
        local.sql("INSERT INTO customers VALUES (' ', :n, '2026-03-01 08:00:00')", n=f"p{n}")
    with pytest.raises(InputError) as caught:
        local.pull()
    assert caught.value.code == "import.mostly_refused"
    local.write("SELECT plan AS id, plan, updated_at FROM customers")
    assert local.pull().rows == 20 == local.count("everyone")


def test_the_clock_runs_what_is_due_and_notes_how_it_went(local: Shop) -> None:
    put(local, "u1 free 08:00")
    local.write("SELECT * FROM nowhere", name="broken")
    (local.sources / "typo.pull.toml").write_text("[pull]\nqery = 1\n", "utf-8")
    local.feeds.pull()
    with local.engine.read() as workspace:
        found = {s.name: s for s in local.feeds.pulls.states(workspace.store)}
    assert (found["crm"].rows, found["crm"].code, found["crm"].every) == (1, "", 900)
    assert found["broken"].code == "pull.query" and "nowhere" in found["broken"].message
    assert found["typo"].code == "pull.invalid" and found["typo"].every is None
    put(local, "u2 free 08:00")
    local.clock.advance(QUARTER - 1)
    local.feeds.pull()
    assert local.count("everyone") == 1, "not due yet"
    local.clock.advance(1)
    local.feeds.pull()
    assert local.count("everyone") == 2
    with local.engine.read() as workspace:
        found = {s.name: s for s in local.feeds.pulls.states(workspace.store)}
    assert (found["crm"].last_rows, found["crm"].last_run) == (1, "2026-03-01T12:15Z")


def test_nothing_can_be_changed_by_a_pull(shop: Shop) -> None:
    put(shop, "u1 free 08:00")
    deleting = "SELECT * FROM customers) AS pulled; DELETE FROM customers; --"
    for query in ("DELETE FROM customers RETURNING *", deleting):
        shop.write(query)
        with pytest.raises(InputError) as caught:
            shop.pull()
        assert caught.value.code == "pull.query"
    shop.write()
    assert shop.pull().rows == 1, "the row is still there"


@pytest.mark.parametrize(
    ("query", "code", "said"),
    [
        ("SELECT id, plan FROM customers", "pull.column", "updated_at"),
        ("SELECT id, plan AS update_at FROM customers", "pull.column", "did you mean “update_at”"),
        ("SELECT * FROM nowhere", "pull.query", "nowhere"),
        ("SELEC *", "pull.query", "syntax error"),
    ],
)
def test_what_is_wrong_with_a_query_is_said(shop: Shop, query: str, code: str, said: str) -> None:
    shop.write(query)
    with pytest.raises(LettershopError) as caught:
        shop.pull()
    assert (caught.value.code, caught.value.where) == (code, "crm")
    assert said in str(caught.value)


def test_colons_and_percents_of_a_query_are_its_own(shop: Shop) -> None:
    put(shop, "u1 free 08:00", "u2 team 08:00")
    shop.write(
        "SELECT id, plan, 'at :low 100 %s' AS note, CAST(updated_at AS TEXT) AS updated_at"
        " FROM customers WHERE plan LIKE 'f%' AND '12:30' <> ':x';"
    )
    assert shop.pull().rows == 1
    assert shop.traits("u1")["note"] == "at :low 100 %s"


def test_one_pull_runs_once_at_a_time(local: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    put(local, "u1 free 08:00")
    load = pull_module.import_file

    def again(*arguments: object, **options: object) -> object:
        with pytest.raises(Unavailable, match="running already"):
            local.pull()
        return load(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pull_module, "import_file", again)
    assert local.pull().rows == 1


def test_two_that_do_not_know_of_each_other_store_nothing_twice(
    local: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(local, "u1 free 08:00", "u2 free 08:01")
    other = Feeds(local.engine, local.environ).pulls
    load, calls = pull_module.import_file, itertools.count()

    def overtaken(*arguments: object, **options: object) -> object:
        if next(calls) == 0:
            assert other.run("crm").rows == 2
        return load(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(pull_module, "import_file", overtaken)
    with pytest.raises(Unavailable, match="run by somebody else"):
        local.pull()
    assert local.writes("plan") == 2
    assert local.pull().rows == 0
