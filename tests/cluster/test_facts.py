"""Whose facts a leader goes on with; and the log that is copied, and shortened, for them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lettershop.app import Workspace
from lettershop.app.cluster import waiting
from lettershop.app.cluster.facts import own_facts, prepare
from lettershop.app.cluster.fetching import SUPERSEDED, fetcher
from lettershop.app.cluster.mirror import Mirror
from lettershop.app.cluster.owner import Owner
from lettershop.app.cluster.status import state
from lettershop.app.rebuild import rebuild
from lettershop.app.workspace import DATABASE
from lettershop.cluster import shared_log
from lettershop.cluster.leading import Leading, leader
from lettershop.cluster.models import IntakeRequest, Leadership
from lettershop.cluster.processes import enter, leave
from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.log import LogReader, LogWriter
from lettershop.lake.storage import Lake
from lettershop.model.clock import SystemClock
from lettershop.model.errors import InputError, WorkspaceError
from lettershop.model.settings import Settings
from lettershop.segments.models_streams import Cursor


class Machine:
    """A workspace on a machine of its own."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.folder, self.settings = Workspace.init(path), settings
        self.data = self.folder / "data"

    def leads(self, *, lake: bool = True, shared: bool = True) -> None:
        """It comes to lead, makes its facts ready, and leaves again."""
        leading = Leading(enter("loader", "1"), _never)
        try:
            assert leading.attempt()
            fetch = fetcher(self.folder, self.settings) if lake else None
            prepare(self.folder, self.settings, leading, fetch, shared=shared)
        finally:
            leading.stop()

    @property
    def store(self) -> Store:
        return Store.open(self.folder / DATABASE, settings=self.settings)

    def loads(self, seq: int) -> None:
        """As the loader would, up to there; and the lake has it."""
        with self.store as store:
            store.set_meta("intake_seq", str(seq))
            export(store, Lake(self.settings.lake), 1_000)

    @property
    def mark(self) -> str:
        own = own_facts(self.folder, self.settings)
        return "" if own is None else own.mark


def _never(why: str) -> None:
    raise AssertionError(why)


@pytest.fixture
def machine(
    tmp_path: Path, shared: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Machine]:
    monkeypatch.setenv("LETTERSHOP_RECORDS", shared.records)
    monkeypatch.setenv("LETTERSHOP_LAKE", str(tmp_path / "lake"))
    settings = Settings(records=shared.records, lake=str(tmp_path / "lake"))
    Cursor.objects.all().delete()
    return lambda name: Machine(tmp_path / name, settings)


def items(*bodies: bytes) -> list[shared_log.Item]:
    return [(1_000, "app", "track", body) for body in bodies]


def test_the_machine_that_had_everything_goes_on_with_it(machine: Callable[[str], Machine]) -> None:
    """The log goes on after its own raw log, so that what waits there is loaded, too."""
    only = machine("only")
    with LogWriter(only.data / "intake", only.settings, SystemClock()) as log:
        for _ in range(3):
            log.append("app", "track", b"{}", 1_000, lambda failure: None)
    only.leads(lake=False)
    assert shared_log.append(items(b"{}")) == 4
    mark = only.mark
    led = leader()
    assert mark and led is not None and led.facts == mark
    only.leads(lake=False)
    assert only.mark == mark, "nobody else has led"


def test_another_machine_takes_the_lake_and_the_first_one_its_facts_back(
    machine: Callable[[str], Machine],
) -> None:
    first, second = machine("first"), machine("second")
    first.leads()
    shared_log.append(items(*[b"{}"] * 9))
    first.loads(5)
    Cursor.objects.create(name="crm", position=77, moved_at=1)
    second.leads()
    own = own_facts(second.folder, second.settings)
    assert own is not None and own.position == 5 and own.mark != first.mark
    assert Cursor.objects.get().position == -1, "transitions are found again under other numbers"
    second.loads(8)
    first.leads()
    own = own_facts(first.folder, first.settings)
    assert own is not None and own.position == 8
    assert (first.data / SUPERSEDED).exists()
    with pytest.raises(InputError, match="lake"):
        rebuild(first.folder)


