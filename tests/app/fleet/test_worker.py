"""A worker sends while its machine has what the owner of the facts has, and not otherwise."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from postgres import Postgres
from typer.testing import CliRunner

from lettershop.app import records
from lettershop.app.fleet import worker as workers
from lettershop.app.fleet.deployed import Registering, compare, register
from lettershop.app.fleet.worker import Worker, different, refuse, worker_settings
from lettershop.app.settings import read_settings
from lettershop.cli.main import app
from lettershop.cluster import processes
from lettershop.model.clock import SystemClock
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from tests.mail_parts.programs import until
from tests.whole.fleet import deploy
from tests.whole.world import World, world


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[World]:
    address = postgres.database("workers")
    folder = tmp_path_factory.mktemp("fleet") / "owner"
    with world(folder, records=address, smtp="smtp://127.0.0.1:9", lost_minutes=1) as shop:
        yield shop


@pytest.fixture
def machine(owner: World, tmp_path: Path) -> Path:
    """A folder with what is deployed; the records are connected, and the owner has registered."""
    folder = tmp_path / "machine"
    deploy(owner.folder, folder)
    records.connect(owner.folder, owner.settings)
    Registering(owner.folder, owner.settings, SystemClock()).step()
    return folder


def settings(folder: Path) -> Settings:
    return read_settings(folder, {})


def test_a_machine_with_the_same_files_is_equal(machine: Path) -> None:
    found = compare(machine, settings(machine))
    assert different(found) == [] and len(found) > 5
    refuse(found)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ("consent.toml", "consent.toml"),
        ("providers.toml", "providers.toml"),
        ("data/secret.key", "the secret key"),
        ("data/dkim/shop.example/s1.pem", "data/dkim"),
        ("data/dkim/other.example/s1.pem", "data/dkim"),
    ],
)
def test_whatever_letters_hang_on_is_compared(machine: Path, changed: str, name: str) -> None:
    path = machine / changed
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text("ascii") if path.exists() else "") + "\n# more", "ascii")
    found = compare(machine, settings(machine))
    assert different(found) == [name]
    with pytest.raises(InputError, match=name) as refused:
        refuse(found)
    assert refused.value.code == "worker.different"


def test_settings_that_letters_hang_on_are_compared(machine: Path) -> None:
    other = msgspec.structs.replace(settings(machine), public_url="https://other.example")
    assert different(compare(machine, other)) == ["setting public_url"]
    elsewhere = msgspec.structs.replace(settings(machine), smtp="smtp://10.0.0.1:25")
    assert different(compare(machine, elsewhere)) == [], "where letters go may differ by machine"


def test_what_only_a_newer_owner_knows_is_different(machine: Path, owner: World) -> None:
    register({"something new": "1"}, 0)
    names = different(compare(machine, settings(machine)))
    assert "something new" in names and "consent.toml" in names


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        pytest.param("records", "worker.records", marks=pytest.mark.sqlite),
        ("smtp", "worker.smtp"),
        ("public_url", "worker.public_url"),
        ("secret", "worker.secret"),
    ],
)
def test_what_a_worker_cannot_do_without_is_said(machine: Path, missing: str, code: str) -> None:
    if missing == "secret":
        (machine / "data" / "secret.key").unlink()
    else:
        path = machine / "lettershop.toml"
        kept = [line for line in path.read_text().splitlines() if not line.startswith(missing)]
        path.write_text("\n".join(kept))
    with pytest.raises(InputError) as refused:
        worker_settings(machine)
    assert refused.value.code == code
    assert not (machine / "data" / "secret.key").exists() or missing != "secret"


def test_the_command_compares(machine: Path) -> None:
    run = CliRunner().invoke(app, ["worker", "--check", "--json", "-w", str(machine)])
    assert run.exit_code == 0, run.output
    assert all(one["equal"] for one in msgspec.json.decode(run.stdout)["compared"])
    (machine / "consent.toml").write_text("", "utf-8")
    run = CliRunner().invoke(app, ["worker", "--check", "-w", str(machine)])
    assert run.exit_code != 0 and "consent.toml" in run.stdout


def test_senders_end_while_the_machine_differs(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changes consent.toml on this machine alone, and takes it back."""
    monkeypatch.setattr(workers, "EVERY", 0.2)
    kept = shutil.copy(machine / "consent.toml", machine / "kept.toml")
    journals, stopping = machine / "data" / "journal", threading.Event()
    working = Worker(machine, worker_settings(machine, senders=1))

    def run() -> None:
        try:
            working.run(stopping)
        finally:
            records.disconnect()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: any(journals.glob("*.lock")))
        (machine / "consent.toml").write_text("# mine\n", "utf-8")
        until(lambda: working.supervisor.alive == 0)
        assert not any(journals.glob("*.lock")), "they have ended in order"
        shutil.copy(kept, machine / "consent.toml")
        until(lambda: any(journals.glob("*.lock")))
        until(lambda: {"worker", "sender"} <= {one.kind for one in processes.alive()})
    finally:
        stopping.set()
        thread.join(60)
    assert working.supervisor.alive == 0
