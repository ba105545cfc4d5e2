"""The facts again from a lake: the same rows, answers and ids; what is damaged is not taken."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import histories
import pytest
from engines.worlds import DuckEngine, RefereeEngine, World
from lake.written import check, stored
from seeds import seed

from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.lake.loading import load as take
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.lake.manifest import Manifest
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.model.errors import WorkspaceError
from lettershop.model.facts import AnyFact, ContactFact

WORLDS = 3
CATALOG = histories.WORDS[0].catalog()


def test_the_same_answers_as_before_and_as_the_referee(tmp_path: Path) -> None:
    """Random histories, exported in portions as they come in: what changes hands, too."""
    for nth, definitions in enumerate(histories.questions(seed(), WORLDS)):
        random = Random(f"{seed()}/{nth}")
        as_of = histories.moment(random)
        facts = histories.history(random, definitions, as_of)
        folder = tmp_path / str(nth)
        folder.mkdir()
        lake = Lake(str(folder / "lake"))
        cut = len(facts) // 2
        with closing(DuckEngine(world(facts[:cut]))) as engine:
            export(engine.store, lake, 1)
            load(engine.store, facts[cut:], types=world(facts).types)
            made = export(engine.store, lake, 1)
            check(engine.store, lake, made)
            right = RefereeEngine(world(facts)).members(definitions, as_of)
            assert answers(engine.store, definitions, as_of) == right
            again(engine.store, lake, made, folder / "again.duckdb", definitions, as_of)


def world(facts: Sequence[AnyFact]) -> World:
    return World(
        facts=facts,
        catalog=CATALOG,
        settings=histories.SETTINGS,
        salts=histories.SALTS,
        rates=histories.RATES,
    )


def again(
    store: Store,
    lake: Lake,
    made: Manifest,
    path: Path,
    definitions: Sequence[Definition],
    as_of: int,
) -> None:
    """In a new database everything is as it was, and the lake goes on from there."""
    take(lake, made, path, histories.SETTINGS)
    with Store.open(path, settings=histories.SETTINGS) as taken:
        for table in made.tables:
            if made.tables[table].sort == "history":  # where the order of loading counts
                assert stored(taken, table) == stored(store, table), table
        assert taken.catalog() == store.catalog()
        assert answers(taken, definitions, as_of) == answers(store, definitions, as_of)
        assert indexes(taken) == indexes(store)
        assert export(taken, lake, 2) == made
        more = ContactFact(contact="user:new", ts=as_of, received_at=as_of, message_id="more")
        load(taken, [more])
        check(taken, lake, export(taken, lake, 3))


def answers(store: Store, definitions: Sequence[Definition], as_of: int) -> dict[str, object]:
    found = evaluate(store, definitions, as_of)
    return {one.name: found.subjects(one.name) for one in definitions}


def indexes(store: Store) -> object:
    query = "SELECT table_name, index_name, sql FROM duckdb_indexes() ORDER BY ALL"
    return store.con.execute(query).fetchall()


def contact(n: int) -> ContactFact:
    return ContactFact(
        contact=f"user:{n}", traits={"city": "Ulm"}, ts=n, received_at=n, message_id=f"m{n}"
    )


def test_a_part_with_other_rows_is_not_taken(store: Store, lake: Lake, tmp_path: Path) -> None:
    """Somebody has put an older file in the place of a part."""
    load(store, [contact(n) for n in range(9)])
    old = export(store, lake, 1).tables["contacts"].paths[0]
    load(store, [contact(9)])
    made = export(store, lake, 2)
    lake.write(made.tables["contacts"].paths[0], lake.read(old))
    with pytest.raises(WorkspaceError, match=r"does not hold what the snapshot says"):
        take(lake, made, tmp_path / "new.duckdb", store.settings)


def test_a_damaged_part_is_not_taken(store: Store, lake: Lake, tmp_path: Path) -> None:
    load(store, [contact(n) for n in range(9)])
    made = export(store, lake, 1)
    path = made.tables["contact_history"].paths[0]
    lake.write(path, lake.read(path)[:-20])
    with pytest.raises(WorkspaceError, match=r"cannot be read.*lake\.damaged"):
        take(lake, made, tmp_path / "new.duckdb", store.settings)


def test_facts_of_another_format_are_not_taken(store: Store, lake: Lake, tmp_path: Path) -> None:
    store.set_meta("format", "1")
    load(store, [contact(1)])
    made = export(store, lake, 1)
    with pytest.raises(WorkspaceError, match=r"workspace\.other_version"):
        take(lake, made, tmp_path / "new.duckdb", store.settings)
