"""Commands say the same whether the folder is opened or a running server is asked."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sample import TODAY
from served_shop import serve_shop
from typer.testing import CliRunner

from lettershop.cli import app

AT = ("--as-of", TODAY)
JSON = ("--json",)
PEOPLE = """email,name,score,joined,company,tier
ada@a.example,Ada,12,2020-01-01,A1,g
not an address,Bo,1,x,A1,g
cy@c.example,Cy,7,2020-02-01,A2,s
di@d.example,Di,8,2020-02-01,A2,x
"""
MAPPING = """[contact]
email = "email"
[contact.traits]
name = "name"
points = "score"
tier = { column = "tier", lookup = { file = "tiers.csv", match = "key", take = "label" } }
[account]
id = "company"
"""
KNOWN = """id,email,at
,one@k.example,2020-03-01T08:00Z
k1,,2020-03-01T09:00Z
k1,one@k.example,2020-03-01T10:00Z
"""
KNOWN_MAPPING = '[file]\ntime = "at"\n[contact]\nuser_id = "id"\nemail = "email"\n'
PULL = """[pull]
url_from = "CRM_URL"
query = "SELECT * FROM customers"
high_water = "version"
every = "1 hour"
[contact]
user_id = "id"
[contact.traits]
plan = "plan"
"""
RATES = "day,source,target,rate\n2020-01-01,USD,EUR,0.9\n"
MEMBER = "user:U00001"
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("catalog",),
    ("catalog", *JSON),
    ("segment", "list", *AT),
    ("segment", "list", *AT, *JSON),
    ("segment", "count", "everyone", *AT),
    ("segment", "count", "everyone"),
    ("segment", "count", 'did "Signed In" within last 7 days', *AT, *JSON),
    ("segment", "count", "employees > 10", "--subject", "account", *AT),
    ("segment", "count", "scroe > 1", *AT),
    ("segment", "count", "scroe > 1", *AT, *JSON),
    ("segment", "count", "score >", *AT),
    ("segment", "count", 'name = "„quoted“ & 100 % +ü?"', *AT),
    ("segment", "count", "everyone", "--as-of", "yesterday"),
    ("segment", "count", "everyone", "--subject", "dog"),
    ("segment", "count", "x" * 200_000, *AT),
    ("segment", "show", "size-2-10", *AT),
    ("segment", "show", "size-2-10", *AT, *JSON),
    ("segment", "show", "top-100", *AT),
    ("segment", "show", "nobody", *AT),
    ("segment", "show", "nobody", *AT, *JSON),
    ("segment", "show", "", *AT),
    ("segment", "show", "a/b?c#d%2F", *AT),
    ("segment", "show", "../segments", *AT),
    ("segment", "show", "broken", *AT),
    ("segment", "members", "gone-quiet", *AT),
    ("segment", "members", "gone-quiet", "--limit", "3", *AT, *JSON),
    ("segment", "members", "everybody", "--limit", "0", *AT, *JSON),
    ("segment", "members", "active-admins", "--limit", "4", *AT, *JSON),
    ("segment", "members", "solo", "--csv", "solo.csv", *AT),
    ("segment", "members", "gone-quiet", "--csv", "quiet.csv", *AT, *JSON),
    ("segment", "members", "gone-quiet", "--csv", "no/such/folder.csv", *AT),
    ("segment", "explain", "gone-quiet", MEMBER, *AT),
    ("segment", "explain", "gone-quiet", MEMBER, *AT, *JSON),
    ("segment", "explain", "top-100", "nobody", *AT),
    ("data", "feeds", *AT),
    ("data", "feeds", *AT, *JSON),
    ("segment", "overlap", "top-100", "gone-quiet", *AT),
    ("segment", "overlap", "top-100", "gone-quiet", *AT, *JSON),
    ("segment", "overlap", "top-100", "solo", *AT),
    ("segment", "sql", "commuters", *AT),
    ("segment", "sql", "commuters", *AT, *JSON),
    ("segment", "check"),
    ("segment", "check", *JSON),
    ("segment", "check", "absent.toml"),
    ("import", "absent.csv"),
    ("import", "absent.csv", *JSON),
    ("import", "people.csv", "--map", "absent.toml"),
    ("import", "people.csv", "--map", "bad.toml"),
    ("import", "empty.csv", "--map", "people.toml"),
    ("import", "wrong.csv", "--map", "people.toml"),
    ("import", "wrong.csv", "--map", "people.toml", "--refused", "mine.csv", *JSON),
    ("import", "people.csv"),
    ("import", "people.csv"),
    ("import", "people.csv", "--again", "--refused", "mine.csv", *JSON),
    ("import", "wrong.csv", "--map", "people.toml", "--allow-refused"),
    ("import", "people.csv", "--guess"),
    ("import", "people.csv", "wrong.csv", "--map", "other.toml", *JSON),
    ("segment", "count", "points >= 8 and tier = gold", *AT, *JSON),
    ("rates", "rates.csv"),
    ("rates", "rates.csv", *JSON),
    ("rates", "people.csv"),
    ("rates", "absent.csv"),
    ("contact", "merges"),
    ("import", "known.csv"),
    ("contact", "merges"),
    ("contact", "merges", "--limit", "1", *JSON),
    ("contact", "unmerge", "1"),
    ("contact", "unmerge", "1", *JSON),
    ("contact", "unmerge", "99"),
    ("contact", "unmerge", "99999999999999999999"),
    ("trait", "list"),
    ("trait", "show", "engagement", *JSON),
    ("trait", "explain", "engagement", "U00001"),
    ("trait", "explain", "health", "A0001", *JSON),
    ("trait", "explain", "nothing", "U00001"),
    ("trait", "check", *JSON),
    ("pull", "list"),
    ("pull", "run", "crm", "--dry-run"),
    ("pull", "run", "crm", *JSON),
    ("pull", "run", "crm"),
    ("pull", "run", "broken"),
    ("pull", "run", "nobody", *JSON),
    ("pull", "run", "../crm"),
    ("pull", "list", *JSON),
)
Said = tuple[int, str, str]


def write_files(folder: Path) -> None:
    """What the commands read, beside a workspace."""
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    (folder / "wrong.csv").write_text(
        "email,name,score,joined,company,tier\n" + "nobody,N,1,x,A1,g\n" * 12, "utf-8"
    )
    (folder / "people.toml").write_text(MAPPING, "utf-8")
    (folder / "other.toml").write_text(MAPPING.replace("points", "marks"), "utf-8")
    (folder / "tiers.csv").write_text("key,label\ng,gold\ns,silver\n", "utf-8")
    (folder / "rates.csv").write_text(RATES, "utf-8")
    (folder / "bad.toml").write_text('[contact]\nemial = "email"\n', "utf-8")
    (folder / "empty.csv").write_text("", "utf-8")
    (folder / "known.csv").write_text(KNOWN, "utf-8")
    (folder / "known.toml").write_text(KNOWN_MAPPING, "utf-8")
    (folder / "shop/sources/crm.pull.toml").write_text(PULL, "utf-8")
    (folder / "shop/sources/broken.pull.toml").write_text(
        PULL.replace("customers", "nobody"), "utf-8"
    )
    with closing(sqlite3.connect(folder / "crm.db")) as database, database:
        database.execute("CREATE TABLE customers (id TEXT, plan TEXT, version INT)")
        database.execute("INSERT INTO customers VALUES ('p1', 'free', 1), ('p2', 'team', 2)")
    (folder / "shop/segments/broken.toml").write_text("where = 'scroe >= 10'\n", "utf-8")
    (folder / "shop/segments/everybody.toml").write_text("where = 'everyone'\n", "utf-8")


@pytest.fixture
def stage(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Path]]:
    """Sets the same scene again: a folder with a workspace and files, the current one."""
    for name in [n for n in os.environ if n.startswith("LETTERSHOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")
    folder = tmp_path / "desk"
    monkeypatch.setenv("CRM_URL", f"sqlite:///{folder}/crm.db")

    def set_scene() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(sample, folder / "shop")
        write_files(folder)
        monkeypatch.chdir(folder)
        return folder

    yield set_scene
    monkeypatch.chdir(tmp_path)


def say(*arguments: str) -> Said:
    found = CliRunner().invoke(app, [*arguments, "-w", "shop"], catch_exceptions=False)
    return found.exit_code, timeless(found.stdout), timeless(found.stderr)


def timeless(text: str) -> str:
    """Without how long something took, and when it ran."""
    text = re.sub(r'"seconds": [\d.]+', '"seconds": …', text)
    text = re.sub(r"20[23]\d-(?!06-01)[\d-]+T[\d:.]+Z", "(now)", text)
    return re.sub(r"(?m) \d+\.\d$", " …", text)


def written(folder: Path) -> dict[str, str]:
    """Files that commands made."""
    found = [*folder.glob("*.csv"), *folder.glob("*.toml"), *folder.glob("shop/data/refused/*")]
    return {str(f.relative_to(folder)): f.read_text("utf-8") for f in found}


def test_commands_say_the_same_beside_a_running_server(stage: Callable[[], Path]) -> None:
    folder = stage()
    local = [say(*command) for command in COMMANDS]
    made = written(folder)
    folder = stage()
    with serve_shop(folder / "shop") as served:
        remote = [say(*command) for command in COMMANDS]
        asked = {path.split("/")[3] for path in served.paths}
    for command, here, there in zip(COMMANDS, local, remote, strict=True):
        assert there == here, command
    assert written(folder) == made
    assert asked == {
        "catalog",
        "conditions",
        "feeds",
        "imports",
        "merges",
        "overlap",
        "pulls",
        "rates",
        "segments",
        "traits",
    }
    assert {code for code, _, _ in local} == {0, 1, 2, 3, 4, 5}
