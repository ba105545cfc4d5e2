"""One writer, many readers: each sees one committed state, nobody waits for the writer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lettershop import Workspace
from lettershop.app.engine import Engine
from lettershop.engines.duckdb.rows import load
from lettershop.model.errors import NotFound, Unavailable
from lettershop.model.facts import ContactFact


def contact(number: int) -> ContactFact:
    said = {"ts": number, "received_at": number, "message_id": str(number)}
    return ContactFact(contact=f"user:U{number}", traits={"n": number}, **said)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(Workspace.open(Workspace.init(tmp_path / "shop")))
    with made.write() as shop:
        load(shop.store, [contact(n) for n in range(20)])
    yield made
    made.close()


def test_a_reader_keeps_its_state_and_the_next_sees_the_new_one(engine: Engine) -> None:
    with engine.read() as shop:
        assert shop.count("everyone").size == 20
        with engine.write() as writer:
            load(writer.store, [contact(20)])
        assert shop.count("everyone").size == 20
    with engine.read() as shop:
        assert shop.count("everyone").size == 21
        assert "n" in shop.store.catalog().contact


def test_a_salt_is_drawn_once_however_many_ask(engine: Engine) -> None:
    together = threading.Barrier(6)

    def ask(_: int) -> int:
        with engine.read() as shop:
            together.wait(20)
            return shop.store.salt("holdout")

    with ThreadPoolExecutor(6) as pool:
        salts = set(pool.map(ask, range(6)))
    with engine.read() as shop:
        assert salts == {shop.store.salt("holdout")}


def test_an_error_in_a_reader_leaves_the_others_alone(engine: Engine) -> None:
    with pytest.raises(NotFound), engine.read() as shop:
        shop.subject_id("contact", "nobody")
    with pytest.raises(ZeroDivisionError), engine.read() as shop:
        raise ZeroDivisionError
    with engine.read() as shop:
        assert shop.count("everyone").size == 20


def test_a_writer_may_give_up_waiting(engine: Engine) -> None:
    holding, over = threading.Event(), threading.Event()

    def hold() -> None:
        with engine.write():
            holding.set()
            over.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(20)
    with pytest.raises(Unavailable) as busy, engine.write(wait=0.05):
        pass
    over.set()
    thread.join()
    assert busy.value.code == "engine.busy"


def test_a_closed_engine_says_so(engine: Engine) -> None:
    engine.close()
    for way in (engine.read, engine.write):
        with pytest.raises(Unavailable) as closed, way():
            pass
        assert closed.value.code == "server.stopping"
