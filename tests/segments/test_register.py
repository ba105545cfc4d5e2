"""What is in force: versions, partitions and pins, switched all at once, on both databases."""

import threading
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from lettershop.language import parse
from lettershop.language.definition import Definition
from lettershop.model.errors import (
    DefinitionError,
    LettershopError,
    NotFound,
    UsageError,
    WorkspaceError,
)
from lettershop.segments import pins, register, versions
from lettershop.segments.folder import Library, load_folder
from lettershop.segments.models import Version
from lettershop.segments.versions import Signed, Switch
from lettershop.segments.world import Proposal, from_library, judge, placed, propose

pytestmark = pytest.mark.usefixtures("register")
NOON = 1_767_268_800_000
EVA = Signed("eva@example.com", NOON, "spring")
PARTITION = """
[[partition]]
name = "{name}"
subject = "account"
catch_all = "rest"
{members}
"""
MEMBER = '[[partition.segment]]\nname = "{}"\nwhere = "{}"\n'


def later(minutes: int, note: str = "") -> Signed:
    return Signed("ben@example.com", NOON + minutes * 60_000, note)


def definition(name: str, text: str, **said: str) -> Definition:
    where = parse(text).tree
    return Definition(**{"subject": "contact", "text": text} | said, name=name, where=where)  # type: ignore[arg-type]


def put_in_force(*definitions: Definition, by: Signed = EVA) -> dict[str, int]:
    now = register.in_force(by.at)
    proposal = propose(now, {d.name: d for d in definitions})
    return switch(proposal, by)


def switch(
    proposal: Proposal, by: Signed = EVA, drafts: dict[str, int] | None = None
) -> dict[str, int]:
    judge(proposal, None)
    names = {*proposal.new, *proposal.changed, *(drafts or {})}
    return versions.publish(
        Switch(
            revision=proposal.now.revision,
            changed={name: proposal.after[name] for name in sorted(names)},
            drafts=drafts or {},
            described={name: proposal.after[name] for name in proposal.described},
            removed=proposal.removed,
            partitions=proposal.partitions,
        ),
        by,
    )


def library(folder: Path, **files: str) -> Library:
    for path in folder.glob("*.toml"):
        path.unlink()
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    found = load_folder(folder)
    assert found.findings == ()
    return found


def family(**members: str) -> str:
    shown = "".join(MEMBER.format(*member) for member in members.items())
    return PARTITION.format(name="size", members=shown)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "segments"
    made.mkdir()
    return made


def in_force() -> dict[str, int]:
    return {p.name: p.version for p in register.published()}


def test_what_is_published_comes_back_as_it_was() -> None:
    hot = definition("hot", "score >= 8", title="Hot", mode="add_only", source="segments/hot.toml")
    rest = definition("rest", 'not in segment "hot"')
    assert put_in_force(rest, hot) == {"hot": 1, "rest": 1}
    found = register.published()
    assert [p.definition for p in found] == [hot, rest], "each after all it refers to"
    assert {p.published_at for p in found} == {NOON} and register.revision() == 1
    row = register.version("hot", 1)
    assert (row.state, row.author, row.note) == ("published", "eva@example.com", "spring")


def test_a_new_version_retires_the_old_one_which_stays_readable() -> None:
    put_in_force(definition("hot", "score >= 8"))
    assert put_in_force(definition("hot", "score >= 9"), by=later(5)) == {"hot": 2}
    two, one = register.versions("hot")
    assert (two.number, two.state, one.state) == (2, "published", "retired")
    assert one.definition.text == "score >= 8" and one.retired_at == two.published_at
    assert in_force() == {"hot": 2} and register.revision() == 2


def test_other_words_keep_the_version() -> None:
    put_in_force(definition("hot", "score >= 8"))
    said = definition("hot", "score  >=  8", title="The hot ones", source="other.toml")
    proposal = propose(register.in_force(NOON), {"hot": said})
    assert (proposal.described, proposal.changed, proposal.moved) == (("hot",), (), ())
    assert switch(proposal) == {}
    (published,) = register.published()
    assert (published.version, published.definition) == (1, said)
    assert propose(register.in_force(NOON), {"hot": said}).empty


