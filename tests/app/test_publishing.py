"""Publishing: what is in force follows the folder, all at once, and nobody is surprised."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from opened_shop import Shop, migrated, open_shop
from pyroaring import BitMap

from lettershop.access.models import AuditEntry
from lettershop.app.pinning import Pinboard, resolved
from lettershop.app.plans import Change, DraftText, Plan
from lettershop.app.proving import proof
from lettershop.app.publishing import Publisher
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.model.errors import DefinitionError, LettershopError, UsageError
from lettershop.model.facts import AccountFact, ContactFact, MembershipFact
from lettershop.planning.keep import Keep
from lettershop.segments.register import in_force

SIZES = {"acme": 1, "brick": 5, "cobalt": 30, "delta": 60}
PARTITION = """
[[partition]]
name = "level"
catch_all = "rest"
[[partition.segment]]
name = "low"
where = "score < {low}"
[[partition.segment]]
name = "mid"
where = "score < 6"
"""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace with records."""
    folder = tmp_path_factory.mktemp("empty")
    with open_shop(folder / "shop", migrated(folder)):
        return folder / "shop"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty: Path) -> Path:
    """Ten people with scores 0 to 9, the first four in accounts of different sizes."""
    folder = shutil.copytree(empty, tmp_path_factory.mktemp("filled") / "shop")
    at = {"ts": 1_000, "received_at": 1_000}
    people = [
        ContactFact(**at, message_id=f"c{n}", contact=f"user:U{n}", traits={"score": n})
        for n in range(10)
    ]
    accounts = [
        AccountFact(**at, message_id=name, account=name, traits={"employees": size})
        for name, size in SIZES.items()
    ]
    members = [
        MembershipFact(**at, message_id=f"m{n}", contact=f"user:U{n}", account=name)
        for n, name in enumerate(SIZES)
    ]
    with open_shop(folder) as opened, opened.engine.write() as workspace:
        load(workspace.store, [*people, *accounts, *members])
    return folder


@pytest.fixture
def desk(tmp_path: Path, filled: Path) -> Iterator["Desk"]:
    with open_shop(shutil.copytree(filled, tmp_path / "shop")) as opened:
        yield Desk(opened)


TRAIT = """
[[score]]
name = "warmth"
minimum = 0
maximum = 100
[[score.rule]]
when = 'in segment "hot"'
points = 10
"""


