"""Records of PostgreSQL are in a backup too, and what is restored leaves the original alone."""

from pathlib import Path

import pytest
from app.moving.full import fill
from django.db import connection
from postgres import Postgres

from lettershop import Workspace
from lettershop.access.audit import verify
from lettershop.access.models import User
from lettershop.app import records
from lettershop.app.backup import backup, restore
from lettershop.app.moving.copying import count
from lettershop.app.moving.tables import tables
from lettershop.app.restored import hold_back
from lettershop.app.settings import FILE, read_settings
from lettershop.campaigns.models import CampaignRecord
from lettershop.model.clock import FixedClock
from lettershop.model.errors import InputError

pytestmark = pytest.mark.sqlite


def states() -> set[str]:
    return set(CampaignRecord.objects.values_list("state", flat=True))


def counted() -> dict[str, int]:
    return {table.name: count(connection, table) for table in tables()}


def test_a_whole_workspace_goes_into_one_file_and_comes_back(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = Workspace.init(tmp_path / "shop"), postgres.database("kept")
    (folder / FILE).write_text(f'timezone = "Europe/Berlin"\nrecords = "{address}"\n')
    key = "as long as a secret key has to be, and more"
    monkeypatch.setenv(records.KEY_SAID, key)
    records.connect(folder, read_settings(folder, {}))
    records.migrate()
    fill()
    CampaignRecord.objects.filter(pk=1).update(state="approved", definition="{}")
    before, words = counted(), {*User.objects.values_list("email", "zone", "created")}
    with Workspace.open(folder) as shop:
        made = backup(shop, "0.1.0")
        assert made.records == "postgresql"
        assert connection.vendor == "postgresql"  # this process goes on with its own
    restored, clock = tmp_path / "again", FixedClock("2026-11-24T00:00Z")
    assert restore(Path(made.path), restored).origin == "postgresql"
    monkeypatch.setenv("LETTERSHOP_RECORDS", address)  # on the same machine
    assert hold_back(restored, "yesterday", clock).campaigns == 1

    monkeypatch.delenv(records.KEY_SAID)
    assert records.secret_key(restored / "data") == key
    settings = read_settings(restored, {})
    assert (settings.records, settings.timezone) == ("", "Europe/Berlin")
    records.connect(restored, settings)
    assert connection.vendor == "sqlite" and verify().broken is None
    assert {*User.objects.values_list("email", "zone", "created")} == words
    assert {k: v for k, v in counted().items() if v < before[k]} == {}
    assert "approved" not in states()
    records.connect(folder, read_settings(folder, {}))
    assert "approved" in states() and counted() == before
    records.disconnect()


def test_the_secret_key_is_said_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = records.secret_key(tmp_path)
    (tmp_path / "shared").write_text("k" * 40 + "\n")
    monkeypatch.setenv(records.KEY_FILE, str(tmp_path / "shared"))
    assert records.secret_key(tmp_path) == "k" * 40
    monkeypatch.setenv(records.KEY_SAID, "s" * 40)
    assert records.secret_key(tmp_path) == "s" * 40
    folder = Workspace.init(tmp_path / "shop")
    assert read_settings(folder, {records.KEY_SAID: "s", records.KEY_FILE: "k"}).records == ""
    for name, value in ((records.KEY_SAID, "short"), (records.KEY_FILE, "/nowhere/at/all")):
        monkeypatch.delenv(records.KEY_SAID, raising=False)
        monkeypatch.setenv(name, value)
        with pytest.raises(InputError) as caught:
            records.secret_key(tmp_path)
        assert caught.value.code == "secret.key" and "short" not in str(caught.value)
    monkeypatch.delenv(records.KEY_FILE)
    assert records.secret_key(tmp_path) == own
