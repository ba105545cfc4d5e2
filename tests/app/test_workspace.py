"""The Python interface: a folder opened, asked, and handed to data frames."""

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from pyroaring import BitMap
from sample import CONTACTS, TODAY

from lettershop import Segment, Workspace
from lettershop.model.clock import DAY, FixedClock, parse_instant
from lettershop.model.errors import DefinitionError, NotFound, UsageError, WorkspaceError

NOW = parse_instant(TODAY)


@pytest.fixture
def shop(sample: Path) -> Iterator[Workspace]:
    with Workspace.open(sample, clock=FixedClock(NOW)) as workspace:
        yield workspace


def test_the_demo_segments_are_sound_and_mostly_not_empty(shop: Workspace) -> None:
    assert [f for f in shop.check() if f.level == "error"] == []
    segments = shop.segments()
    assert len(segments) >= 30
    assert {s.subject for s in segments} == {"contact", "account", "people"}
    # Those about derived traits hold nobody until the traits are computed, which takes longer.
    computed = [s for s in segments if not s.definition.source.endswith("traits.toml")]
    empty = [s.name for s in computed if s.size == 0]
    assert len(empty) <= 6, empty
    assert all(s.size <= s.universe for s in segments)
    assert shop.count("everyone").size == CONTACTS


def test_a_partition_holds_everyone_exactly_once(shop: Workspace) -> None:
    family = shop.library().partitions[0]
    members = [shop.segment(name) for name in family.members]
    assert sum(m.size for m in members) == members[0].universe > 0
    assert len(BitMap.union(*(m.ids for m in members))) == members[0].universe


def test_a_segment_says_what_it_is(shop: Workspace) -> None:
    found = shop.segment("vps-new-jersey")
    assert isinstance(found, Segment)
    assert found.title == "VPs in New Jersey"
    assert found.text == 'title contains "VP" and region = "New Jersey"'
    assert "New Jersey" in found.sentence and found.sentence.endswith(".")
    assert len(found) == found.size == len(found.members()) == len(found.ids)
    assert 0 < found.share < 1
    assert shop.segment("vip-letter").references == (
        "gone-quiet",
        "spent-1000-eur",
        "spring-holdout",
        "top-100",
    )


def test_counting_a_text_is_the_same_as_the_definition(shop: Workspace) -> None:
    found = shop.segment("vps-new-jersey")
    assert shop.count(found.text).ids == found.ids
    assert shop.count('in segment "vps-new-jersey"').ids == found.ids
    outside = shop.count('not in segment "vps-new-jersey"')
    assert outside.size + found.size == CONTACTS


def test_members_agree_with_the_condition(shop: Workspace) -> None:
    members = list(shop.segment("vps-new-jersey").members())
    assert members
    for member in members:
        assert "vp" in member["title"].lower()
        assert member["region"].strip().lower() == "new jersey"
        assert member["identity"] in (f"user:{member['user_id']}", f"email:{member['email']}")


def test_members_go_into_data_frames(shop: Workspace) -> None:
    members = shop.segment("gone-quiet").members()
    size = len(members)
    assert size > 0
    frames = [pd.DataFrame.from_arrow(members), members.to_pandas()]
    assert [f.shape for f in frames] == [(size, len(members.columns))] * 2
    assert members.to_polars().shape == (size, len(members.columns))
    assert pl.DataFrame(members)["identity"].to_list() == list(frames[0]["identity"])
    assert members.columns[:3] == ["identity", "user_id", "email"]


def test_people_and_accounts_have_their_own_columns(shop: Workspace) -> None:
    people = shop.segment("active-admins").members()
    assert {"account", "role"} <= set(people.columns)
    assert {row["role"] for row in people} == {"admin"}
    accounts = shop.segment("size-11-50").members()
    assert accounts.columns[0] == "account" and "identity" not in accounts.columns
    assert len(accounts) > 0
    assert all(11 <= row["employees"] <= 50 for row in accounts)


def test_reading_members_and_asking_may_be_mixed(shop: Workspace) -> None:
    rows = iter(shop.segment("gone-quiet").members())
    first = next(rows)
    assert shop.count("everyone").size == CONTACTS
    assert next(rows)["identity"] != first["identity"]


