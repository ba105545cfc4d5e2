"""People, tokens and sources on the command line: each command as it is typed."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from opened_shop import with_records
from typer.testing import CliRunner, Result

from lettershop.access.keyring import KeyRing, SourceKey
from lettershop.access.models import AuditEntry
from lettershop.access.tokens import find_token
from lettershop.app import Workspace, records
from lettershop.cli import app
from lettershop.model.settings import Settings


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture
def folder(tmp_path: Path, empty_records: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A workspace to stand in."""
    made = Workspace.init(tmp_path / "shop")
    with_records(made, empty_records)
    monkeypatch.chdir(made)
    yield made
    records.disconnect()


def run(*words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [*words], input=typed, catch_exceptions=False)


def answer(*words: str, typed: str = "") -> Any:
    """What --json prints; nothing else may be on stdout."""
    result = run(*words, "--json", typed=typed)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def may_sign_in(folder: Path, email: str, password: str) -> bool:
    records.connect(folder, Settings())
    return authenticate(None, username=email, password=password) is not None


def test_init_makes_the_first_owner_and_says_the_password_once(tmp_path: Path) -> None:
    shop = tmp_path / "new"
    made = answer("init", str(shop), "--email", "Ann@Example.com")
    assert made["owner"] == "ann@example.com"
    assert may_sign_in(shop, "ann@example.com", made["password"])
    records.disconnect()
    kept = b"".join(path.read_bytes() for path in shop.rglob("*") if path.is_file())
    assert b"ann@example.com" in kept and made["password"].encode() not in kept


def test_init_for_people_says_what_to_do_next(tmp_path: Path) -> None:
    result = run("init", str(tmp_path / "new"))
    assert re.search(r"owner: owner@localhost   password: \S{16}\n", result.stdout)
    assert "lettershop up" in result.stderr


def test_init_with_a_wrong_address_makes_nothing(tmp_path: Path) -> None:
    result = run("init", str(tmp_path / "new"), "--email", "ann")
    assert result.exit_code == 3 and "[user.email]" in result.stderr
    assert not (tmp_path / "new").exists()


def test_ann_is_added_changed_and_disabled(folder: Path) -> None:
    answer("user", "add", "boss@example.com", "--role", "owner")
    made = answer("user", "add", "ann@example.com")
    assert (made["role"], made["active"], made["last_login"]) == ("viewer", True, None)
    assert may_sign_in(folder, "ann@example.com", made["password"])
    assert answer("user", "role", "ann@example.com", "editor")["role"] == "editor"
    renewed = answer("user", "password", "ann@example.com")["password"]
    assert not may_sign_in(folder, "ann@example.com", made["password"])
    assert may_sign_in(folder, "ann@example.com", renewed)
    assert answer("user", "disable", "ann@example.com")["active"] is False
    listed = answer("user", "list")["users"]
    assert [(u["email"], u["active"]) for u in listed] == [
        ("boss@example.com", True),
        ("ann@example.com", False),
    ]
    assert "disabled" in run("user", "list").stdout
    assert answer("user", "enable", "ann@example.com")["active"] is True
    records.connect(folder, Settings())
    assert {entry.who for entry in AuditEntry.objects.all()} == {"command line"}


def test_a_password_may_come_from_stdin(folder: Path) -> None:
    made = answer("user", "add", "ann@example.com", "--stdin", typed="violet river stones\n")
    assert "password" not in made
    assert may_sign_in(folder, "ann@example.com", "violet river stones")
    result = run("user", "password", "ann@example.com", "--stdin", typed="short\n")
    assert result.exit_code == 3 and "[user.password]" in result.stderr


def test_a_token_is_made_listed_and_revoked(folder: Path) -> None:
    made = answer("token", "create", "nightly export", "--role", "editor", "--days", "30")
    records.connect(folder, Settings())
    assert find_token(made["token"]) is not None
    (listed,) = answer("token", "list")["tokens"]
    assert listed == {k: v for k, v in made.items() if k != "token"} | {
        "last_used": listed["last_used"]
    }
    assert listed["last_used"] is not None and listed["expires"] > listed["created"]
    assert made["token"] not in run("token", "list").stdout
    answer("token", "revoke", "nightly export")
    records.connect(folder, Settings())
    assert find_token(made["token"]) is None
    assert "revoked" in run("token", "list").stdout


def test_a_source_has_keys_that_come_and_go(folder: Path) -> None:
    first = answer("source", "add", "www", "--kind", "website")
    second = answer("source", "key", "www")
    assert first["url"] == "http://localhost:8460"
    records.connect(folder, Settings())
    ring = KeyRing()
    for made in (first, second):
        assert ring.find(made["write_key"]) == SourceKey("www", "website")
    revoked = answer("source", "revoke-key", first["write_key"][:12])
    assert revoked["source"] == "www" and revoked["revoked"]
    (listed,) = answer("source", "list")["sources"]
    assert [bool(key["revoked"]) for key in listed["keys"]] == [True, False]
    shown = run("source", "list").stdout
    assert first["write_key"] not in shown and first["write_key"][:12] in shown


def test_lines_to_paste_are_never_broken(folder: Path) -> None:
    shown = run("source", "add", "www", "--kind", "website").stdout
    assert re.search(
        r'^<script async src="http://localhost:8460/lettershop\.js" data-key="ls_wk_\S{43}">'
        r"</script>$",
        shown,
        re.M,
    )
    (folder / "lettershop.toml").write_text('public_url = "https://letters.example.com/"\n')
    shown = run("source", "add", "app").stdout
    assert re.search(r"^curl -u ls_wk_\S{43}: https://letters\.example\.com/v1/track", shown, re.M)


@pytest.mark.parametrize(
    ("line", "code", "exit_code"),
    [
        ("user add ann", "user.email", 3),
        ("user add boss@example.com", "user.exists", 3),
        ("user role boss@example.com viewer", "user.last_owner", 2),
        ("user disable boss@example.com", "user.last_owner", 2),
        ("user role boss@example.com king", "usage", 2),
        ("user password nobody@example.com", "user.unknown", 5),
        ("token revoke nothing", "token.unknown", 5),
        ("token create x --days 0", "usage", 2),
        ("source add WWW", "source.name", 3),
        ("source add www --kind toaster", "usage", 2),
        ("source key nothing", "source.unknown", 5),
        ("source revoke-key ls_wk_nothing", "key.unknown", 5),
        ("user list --workspace nowhere/at/all", "workspace.absent", 6),
    ],
)
def test_what_cannot_be_is_said(folder: Path, line: str, code: str, exit_code: int) -> None:
    answer("user", "add", "boss@example.com", "--role", "owner")
    if "nowhere" in line:
        (folder / "lettershop.toml").unlink()
    result = run(*line.split(), "--json")
    assert result.exit_code == exit_code and result.stdout == ""
    assert json.loads(result.stderr)["error"]["code"] == code


def test_records_that_cannot_be_reached(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETTERSHOP_RECORDS", "postgresql://a:geheim@127.0.0.1:1/b")
    result = run("user", "list")
    assert result.exit_code == 3 and "[records.unreachable]" in result.stderr
    assert "geheim" not in result.stderr
