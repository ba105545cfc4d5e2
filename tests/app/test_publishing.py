"""Publishing: what is in force follows the folder, all at once, and nobody is surprised."""

import shutil
from pathlib import Path

import pytest
from opened_shop import open_shop
from publishing import PARTITION, Desk, changes, code_of

from lettershop.access.models import AuditEntry
from lettershop.app.plans import DraftText
from lettershop.model.errors import DefinitionError, UsageError

TRAIT = """
[[score]]
name = "warmth"
minimum = 0
maximum = 100
[[score.rule]]
when = 'in segment "hot"'
points = 10
"""


def test_a_first_folder_is_all_new_and_then_nothing_is(desk: Desk) -> None:
    desk.write(hot="score >= 8", not_hot='not in segment "hot"')
    plan = desk.plan()
    found = changes(plan)
    assert {name: (c.kind, c.before, c.after) for name, c in found.items()} == {
        "hot": ("new", None, 2),
        "not_hot": ("new", None, 8),
    }
    assert found["hot"].universe == 10 and not plan.guarded and not plan.empty
    assert [m.who for m in found["hot"].enters] == ["user:U8", "user:U9"]
    assert (
        found["hot"].enters[0].reasons[0].truth and found["hot"].enters[0].reasons[0].found == "8"
    )
    assert desk.apply().versions == {"hot": 1, "not_hot": 1}
    again = desk.plan()
    assert again.empty and again.changes == () and {*again.unchanged} == {"hot", "not_hot"}
    assert desk.apply().versions == {}


def test_a_change_moves_whom_it_should_and_those_who_refer_to_it(desk: Desk) -> None:
    desk.write(hot="score >= 8", not_hot='not in segment "hot"', all="everyone")
    desk.apply()
    desk.write(hot="score >= 7")
    plan = desk.plan(sample=10)
    found = changes(plan)
    assert [*found] == ["hot", "not_hot"] and "all" in plan.unchanged
    hot, rest = found["hot"], found["not_hot"]
    assert (hot.kind, hot.before, hot.after, hot.entering, hot.leaving) == ("changed", 2, 3, 1, 0)
    assert (hot.staying, hot.what, hot.version) == (2, ("where",), 1)
    assert (hot.text_before, hot.text_after) == ("score >= 8", "score >= 7")
    assert (rest.kind, rest.before, rest.after, rest.leaving) == ("moved", 8, 7, 1)
    assert [m.who for m in rest.leaves] == ["user:U7"]
    (reason,) = rest.leaves[0].reasons
    assert reason.truth and "score is at least 7" in reason.sentence and reason.found == "7"


def test_those_who_ask_how_long_somebody_has_been_in_are_moved_too(desk: Desk) -> None:
    """By what is recorded under the name in force, of those who are in by the rule in force."""
    desk.write(hot="score >= 8", settled='in segment "hot" for at least 1 minute')
    desk.apply()
    desk.refresh()
    desk.workspace.store.con.execute(
        "UPDATE transitions SET effective_at = effective_at - 120000,"
        " detected_at = detected_at - 120000"
    )
    desk.write(hot="score >= 9")
    found = changes(desk.plan(sample=10))
    assert [*found] == ["hot", "settled"]
    settled = found["settled"]
    assert (settled.kind, settled.before, settled.after) == ("moved", 2, 1)
    assert [m.who for m in settled.leaves] == ["user:U8"]


def test_a_leap_in_size_needs_an_explicit_yes(desk: Desk) -> None:
    desk.write(hot="score >= 8", not_hot='not in segment "hot"')
    desk.apply()
    desk.write(hot="score >= 3")
    assert desk.plan().guarded == ("hot", "not_hot")
    with pytest.raises(UsageError, match="“hot” from 2 to 7") as refused:
        desk.apply(allow_size=["not_hot"])
    assert refused.value.code == "segment.size_guard"
    assert desk.plan().revision == 1
    assert desk.apply(allow_size=["hot", "not_hot"]).versions == {"hot": 2}


def test_drafts_are_compared_published_and_taken_back(desk: Desk) -> None:
    desk.write(hot="score >= 8", cold="score < 2")
    desk.apply()
    made = desk.draft("hot", DraftText(text="score >= 7", note="more"))
    assert (made.number, made.state, made.subject, made.author) == (
        2,
        "draft",
        "contact",
        "editor@example.com",
    )
    (change,) = desk.difference("hot", 2).changes
    assert (change.before, change.after, change.guarded) == (2, 3, True)
    assert code_of(lambda: desk.publish("hot", 2)) == "segment.size_guard"
    assert desk.publish("hot", 2, allow_size=["hot"]).versions == {"hot": 2}
    assert code_of(lambda: desk.publish("hot", 2)) == "version.published"
    assert desk.publish("hot", 1, allow_size=["hot"], note="back").versions == {"hot": 3}
    three, *_ = desk.versions("hot")
    assert (three.text, three.state, three.note) == ("score >= 8", "published", "back")
    new = desk.draft("fresh", DraftText(text="score = 3", title="Fresh"))
    assert desk.publish("fresh", new.number).versions == {"fresh": 1}
    assert desk.discard("hot", desk.draft("hot", DraftText(text="score = 3")).number).number == 4
    assert desk.draft("hot", DraftText(text="score = 3")).number == 5