@pytest.mark.parametrize("other", [{"mode": "static"}, {"subject": "account"}])
def test_another_mode_or_subject_is_a_change(other: dict[str, str]) -> None:
    put_in_force(definition("all", "everyone"))
    proposal = propose(register.in_force(NOON), {"all": definition("all", "everyone", **other)})
    assert proposal.changed == ("all",)
    assert switch(proposal) == {"all": 2}


def test_drafts_are_numbered_and_published_or_forgotten() -> None:
    put_in_force(definition("hot", "score >= 8"))
    assert versions.draft(definition("hot", "score >= 7"), EVA).number == 2
    assert versions.draft(definition("hot", "score >= 6"), later(1)).number == 3
    assert in_force() == {"hot": 1} and register.revision() == 1
    assert versions.discard("hot", 3).definition.text == "score >= 6"
    assert versions.draft(definition("hot", "score >= 5"), later(2)).number == 4, "never again 3"
    wanted = register.version("hot", 2).definition
    proposal = propose(register.in_force(NOON), {"hot": wanted})
    assert switch(proposal, later(3), drafts={"hot": 2}) == {"hot": 2}
    assert [v.state for v in register.versions("hot")] == ["draft", "published", "retired"]
    for number, code in ((2, "version.not_draft"), (3, "version.unknown")):
        with pytest.raises(LettershopError) as refused:
            versions.discard("hot", number)
        assert refused.value.code == code


def test_a_switch_thought_out_for_another_revision_changes_nothing() -> None:
    put_in_force(definition("hot", "score >= 8"))
    stale = propose(register.in_force(NOON), {"hot": definition("hot", "score >= 1")})
    put_in_force(definition("cold", "score < 2"))
    with pytest.raises(WorkspaceError) as refused:
        switch(stale)
    assert refused.value.code == "register.changed"
    assert in_force() == {"hot": 1, "cold": 1}


def test_all_or_nothing() -> None:
    put_in_force(definition("hot", "score >= 8"))
    proposal = propose(
        register.in_force(NOON),
        {"cold": definition("cold", "score < 2"), "hot": definition("hot", "score > 8")},
    )
    with pytest.raises(NotFound):
        switch(proposal, drafts={"hot": 77})
    assert in_force() == {"hot": 1} and register.revision() == 1


def test_the_database_itself_keeps_one_version_in_force() -> None:
    put_in_force(definition("hot", "score >= 8"))
    versions.draft(definition("hot", "score >= 7"), EVA)
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(number=2).update(state="published")


def test_of_two_at_the_same_moment_one_is_told_to_look_again() -> None:
    put_in_force(definition("hot", "score >= 8"))
    now = register.in_force(NOON)
    said: list[object] = []

    def work(text: str) -> None:
        try:
            said.append(switch(propose(now, {"hot": definition("hot", text)})))
        except WorkspaceError as error:
            said.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(f"score >= {n}",)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, said)) == ["register.changed", "{'hot': 2}"]


# --- what does not fit together -----------------------------------------------------------------


def refusal(proposal: Proposal) -> LettershopError:
    with pytest.raises(LettershopError) as refused:
        judge(proposal, None)
    return refused.value


def test_what_others_refer_to_is_not_removed() -> None:
    put_in_force(
        definition("hot", "score >= 8"),
        definition("rest", 'not in segment "hot"'),
        definition("new", 'entered segment "hot" within last 7 days'),
    )
    now = register.in_force(NOON)
    told = refusal(propose(now, {}, removed=["hot"]))
    assert told.code == "segment.referenced"
    assert told.message == "“hot” cannot be removed: “new”, “rest” refer to it"
    assert "“new” refers to it" in refusal(propose(now, {}, removed=["hot", "rest"])).message
    assert switch(propose(now, {}, removed=["hot", "rest", "new"])) == {}
    assert in_force() == {} and register.versions("hot")[0].state == "retired"
    assert put_in_force(definition("hot", "score >= 8")) == {"hot": 2}, (
        "back, under its next number"
    )