def test_without_a_lake_only_who_led_last_leads_again(machine: Callable[[str], Machine]) -> None:
    first, second = machine("first"), machine("second")
    first.leads(lake=False)
    with pytest.raises(WorkspaceError) as refused:
        second.leads(lake=False)
    assert refused.value.code == "cluster.facts_elsewhere"
    with pytest.raises(WorkspaceError):
        second.leads()  # there is a lake, and nothing in it
    first.leads(lake=False)


def test_facts_older_than_the_log_are_never_gone_on_with(machine: Callable[[str], Machine]) -> None:
    only = machine("only")
    only.leads(lake=False)
    Leadership.objects.filter(pk=1).update(removed_seq=3)
    with pytest.raises(WorkspaceError) as refused:
        only.leads(lake=False)
    assert refused.value.code == "cluster.gap"


def test_up_leaves_its_own_log_alone_until_a_loader_has_opened_one(
    machine: Callable[[str], Machine],
) -> None:
    only = machine("only")
    only.leads(shared=False)
    assert not shared_log.is_open()
    only.leads(shared=True)
    only.leads(shared=False)
    assert shared_log.is_open()


def test_up_does_not_lead_beside_another(shared: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.0)
    first = Leading(enter("loader", "1"), _never)
    assert first.attempt()
    with pytest.raises(WorkspaceError) as refused:
        waiting.lead_now(enter("up", "1"))
    assert refused.value.code == "cluster.led" and str(first.process.pid) in refused.value.where
    first.stop()
    second = waiting.lead_now(enter("up", "1"))
    second.stop()


def test_the_copy_has_the_numbers_of_the_log_and_says_itself_how_far_it_is(
    shared: Settings, tmp_path: Path
) -> None:
    shared_log.open_log(0)
    shared_log.append(items(b"a", b"b"))
    mirror = Mirror(tmp_path / "intake", SystemClock(), 0)
    assert mirror.step() and not mirror.step()
    mirror.close()
    shared_log.append(items(b"c"))
    again = Mirror(tmp_path / "intake", SystemClock(), 0)
    assert again.last_seq == 2 and again.step()
    again.close()
    with LogReader(tmp_path / "intake") as reader:
        assert [(one.seq, one.body) for one in reader.after(0, 10**6)] == [
            (1, b"a"),
            (2, b"b"),
            (3, b"c"),
        ]
    shared_log.append(items(b"d", b"e"))
    IntakeRequest.objects.filter(seq=4).delete()
    behind = Mirror(tmp_path / "intake", SystemClock(), 0)
    with pytest.raises(WorkspaceError) as refused:
        behind.step()
    assert refused.value.code == "cluster.gap"
    behind.close()


@pytest.mark.parametrize("together", [1, 20_000], ids=["one by one", "at once"])
def test_requests_are_kept_until_a_snapshot_with_a_successor_has_them(
    machine: Callable[[str], Machine], together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_log, "REMOVED_TOGETHER", together)
    only = machine("only")
    leading = Leading(enter("loader", "1", address="http://a:1"), _never)
    assert leading.attempt()
    prepare(only.folder, only.settings, leading, None, shared=True)
    shared_log.append(items(*[b"{}"] * 10))
    lake = Lake(only.settings.lake)
    owner = Owner(leading, lake, sends=False)
    log = owner.open_log(only.data / "intake", only.settings, SystemClock(), 0)

    def shortened(loaded: int) -> int:
        only.loads(loaded)
        owner.loaded(loaded)
        while owner._shorten():
            pass
        return IntakeRequest.objects.count()

    assert shortened(4) == 10
    assert shortened(7) == 6, "the first snapshot has a successor"
    assert shortened(7) == 6
    said = state(lake, SystemClock().now())
    assert said.leader == leading.process.name and said.epoch == leading.epoch
    assert (said.log.last_seq, said.log.kept) == (10, 6)
    assert said.lake is not None and said.lake.snapshot == 2
    assert said.problems == ("nobody stands by: a second lettershop loader would take over",)
    log.close()
    owner.closed()
    leading.stop()
    leave(leading.process.pk)
    assert "nobody leads" in state(None, 0).problems[0]