def test_csv_holds_all_members_or_is_not_there(shop: Workspace, tmp_path: Path) -> None:
    members = shop.segment("hr-and-payroll").members()
    members.to_csv(tmp_path / "hr.csv")
    with (tmp_path / "hr.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [r["identity"] for r in rows] == [m["identity"] for m in members]
    assert all(set(r["tags"].split(";")) & {"hr", "payroll"} for r in rows)
    with pytest.raises(OSError, match="No such file"):
        members.to_csv(tmp_path / "absent" / "hr.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["hr.csv"]


def test_the_past_can_be_asked(shop: Workspace) -> None:
    then = shop.segment("gone-quiet", NOW - 200 * DAY)
    assert then.universe < shop.segment("gone-quiet").universe
    assert shop.count("everyone", as_of=0).size == 0


def test_overlap_is_symmetric_with_sizes_on_its_diagonal(shop: Workspace) -> None:
    names = ["top-100", "vip-letter", "gone-quiet"]
    found = shop.overlap(names)
    sizes = [shop.segment(n).size for n in names]
    assert [found.matrix[n][n] for n in range(3)] == sizes
    assert [list(row) for row in found.matrix] == [list(c) for c in zip(*found.matrix, strict=True)]
    assert found.matrix[1][2] == 0
    with pytest.raises(UsageError, match="one subject"):
        shop.overlap(["top-100", "solo"])


def test_explain_agrees_with_membership(shop: Workspace) -> None:
    for name in ("interested-in-carbon", "size-11-50", "active-admins", "trial-ending-alone"):
        found = shop.segment(name)
        member = next(iter(found.members()), None)
        if member is None:
            continue
        who = {
            "contact": member.get("identity"),
            "account": member.get("account"),
            "people": f"{member.get('identity')}/{member.get('account')}",
        }[found.subject]
        told = shop.explain(name, str(who))
        assert told.member and told.in_universe and told.lines


def test_subjects_are_found_by_what_people_type(shop: Workspace) -> None:
    row = next(iter(shop.count("user_id is known").members()))
    ids = {shop.subject_id("contact", w) for w in (row["user_id"], row["email"], row["identity"])}
    assert ids == {shop.subject_id("contact", row["email"].upper())}
    account = next(iter(shop.count("everyone", "account").members()))
    by_name = shop.subject_id("account", account["name"].upper())
    assert by_name == shop.subject_id("account", account["account"])
    with pytest.raises(NotFound, match="nobody"):
        shop.subject_id("contact", "nobody@nowhere.example")
    with pytest.raises(NotFound):
        shop.subject_id("people", "nobody@nowhere.example")


def test_who_is_in_two_accounts_must_be_told_apart(shop: Workspace) -> None:
    seen: dict[str, list[str]] = {}
    for row in shop.count("everyone", "people").members():
        seen.setdefault(row["identity"], []).append(row["account"])
    who, accounts = next((w, a) for w, a in seen.items() if len(a) > 1)
    with pytest.raises(UsageError, match="2 accounts"):
        shop.subject_id("people", who)
    assert shop.subject_id("people", f"{who}/{accounts[1]}") >= 0


def test_unknown_segments_and_mistakes_are_told(shop: Workspace) -> None:
    with pytest.raises(NotFound) as unknown:
        shop.segment("vps-new-jersy")
    assert "vps-new-jersey" in unknown.value.hint
    with pytest.raises(DefinitionError) as wrong:
        shop.count("scroe > 3 and titel is known")
    assert [f.code for f in wrong.value.findings] == ["field.unknown"] * 2


def test_sql_tells_its_story(shop: Workspace) -> None:
    assert "SELECT" in shop.sql("commuters")


def test_a_broken_definition_does_not_disturb_the_others(sample: Path, tmp_path: Path) -> None:
    Workspace.init(tmp_path / "shop")
    segments = tmp_path / "shop" / "segments"
    (segments / "good.toml").write_text("where = 'everyone'", "utf-8")
    (segments / "bad.toml").write_text("where = 'in segment \"worse\"'", "utf-8")
    (segments / "worse.toml").write_text("where = '('", "utf-8")
    with Workspace.open(tmp_path / "shop") as shop:
        assert [s.name for s in shop.segments()] == ["good"]
        assert shop.segment("good").size == 0
        for name in ("bad", "worse"):
            with pytest.raises(DefinitionError):
                shop.segment(name)


def test_a_workspace_is_found_from_below_and_its_absence_is_told(tmp_path: Path) -> None:
    folder = Workspace.init(tmp_path / "shop")
    (folder / "segments" / "deep").mkdir()
    assert Workspace.find(folder / "segments" / "deep") == folder
    with pytest.raises(WorkspaceError) as absent:
        Workspace.open(tmp_path)
    assert absent.value.code == "workspace.absent"
    with pytest.raises(WorkspaceError, match="already"):
        Workspace.init(folder)
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(WorkspaceError, match="file"):
        Workspace.init(tmp_path / "file")


def test_a_second_process_is_told_who_has_the_workspace(tmp_path: Path) -> None:
    folder = Workspace.init(tmp_path / "shop")
    code = f"from lettershop import Workspace; Workspace.open({str(folder)!r})"
    with Workspace.open(folder):
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
    assert other.returncode == 1 and "in use by process" in other.stderr
    Workspace.open(folder).close()


def test_python_ends_silently(sample: Path) -> None:
    code = (
        "from lettershop import Workspace\n"
        f"shop = Workspace.open({str(sample)!r})\n"
        "members = shop.count('everyone').members()\n"
        "rows = list(members); frame = members.to_pandas(); other = members.to_polars()\n"
        "shop.close()\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ended.stdout, ended.stderr) == ("", "")