def test_unknown_references_circles_and_reserved_names_are_refused() -> None:
    put_in_force(definition("a", "score >= 8"), definition("b", 'in segment "a"'))
    now = register.in_force(NOON)
    stranger = refusal(propose(now, {"c": definition("c", 'in segment "nobody"')}))
    assert isinstance(stranger, DefinitionError)
    assert stranger.findings[0].message == "“c” refers to “nobody”, and there is no such segment"
    circle = refusal(propose(now, {"a": definition("a", 'score > 1 or in segment "b"')}))
    assert circle.code == "segment.cycle" and "a → b → a" in circle.message
    own = refusal(propose(now, {"trait:x/1": definition("trait:x/1", "score > 1")}))
    assert own.code == "segment.reserved"


def test_an_edit_of_a_partition_switches_all_of_it(folder: Path) -> None:
    first = library(folder, size=family(solo="employees = 1", small="employees < 10"))
    proposal = from_library(register.in_force(NOON), first, prune=False)
    assert switch(proposal) == {"rest": 1, "small": 1, "solo": 1}
    edited = library(
        folder, size=family(small="employees < 10", mid="employees < 99", solo="employees = 1")
    )
    proposal = from_library(register.in_force(NOON), edited, prune=False)
    assert proposal.new == ("mid",)
    assert {*proposal.changed} == {"solo", "small", "rest"}, "what comes before them is different"
    numbers = switch(proposal, later(1))
    assert numbers == {"mid": 1, "rest": 2, "small": 2, "solo": 2}
    (size,) = register.partitions()
    assert size.members == ("small", "mid", "solo", "rest")
    assert {p.published_at for p in register.published()} == {NOON + 60_000}


def test_what_a_partition_no_longer_has_goes_with_the_edit(folder: Path) -> None:
    first = library(folder, size=family(solo="employees = 1", small="employees < 10"))
    switch(from_library(register.in_force(NOON), first, prune=False))
    fewer = library(folder, size=family(small="employees < 10"), other="where = 'score > 3'")
    proposal = from_library(register.in_force(NOON), fewer, prune=False)
    assert (proposal.removed, proposal.kept) == (("solo",), ())
    switch(proposal)
    alone = library(folder, small="where = 'employees < 10'\nsubject = 'account'")
    kept = from_library(register.in_force(NOON), alone, prune=False)
    assert refusal(kept).code == "partition.broken"
    pruned = from_library(register.in_force(NOON), alone, prune=True)
    assert {*pruned.removed} == {"rest", "other"} and pruned.partitions == ()
    assert switch(pruned) == {}, "the first of a partition has no exclusions: same meaning"
    assert in_force() == {"small": 2}
    assert not (in_partition := register.in_force(NOON).partition_of("small")), in_partition


def test_only_the_folder_is_compared_and_the_rest_is_kept(folder: Path) -> None:
    put_in_force(definition("ours", "score > 1"), definition("theirs", "score > 2"))
    found = library(folder, ours="where = 'score > 1'")
    proposal = from_library(register.in_force(NOON), found, prune=False)
    assert (proposal.kept, proposal.removed) == (("theirs",), ())
    assert from_library(register.in_force(NOON), found, prune=True).removed == ("theirs",)