def test_a_draft_that_changes_only_the_title_becomes_a_version(desk: Desk) -> None:
    desk.write(hot="score >= 8")
    desk.apply()
    desk.draft("hot", DraftText(text="score >= 8", title="Hot"))
    assert desk.publish("hot", 2).versions == {"hot": 2}
    assert [v.state for v in desk.versions("hot")] == ["published", "retired"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("new", "scroe >= 8", "field.unknown"),
        ("new", "score >", "language.incomplete"),
        ("new", 'in segment "nobody"', "segment.unknown"),
        ("hot", 'in segment "hot"', "segment.cycle"),
        (" new", "score = 1", "definition.name"),
        ("trait:x", "score = 1", "segment.reserved"),
        ("rest", "score = 1", "partition.catch_all"),
    ],
)
def test_drafts_with_mistakes_are_refused(desk: Desk, name: str, text: str, code: str) -> None:
    desk.write(hot="score >= 8")
    desk.file("level", PARTITION.format(low=3))
    desk.apply()
    assert code_of(lambda: desk.draft(name, DraftText(text=text))) == code


def test_a_folder_with_errors_is_not_planned(desk: Desk) -> None:
    desk.write(hot="score >= 8", wrong="scroe >= 8")
    with pytest.raises(DefinitionError) as refused:
        desk.plan()
    assert refused.value.findings[0].source == "segments/wrong.toml"
    assert code_of(desk.apply) == "field.unknown"


def test_a_plan_that_was_overtaken_is_not_applied(desk: Desk) -> None:
    desk.write(hot="score >= 8")
    plan = desk.plan()
    desk.apply()
    desk.write(hot="score >= 9")
    assert code_of(lambda: desk.apply(revision=plan.revision)) == "register.changed"


def test_removing(desk: Desk) -> None:
    desk.write(hot="score >= 8", rest='not in segment "hot"')
    desk.file("level", PARTITION.format(low=3).replace('"rest"', '"others"'))
    desk.apply()
    assert code_of(lambda: desk.remove("hot")) == "segment.referenced"
    assert code_of(lambda: desk.remove("mid")) in ("segment.referenced", "partition.broken")
    assert code_of(lambda: desk.remove("nobody")) == "segment.unknown"
    (gone,) = desk.remove("rest").plan.changes
    assert (gone.kind, gone.before, gone.after) == ("removed", 8, None)
    assert "rest" not in {one.name for one in desk.in_force()}
    assert desk.versions("rest")[0].state == "retired"
    assert code_of(lambda: desk.publish("rest", 9)) == "version.unknown"


def test_everything_is_written_down(desk: Desk) -> None:
    desk.write(hot="score >= 8", cold="score < 2")
    desk.apply(note="first")
    desk.file("hot", "title = 'Hot'\nwhere = 'score >= 8'\n")
    (desk.folder / "cold.toml").unlink()
    desk.apply(prune=True)
    desk.unpin(desk.pin("hot", "U1", "why", include=True).id)
    trail = [
        (e.what, e.target)
        for e in AuditEntry.objects.order_by("id")
        if e.what.startswith("segment.")
    ]
    assert trail == [
        ("segment.publish", "cold"),
        ("segment.publish", "hot"),
        ("segment.describe", "hot"),
        ("segment.remove", "cold"),
        ("segment.pin", "hot"),
        ("segment.unpin", "hot"),
    ]
    first = AuditEntry.objects.filter(what="segment.publish", target="hot").get()
    assert first.who == "editor@example.com"
    assert first.details == {"version": 1, "note": "first", "entering": 2, "leaving": 0}


@pytest.mark.parametrize(
    "path",
    [
        "../x.toml",
        "/x.toml",
        "x.txt",
        ".hidden.toml",
        "a\0b.toml",
        "a/../../b.toml",
        "a\\b.toml",
        "x" * 300 + ".toml",
    ],
)
def test_files_that_are_sent_stay_in_their_folder(desk: Desk, path: str) -> None:
    assert code_of(lambda: desk.plan({path: "where = 'everyone'"})) == "definition.path"


def test_files_that_are_sent_are_planned_as_the_folder_is(desk: Desk) -> None:
    desk.write(hot="score >= 8")
    here = desk.plan()
    sent = {"hot.toml": (desk.folder / "hot.toml").read_text("utf-8")}
    assert desk.plan(sent) == here
    assert desk.plan({"deep/er/hot.toml": sent["hot.toml"]}).changes[0].name == "hot"
    assert desk.plan({}).empty


def test_before_there_is_any_data_a_folder_can_be_published(tmp_path: Path, empty: Path) -> None:
    with open_shop(shutil.copytree(empty, tmp_path / "shop")) as opened:
        desk = Desk(opened)
        desk.write(hot="score >= 8", signed='did "Signed In" within last 7 days')
        assert desk.apply().versions == {"hot": 1, "signed": 1}
        desk.write(hot="score >= 9")
        assert [(c.before, c.after, c.guarded) for c in desk.plan().changes] == [(0, 0, False)]


def test_what_a_derived_trait_refers_to_is_not_removed(desk: Desk) -> None:
    desk.write(hot="score >= 8")
    desk.apply()
    folder = desk.shop.path / "traits"
    folder.mkdir()
    (folder / "warmth.toml").write_text(TRAIT, "utf-8")
    with pytest.raises(UsageError, match="a derived trait refers to it: “warmth”"):
        desk.remove("hot")
