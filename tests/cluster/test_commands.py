"""What the commands say where there is no cluster, and of one that is there."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.cluster import shared_log
from lettershop.cluster.processes import Heartbeat
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings
from lettershop.web.edge import serve_edge
from lettershop.web.leader import serve_loader


@pytest.mark.sqlite
@pytest.mark.parametrize("serve", [serve_loader, serve_edge])
def test_without_postgresql_there_is_no_cluster(
    tmp_path: Path, serve: Callable[[Path], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LETTERSHOP_RECORDS", raising=False)
    with pytest.raises(InputError) as refused:
        serve(Workspace.init(tmp_path / "shop"))
    assert refused.value.code == "cluster.records" and "records move" in refused.value.hint


def test_who_is_there(tmp_path: Path, shared: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETTERSHOP_RECORDS", shared.records)
    folder = str(Workspace.init(tmp_path / "shop"))
    shared_log.open_log(5)
    with Heartbeat("web", "1.2.3", address="http://10.0.0.5:8460"):
        said = CliRunner().invoke(app, ["cluster", "-w", folder, "--json"])
        shown = CliRunner().invoke(app, ["cluster", "-w", folder])
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    (web,) = found["processes"]
    assert (web["kind"], web["alive"], web["leads"]) == ("web", True, False)
    assert found["leader"] is None and found["log"]["open"] and found["log"]["last_seq"] == 5
    assert found["problems"] == ["nobody leads: start lettershop loader"]
    assert shown.exit_code == 0 and "nobody leads" in shown.output and "1.2.3" in shown.output
