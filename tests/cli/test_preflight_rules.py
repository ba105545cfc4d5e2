"""`lettershop preflight rules`."""

import json

from typer.testing import CliRunner

from lettershop.campaigns.preflight import rules
from lettershop.cli.main import app


def ran(*words: str) -> str:
    done = CliRunner().invoke(app, ["preflight", "rules", *words], env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    return done.output


def test_all_of_them() -> None:
    found = ran()
    assert all(name in found for name in rules())
    assert [one["id"] for one in json.loads(ran("--json"))["items"]] == [*rules()]


def test_one_of_them() -> None:
    found = ran("msg-3")
    assert "MSG-3  block  One-click unsubscribe" in found and "RFC 8058" in found
    assert "AUTH-1" not in found
