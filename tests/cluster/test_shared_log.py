"""The shared log: acknowledged is committed, numbers have no gaps, no reader passes one over."""

import threading
from itertools import pairwise

import pytest
from django.db import DataError, connection

from lettershop.app.cluster.intake import shared_writer
from lettershop.cluster import shared_log
from lettershop.cluster.models import IntakeRequest, Leadership
from lettershop.model.errors import Unavailable
from lettershop.model.settings import Settings

WRITERS = 3
EACH = 400


def item(body: bytes = b"{}") -> shared_log.Item:
    return (1_000, "app", "track", body)


def led(epoch: int = 1) -> None:
    Leadership.objects.update_or_create(pk=1, defaults={"epoch": epoch})


def test_before_a_loader_has_opened_it_nothing_is_acknowledged(shared: Settings) -> None:
    with pytest.raises(Unavailable) as refused:
        shared_log.append([item()])
    assert refused.value.code == "intake.unopened"
    with shared_writer(shared) as writer:
        assert writer.refusal is not None and writer.refusal.code == "intake.unopened"
        with pytest.raises(Unavailable):
            writer.append("app", "track", b"{}", 1_000, print)


def test_numbers_go_on_after_what_the_owner_has_already(shared: Settings) -> None:
    assert shared_log.open_log(41) == 41
    assert shared_log.append([item(b"a"), item(b"bc")]) == 43
    assert shared_log.open_log(10) == 43
    found = shared_log.after(41, 100)
    assert [(one.seq, one.item[3], one.upto_bytes) for one in found] == [
        (42, b"a", 1),
        (43, b"bc", 3),
    ]
    assert shared_log.open_log(50) == 50, "facts that know more: restored records"
    assert shared_log.append([item()]) == 51


def test_reads_so_many_bytes_but_one_at_least(shared: Settings) -> None:
    shared_log.open_log(0)
    shared_log.append([item(b"x" * 10) for _ in range(5)])
    assert [one.seq for one in shared_log.after(0, 25)] == [1, 2, 3]
    assert [one.seq for one in shared_log.after(3, 1)] == [4]
    assert shared_log.after(5, 100) == []


def test_a_commit_that_fails_leaves_no_gap(shared: Settings) -> None:
    shared_log.open_log(0)
    shared_log.append([item()])
    with pytest.raises(DataError):  # NUL is no text of PostgreSQL's: the copying breaks off
        shared_log.append([item(), (1_000, "a\0b", "track", b"{}")])
    assert shared_log.append([item()]) == 2


def test_no_reader_passes_over_a_number_that_appears_later(shared: Settings) -> None:
    """Writers of several processes at once, and one who reads all the time."""
    shared_log.open_log(0)
    ready = threading.Barrier(WRITERS + 1)

    def write(name: int) -> None:
        try:
            ready.wait()
            for number in range(EACH):
                shared_log.append([item(b"%d/%d" % (name, number))] * (1 + number % 3))
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    ready.wait()
    seen: list[shared_log.Shared] = []
    total = WRITERS * sum(1 + number % 3 for number in range(EACH))
    while len(seen) < total:
        assert any(thread.is_alive() for thread in threads) or shared_log.standing().last_seq
        seen += shared_log.after(seen[-1].seq if seen else 0, 1_000)
    for thread in threads:
        thread.join()
    assert [one.seq for one in seen] == [*range(1, total + 1)]
    for name in range(WRITERS):
        mine = [one.item[3] for one in seen if one.item[3].startswith(b"%d/" % name)]
        order = [int(body.partition(b"/")[2]) for body in mine]
        assert all(one <= other for one, other in pairwise(order)), "each in its own order"
    assert seen[-1].upto_bytes == sum(len(one.item[3]) for one in seen)


def test_the_writer_commits_in_groups_and_tells_each(shared: Settings) -> None:
    shared_log.open_log(0)
    answers: list[Unavailable | None] = []
    with shared_writer(shared) as writer:
        for number in range(300):
            writer.append("app", "track", b"%d" % number, 5, answers.append)
    assert answers == [None] * 300
    assert [one.item[3] for one in shared_log.after(0, 10**6)] == [b"%d" % n for n in range(300)]
    assert writer.stats.requests == 300 and writer.stats.commits < 300


def test_a_connection_that_breaks_is_a_refusal_and_the_next_request_finds_a_new_one(
    shared: Settings,
) -> None:
    shared_log.open_log(0)
    answers: list[Unavailable | None] = []
    told = threading.Event()

    def done(failure: Unavailable | None) -> None:
        answers.append(failure)
        told.set()

    with shared_writer(shared) as writer:
        writer.append("app", "track", b"1", 5, done)
        assert told.wait(10)
        told.clear()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        writer.append("app", "track", b"2", 5, done)
        assert told.wait(10)
        told.clear()
        writer.append("app", "track", b"3", 5, done)
        assert told.wait(10)
    refused = [one.code if one else "" for one in answers]
    assert refused in (["", "intake.records", ""], ["", "", ""]), "the second may have met a look"
    kept = {one.item[3] for one in shared_log.after(0, 100)}
    assert kept == {b"1", b"3"} | ({b"2"} if refused[1] == "" else set())


def test_beyond_what_may_wait_requests_are_refused_until_some_are_loaded(shared: Settings) -> None:
    shared_log.open_log(0)
    led()
    small = Settings(records=shared.records, most_unloaded="100 B")
    shared_log.append([item(b"x" * 60), item(b"x" * 60)])
    with shared_writer(small) as writer:
        assert writer.refusal is not None and writer.refusal.code == "intake.unloaded"
    assert shared_log.loaded(1, 1)
    with shared_writer(small) as writer:
        assert writer.refusal is None


def test_only_who_leads_removes(shared: Settings) -> None:
    shared_log.open_log(100)
    led(epoch=7)
    shared_log.append([item() for _ in range(10)])
    assert shared_log.remove(6, 105) == 0 and shared_log.remove(8, 105) == 0
    assert not shared_log.loaded(6, 105)
    assert shared_log.remove(7, 105) == 5
    assert shared_log.remove(7, 105) == 0
    assert [one.seq for one in shared_log.after(0, 10**6)] == [*range(106, 111)]
    assert shared_log.standing().removed_seq == 105
    assert IntakeRequest.objects.count() == 5