class Desk(Publisher, Pinboard):
    """Somebody who writes files and publishes them."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.engine.workspace, shop.principal("editor"))
        self.shop = shop
        self.folder = shop.path / "segments"

    def write(self, **conditions: str) -> None:
        for name, text in conditions.items():
            self.file(name, f"where = '''{text}'''\n")

    def file(self, name: str, text: str) -> None:
        (self.folder / f"{name}.toml").write_text(text, "utf-8")

    def refresh(self) -> dict[str, BitMap]:
        """What a server keeps, after one more refresh."""
        workspace = self.workspace
        now = in_force(workspace.moment(None))
        pins = resolved(workspace.store, now.pins, now.partitions)
        keeps = [
            Keep(definition=p.definition, version=p.version, pins=pins.get(p.name, ()))
            for p in now.published
        ]
        refresher = Refresher(workspace.settings)
        refresher.persist(
            workspace.store, refresher.compute(workspace.store, keeps, workspace.moment(None))
        )
        return read_memberships(workspace.store.con)

    def kept_as_planned(self, plan: Plan) -> None:
        """A refresh makes of the plan exactly what it promised."""
        kept = self.refresh()
        for change in plan.changes:
            assert len(kept.get(change.name, ())) == (change.after or 0), change.name


def changes(plan: Plan) -> dict[str, Change]:
    return {change.name: change for change in plan.changes}


def code_of(work: Callable[[], object]) -> str:
    with pytest.raises(LettershopError) as refused:
        work()
    return refused.value.code


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


def test_a_partition_switches_at_once_and_is_proved(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    assert proof(desk.workspace, "level").origin == "folder"
    desk.apply()
    desk.file("level", PARTITION.format(low=4))
    plan = desk.plan()
    assert {n: (c.kind, c.before, c.after) for n, c in changes(plan).items()} == {
        "low": ("changed", 3, 4),
        "mid": ("moved", 3, 2),
    }
    assert plan.unchanged == ("rest",), "refers to a changed one, and nobody moves"
    applied = desk.apply(allow_size=plan.guarded)
    assert applied.versions == {"low": 2}
    desk.kept_as_planned(applied.plan)
    answer = proof(desk.workspace, "mid")
    assert (answer.basis, answer.origin, answer.proof.holds) == ("kept", "published", True)
    told = [(s.name, s.size, s.matches, s.earlier) for s in answer.proof.shares]
    assert told == [("low", 4, 4, 0), ("mid", 2, 6, 4), ("rest", 4, None, None)]
    assert answer.proof.total == answer.proof.universe == 10
    assert code_of(lambda: proof(desk.workspace, "nobody")) == "partition.unknown"


def test_a_partition_that_does_not_hold_is_told_so(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    desk.apply()
    desk.refresh()
    store = desk.workspace.store
    wrong = BitMap([*read_memberships(store.con)["low"], 9])
    store.con.execute(
        "UPDATE memberships SET members = $m WHERE segment = 'low'", {"m": wrong.serialize()}
    )
    found = proof(desk.workspace, "level")
    assert (found.basis, found.proof.holds, found.proof.overlap) == ("kept", False, 1)
    assert proof(desk.workspace, "level", desk.workspace.moment(None)).proof.holds


def test_pins_leave_a_partition_whole(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    desk.apply()
    desk.pin("mid", "U0", "rather there", include=True)
    desk.pin("low", "U1", "not low", include=False)
    desk.pin("low", "U9", "first there", include=True)
    desk.shop.clock.advance(1000)
    desk.pin("mid", "U9", "then there", include=True)
    desk.pin("rest", "U5", "for the rest", include=True)
    kept = desk.refresh()
    store = desk.workspace.store
    members = {n: {*store.contact_names(m).values()} for n, m in kept.items()}
    assert members == {
        "low": {"U2"},
        "mid": {"U0", "U1", "U3", "U4", "U9"},
        "rest": {"U5", "U6", "U7", "U8"},
    }
    found = proof(desk.workspace, "level").proof
    assert found.holds and [share.pinned for share in found.shares] == [4, 3, 3]
    out = lambda: desk.pin("rest", "U6", "out", include=False)  # noqa: E731
    assert code_of(out) == "pin.catch_all"


def test_pins_follow_merges_and_strangers_are_reported(desk: Desk) -> None:
    desk.write(hot="score >= 8")
    desk.apply()
    made = desk.pin("hot", "U2", "sister", include=True)
    assert (made.who, made.subject, made.known) == ("user:U2", "contact", True)
    rows = in_force(desk.workspace.moment(None)).pins
    lost = [row for row in rows if resolved(desk.workspace.store, [row], ()) == {}]
    assert lost == []
    stranger = msgspec.structs.replace(rows[0], id=2, who="user:gone")
    told: list[str] = []
    found = resolved(desk.workspace.store, [*rows, stranger], (), lambda row: told.append(row.who))
    assert told == ["user:gone"] and [*found] == ["hot"] and len(found["hot"]) == 1
    with desk.shop.engine.write() as workspace:
        at = {"ts": 2_000, "received_at": 2_000}
        load(
            workspace.store,
            [ContactFact(**at, message_id="x", contact="user:U1", also=("user:U2",), alias=True)],
        )
    (pin,) = resolved(desk.workspace.store, rows, ())["hot"]
    assert pin.subject == desk.workspace.store.contact_id("user:U1")


def test_people_and_accounts_are_pinned_by_their_names(desk: Desk) -> None:
    desk.file("big", "subject = 'account'\nwhere = 'employees > 40'\n")
    desk.file("reps", "subject = 'people'\nwhere = 'score > 2'\n")
    desk.apply()
    desk.pin("big", "acme", "soon", include=True)
    one = desk.pin("reps", "U0/acme", "too", include=True)
    assert (one.who, one.account) == ("user:U0", "acme")
    kept = desk.refresh()
    assert len(kept["big"]) == 2 and len(kept["reps"]) == 2
    assert code_of(lambda: desk.pin("big", "nobody", "x", include=True)) == "account.unknown"
    assert desk.unpin(one.id).removed_by == "editor@example.com"
    assert len(desk.refresh()["reps"]) == 1


def test_modes_count_in_the_plan(desk: Desk) -> None:
    """What a plan says of frozen and add-only segments is what a refresh makes of them."""
    for mode in ("static", "add_only"):
        desk.file(mode, f"mode = '{mode}'\nwhere = 'in segment \"base\"'\n")
    desk.write(base="score >= 5")
    desk.apply()
    assert {n: len(m) for n, m in desk.refresh().items()} == {"base": 5, "static": 5, "add_only": 5}
    desk.write(base="score < 2")
    plan = desk.plan()
    assert {n: (c.before, c.after) for n, c in changes(plan).items()} == {
        "base": (5, 2),
        "add_only": (5, 7),
    }
    assert "static" in plan.unchanged
    desk.shop.clock.advance(1000)
    desk.kept_as_planned(desk.apply(allow_size=plan.guarded).plan)
    assert len(read_memberships(desk.workspace.store.con)["static"]) == 5


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


def test_whom_a_pin_kept_out_comes_back_when_its_segment_goes(desk: Desk) -> None:
    desk.file("level", PARTITION.format(low=3))
    desk.apply()
    desk.pin("mid", "U0", "rather there", include=True)
    fewer = PARTITION.format(low=3).partition('[[partition.segment]]\nname = "mid"')[0]
    desk.file("level", fewer)
    plan = desk.plan()
    assert changes(plan)["low"].kind == "moved", "its rule is the same, and U0 comes back"
    assert {n: (c.before, c.after) for n, c in changes(plan).items()} == {
        "low": (2, 3),
        "mid": (4, None),
        "rest": (4, 7),
    }
    desk.kept_as_planned(desk.apply(allow_size=plan.guarded).plan)
    assert proof(desk.workspace, "level").proof.holds


def test_what_a_derived_trait_refers_to_is_not_removed(desk: Desk) -> None:
    desk.write(hot="score >= 8")
    desk.apply()
    folder = desk.shop.path / "traits"
    folder.mkdir()
    (folder / "warmth.toml").write_text(TRAIT, "utf-8")
    with pytest.raises(UsageError, match="a derived trait refers to it: “warmth”"):
        desk.remove("hot")
