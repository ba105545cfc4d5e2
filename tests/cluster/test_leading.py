"""One leads; whoever leads no more ends, however it comes to know."""

import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection, connections

from lettershop.cluster import leading as room
from lettershop.cluster.leading import Leading, leader, name_sessions, session_name
from lettershop.cluster.models import Process
from lettershop.cluster.processes import Heartbeat, alive, enter, everyone, forget_gone, leave
from lettershop.model.settings import Settings


class Ended:
    """What ends the process, here: it is written down."""

    def __init__(self) -> None:
        self.why: list[str] = []
        self.told = threading.Event()

    def __call__(self, why: str) -> None:
        self.why.append(why)
        self.told.set()


@pytest.fixture
def party(shared: Settings) -> Iterator[list[Leading]]:
    """Whoever is in it leaves at the end."""
    made: list[Leading] = []
    yield made
    for one in made:
        one.stop()


def candidate(party: list[Leading], ended: Ended | None = None) -> Leading:
    party.append(Leading(enter("loader", "1"), ended or Ended()))
    return party[-1]


def long_ago(process: Process, seconds: float) -> None:
    """As if nobody had heard of it for so long."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cluster_process SET seen = now() - make_interval(secs => %s) WHERE id = %s",
            [seconds, process.pk],
        )


def test_one_of_two_leads_and_the_other_follows_when_it_leaves(party: list[Leading]) -> None:
    first, second = candidate(party), candidate(party)
    assert first.attempt() and not second.attempt()
    assert [(one.id, one.leads) for one in alive()] == [
        (first.process.pk, True),
        (second.process.pk, False),
    ]
    first.stop()
    assert second.attempt()
    assert (first.epoch, second.epoch) == (1, 2)
    found = leader()
    assert found is not None and found.process == second.process and found.epoch == 2


def test_a_leader_whose_connection_is_cut_ends(party: list[Leading]) -> None:
    ended = Ended()
    first = candidate(party, ended)
    assert first.attempt()
    first.keep()
    assert first._session is not None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s)", [first._session.connection.info.backend_pid]
        )
    assert ended.told.wait(5)
    assert "connection is gone" in ended.why[0]


def test_one_that_nobody_hears_of_is_disconnected_and_replaced(
    party: list[Leading], shared: Settings, tmp_path: object
) -> None:
    first, second = candidate(party), candidate(party)
    name_sessions(first.process)
    try:
        assert first.attempt()
        with connection.cursor() as cursor:  # a session of its own besides the lock's
            cursor.execute("SHOW application_name")
            assert cursor.fetchone() == (session_name(first.process.pk),)
    finally:
        connections.settings["default"]["OPTIONS"].pop("application_name")
        lasting = connections["default"]
        connections["default"] = connections.create_connection("default")
    try:
        assert not second.attempt(), "it was heard of just now"
        long_ago(first.process, room.LOST + 1)
        assert not second.attempt()
        assert second.attempt(), "the lock was free at the next look"
        assert second.epoch == first.epoch + 1
        with pytest.raises(Exception, match=r"terminating|closed|lost"), lasting.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        lasting.close()


def test_a_process_that_slept_finds_out_before_it_does_anything(
    party: list[Leading], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Ended()
    first = candidate(party, ended)
    assert first.attempt()
    first.require()
    assert not ended.why
    monkeypatch.setattr(room, "monotonic", lambda: time.monotonic() + room.GIVE_UP + 1)
    first.require()
    assert ended.told.is_set()


def test_each_new_connection_looks_at_the_epoch_first(party: list[Leading]) -> None:
    ended = Ended()
    first, second = candidate(party, ended), candidate(party)
    assert first.attempt()
    first.fence()
    connection.close()
    connection.ensure_connection()
    assert not ended.why
    first._close()  # as if the lock were lost unnoticed
    assert second.attempt()
    connection.close()
    connection.ensure_connection()
    assert ended.why == ["another process leads"]


def test_who_is_there_by_the_database_s_clock(shared: Settings) -> None:
    with Heartbeat("worker", "2.0") as beat:
        beat.say(letters=5)
        (seen,) = alive("worker")
        assert seen.alive and seen.silent < 5 and seen.version == "2.0" and not seen.leads
    (gone,) = everyone()
    assert not gone.alive, "it said that it ended"
    lost = enter("web", "2.0", address="http://10.0.0.5:8460")
    assert [one.name for one in alive()] == [lost.name]
    long_ago(lost, 21)
    assert alive() == []
    assert forget_gone() == 0
    long_ago(lost, 90_000)
    assert forget_gone() == 1
    leave(lost.pk)


def test_a_heartbeat_survives_a_connection_that_is_cut(
    shared: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lettershop.cluster.processes.EVERY", 0.05)
    with Heartbeat("worker", "2.0") as beat:
        until = time.monotonic() + 10
        while (cut := _cut_others()) == 0 and time.monotonic() < until:
            time.sleep(0.02)
        assert cut
        long_ago(beat.process, 60)
        while not alive() and time.monotonic() < until:
            time.sleep(0.02)
        assert [one.name for one in alive()] == [beat.process.name]


def _cut_others() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            " AND query LIKE 'UPDATE %%cluster_process%%'"
        )
        return len(cursor.fetchall())