def test_a_draft_of_a_partition_member_keeps_its_place(folder: Path) -> None:
    first = library(folder, size=family(solo="employees = 1", small="employees < 10"))
    switch(from_library(register.in_force(NOON), first, prune=False))
    now = register.in_force(NOON)
    own = definition("small", "employees < 20", subject="account")
    assert placed(now, own).where == parse('employees < 20 and not in segment "solo"').tree
    for wrong, code in (
        (definition("rest", "employees > 1", subject="account"), "partition.catch_all"),
        (definition("small", "score > 1"), "partition.member"),
        (
            definition("small", "employees > 1", subject="account", mode="static"),
            "partition.member",
        ),
    ):
        with pytest.raises(UsageError) as refused:
            placed(now, wrong)
        assert refused.value.code == code
    assert refusal(propose(now, {}, removed=["solo"])).code in (
        "segment.referenced",
        "partition.broken",
    )


# --- pins ---------------------------------------------------------------------------------------


def pin(
    segment: str, who: str, minute: int = 0, *, include: bool = True, ends: int | None = None
) -> int:
    at = later(minute, "because")
    expires = None if ends is None else NOON + ends * 60_000
    return pins.add_pin(segment, who, "", include=include, by=at, expires_at=expires).id


def pinned(minute: int) -> list[tuple[str, str, bool]]:
    found = register.pins(NOON + minute * 60_000)
    return [(row.segment, row.who, row.include) for row in found]


def test_pins_come_end_and_are_counted() -> None:
    put_in_force(definition("hot", "score >= 8"))
    first = pin("hot", "user:U1", ends=10)
    pin("hot", "user:U2", include=False)
    assert register.revision() == 3
    assert pinned(9) == [("hot", "user:U1", True), ("hot", "user:U2", False)]
    assert register.next_end(NOON) == NOON + 600_000
    assert pinned(10) == [("hot", "user:U2", False)] and register.next_end(NOON + 600_000) is None
    (row, _) = pins.list_pins(NOON, "hot")
    assert (row.author, row.reason, row.subject) == ("ben@example.com", "because", "contact")
    pins.remove_pin(first, later(5))
    assert pinned(6) == [("hot", "user:U2", False)]
    ended = pins.list_pins(NOON, ended=True)[0]
    assert (ended.removed_at, ended.removed_by) == (NOON + 300_000, "ben@example.com")


def test_a_pin_takes_the_place_of_the_one_before() -> None:
    put_in_force(definition("hot", "score >= 8"), definition("cold", "score < 2"))
    pin("hot", "user:U1")
    pin("cold", "user:U1")
    pin("hot", "user:U1", 1, include=False)
    assert pinned(2) == [("cold", "user:U1", True), ("hot", "user:U1", False)]


def test_pins_that_cannot_be() -> None:
    put_in_force(definition("hot", "score >= 8"))
    versions.draft(definition("only-a-draft", "score >= 8"), EVA)
    for name, by, expires, code in (
        ("hot", Signed("eva", NOON, "  "), None, "pin.reason"),
        ("hot", Signed("eva", NOON, "a\0b"), None, "text.unwritable"),
        ("hot", Signed("eva", NOON, "why"), NOON, "pin.expired"),
        ("nobody", Signed("eva", NOON, "why"), None, "segment.unknown"),
        ("only-a-draft", Signed("eva", NOON, "why"), None, "segment.unknown"),
        ("\0", Signed("eva", NOON, "why"), None, "segment.unknown"),
    ):
        with pytest.raises(LettershopError) as refused:
            pins.add_pin(name, "user:U1", "", include=True, by=by, expires_at=expires)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        pins.remove_pin(99, EVA)
    assert register.revision() == 1


def test_pins_end_with_their_segment_and_when_it_becomes_one_of_something_else() -> None:
    put_in_force(definition("hot", "score >= 8"), definition("all", "everyone"))
    pin("hot", "user:U1")
    pin("all", "user:U1")
    put_in_force(definition("hot", "score >= 7"))
    assert len(pinned(1)) == 2, "a new version keeps them"
    put_in_force(definition("all", "everyone", subject="account"))
    assert pinned(1) == [("hot", "user:U1", True)]
    switch(propose(register.in_force(NOON), {}, removed=["hot"]))
    put_in_force(definition("hot", "score >= 7"))
    assert pinned(1) == []
