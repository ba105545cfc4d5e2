"""The command line as it is typed: output, exit codes, help."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sample import CONTACTS, TODAY
from typer.testing import CliRunner, Result

from lettershop import __version__
from lettershop.cli import app

AT = ("--as-of", TODAY)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")


def run(*arguments: str, folder: Path | None = None) -> Result:
    where = ("--workspace", str(folder)) if folder else ()
    return CliRunner().invoke(app, [*arguments, *where], catch_exceptions=False)


def answer(*arguments: str, folder: Path | None = None) -> Any:
    """What --json prints; nothing else may be on stdout."""
    result = run(*arguments, "--json", folder=folder)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def commands() -> Iterator[tuple[str, ...]]:
    def walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for name, below in getattr(command, "commands", {}).items():
            yield from walk(below, (*words, name))
        if not getattr(command, "commands", None):
            yield words

    yield from walk(typer.main.get_command(app), ())


@pytest.mark.parametrize("words", [*commands()], ids=" ".join)
def test_every_help_has_an_example(words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    after = result.stdout.partition("Examples:")[2]
    assert f"lettershop {' '.join(words)}" in after
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.parametrize("words", [(), ("segment",)])
def test_without_arguments_help_is_shown(words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 0 and "Usage:" in result.stdout + result.stderr


def test_version() -> None:
    assert f"lettershop {__version__}" in run("version").stdout
    assert answer("version")["lettershop"] == __version__
    assert run("--version").stdout == run("version").stdout


def test_list_fits_and_cuts_nothing(sample: Path) -> None:
    result = run("segment", "list", *AT, folder=sample)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert not any(line != line.rstrip() for line in lines)
    assert "…" not in result.stdout and "\x1b" not in result.stdout
    names = [s["name"] for s in answer("segment", "list", *AT, folder=sample)["segments"]]
    assert len(names) >= 30 and all(name in result.stdout for name in names)


def test_a_narrow_pipe_wraps_instead_of_cutting(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    result = run("segment", "list", *AT, folder=sample)
    assert max(map(len, result.stdout.splitlines())) <= 60
    assert "…" not in result.stdout


def test_count(sample: Path) -> None:
    result = run("segment", "count", "everyone", *AT, folder=sample)
    assert result.stdout.startswith(f"{CONTACTS} of {CONTACTS} contacts")
    found = answer("segment", "count", "everyone", "--subject", "account", *AT, folder=sample)
    assert found["size"] == found["universe"] == CONTACTS // 10


def test_show_has_everything_and_the_neighbours(sample: Path) -> None:
    text = run("segment", "show", "size-2-10", *AT, folder=sample).stdout
    for word in ("2–10 employees", "employees between 2 and 10", "solo", "size-unknown", TODAY):
        assert word in text
    found = answer("segment", "show", "size-2-10", *AT, folder=sample)
    assert found["neighbours"][0]["name"] == "solo"
    assert sum(n["size"] for n in found["neighbours"]) == found["universe"]


def test_members_by_limit_and_csv(sample: Path, tmp_path: Path) -> None:
    found = answer("segment", "members", "gone-quiet", "--limit", "3", *AT, folder=sample)
    assert len(found["members"]) == 3 < found["size"]
    target = tmp_path / "quiet.csv"
    result = run("segment", "members", "gone-quiet", "--csv", str(target), *AT, folder=sample)
    assert result.exit_code == 0 and result.stdout == ""
    assert len(target.read_text("utf-8").splitlines()) == found["size"] + 1
    table = run("segment", "members", "gone-quiet", "--limit", "2", *AT, folder=sample)
    assert "email" in table.stdout and f"2 of {found['size']} members" in table.stderr


def test_explain_overlap_and_sql(sample: Path) -> None:
    members = answer("segment", "members", "gone-quiet", *AT, folder=sample)["members"]
    who = members[0]["identity"]
    told = answer("segment", "explain", "gone-quiet", who, *AT, folder=sample)
    assert told["member"] is True
    text = run("segment", "explain", "gone-quiet", who, *AT, folder=sample).stdout
    assert f"{who} is in" in text and "✓" in text and "◂" in text
    pair = answer("segment", "overlap", "top-100", "gone-quiet", *AT, folder=sample)
    assert pair["matrix"][0][1] == pair["matrix"][1][0]
    assert "top-100" in run("segment", "overlap", "top-100", *AT, folder=sample).stdout
    assert "SELECT" in run("segment", "sql", "commuters", *AT, folder=sample).stdout
    assert "SELECT" in answer("segment", "sql", "commuters", *AT, folder=sample)["sql"]


def test_catalog(sample: Path) -> None:
    text = run("catalog", folder=sample).stdout
    for word in ("employees", '"Signed In"', "membership.role", "Records: deal", "EUR"):
        assert word in text
    assert answer("catalog", folder=sample)["contact"]["score"]["wrong"] > 0


@pytest.mark.parametrize(
    ("arguments", "exit_code", "code"),
    [
        (("segment", "count", "scroe > 1"), 4, "field.unknown"),
        (("segment", "count", "score >"), 4, "language.incomplete"),
        (("segment", "show", "nobody"), 5, "segment.unknown"),
        (("segment", "explain", "top-100", "nobody"), 5, "contact.unknown"),
        (("segment", "overlap", "top-100", "solo"), 2, "overlap.subjects"),
        (("segment", "count", "everyone", "--as-of", "yesterday"), 2, "time.unreadable"),
        (("segment", "count", "everyone", "--subject", "dog"), 2, "usage"),
        (("segment", "frobnicate"), 2, "usage"),
        (("segment", "check", "absent.toml"), 3, "definition.no_folder"),
        (("import", "absent.csv", "--map", "absent.toml"), 5, "mapping.absent"),
    ],
)
def test_mistakes_have_codes(
    sample: Path, arguments: tuple[str, ...], exit_code: int, code: str
) -> None:
    plain = run(*arguments, folder=sample if arguments[-1] != "frobnicate" else None)
    assert plain.exit_code == exit_code
    assert plain.stdout == "" and code in plain.stderr
    assert plain.stderr.count(code) == 1 and "Traceback" not in plain.stderr
    told = run(*arguments, "--json", folder=sample if arguments[-1] != "frobnicate" else None)
    assert (told.exit_code, told.stdout) == (exit_code, "")
    error = json.loads(told.stderr)["error"]
    assert (error["code"], error["exit_code"]) == (code, exit_code)


def test_no_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("segment", "list")
    assert result.exit_code == 6
    assert "lettershop init" in result.stderr


def test_old_data_is_pointed_out_once_on_stderr(sample: Path) -> None:
    result = run("segment", "count", "everyone", folder=sample)
    assert "--as-of 2020-06-01T00:0" in result.stderr or "--as-of 2020-05-31" in result.stderr
    assert "--as-of" not in run("segment", "count", "everyone", *AT, folder=sample).stderr


def test_a_shop_from_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("init", "myshop").exit_code == 0
    assert run("init", "myshop").exit_code == 6
    monkeypatch.chdir(tmp_path / "myshop")
    rows = ["email,name,score,joined", "ada@a.example,Ada,12,2026-01-01", "not an address,Bo,1,x"]
    rows += [f"c{n}@b.example,C{n},{n},2026-02-01" for n in range(20)]
    Path("people.csv").write_text("\n".join(rows) + "\n", "utf-8")
    guessed = answer("import", "people.csv", "--guess")["mappings"][0]["mapping"]
    assert guessed == "people.toml" and Path("people.toml").exists()
    again = run("import", "people.csv", "--guess")
    assert again.exit_code == 3 and "mapping.exists" in again.stderr
    mapping = '[contact]\nemail = "email"\n[contact.traits]\nname = "name"\nscore = "score"\n'
    Path("people.toml").write_text(mapping, "utf-8")
    report = answer("import", "people.csv")["imports"][0]
    assert (report["rows"], report["refused"]) == (22, {"email.invalid": 1})
    assert "not an address" in Path(report["refused_path"]).read_text("utf-8")
    assert answer("import", "people.csv")["imports"][0]["repeated"] is True
    assert "imported before" in run("import", "people.csv").stdout
    assert answer("segment", "count", "score >= 10")["size"] == 11
    Path("segments/keen.toml").write_text("where = 'score >= 10'", "utf-8")
    assert run("segment", "check").exit_code == 0
    Path("segments/bad.toml").write_text("where = '''\nscroe >= 10'''", "utf-8")
    checked = run("segment", "check")
    assert checked.exit_code == 4
    assert "segments/bad.toml:2:1: error field.unknown" in checked.stdout
    assert "1 error" in checked.stderr
    assert run("segment", "check", "segments/keen.toml").exit_code == 0
    listed = run("segment", "list")
    assert listed.exit_code == 0 and "has errors" in listed.stdout and "keen" in listed.stdout
    told = run("segment", "check", "--json")
    assert told.exit_code == 4 and json.loads(told.stdout)["errors"] == 1


def lettershop(*arguments: str, **more: Any) -> "subprocess.CompletedProcess[str]":
    program = [sys.executable, "-c", "from lettershop.cli import main; main()", *arguments]
    return subprocess.run(program, capture_output=True, text=True, check=False, **more)


def test_real_processes_end_silently_and_with_codes(sample: Path) -> None:
    good = lettershop("segment", "count", "everyone", *AT, "-w", str(sample))
    assert (good.returncode, good.stderr) == (0, "")
    bad = lettershop("segment", "show", "nobody", *AT, "-w", str(sample))
    assert bad.returncode == 5 and "Traceback" not in bad.stderr and bad.stdout == ""


def test_a_closed_pipe_is_quiet(sample: Path) -> None:
    program = f"{sys.executable} -c 'from lettershop.cli import main; main()'"
    line = f"{program} segment list {' '.join(AT)} -w {sample} | head -1; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert ended.stderr == "" and len(ended.stdout.splitlines()) == 1
