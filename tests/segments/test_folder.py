"""What is said about definition files: every mistake has a code, a line and a column."""

from pathlib import Path

import pytest

from lettershop.language.tree import And, InSegment, Not
from lettershop.model.catalog import Catalog, EventInfo, FieldInfo
from lettershop.model.errors import Finding, InputError
from lettershop.segments.folder import Library, check_folder, load_folder

CATALOG = Catalog(
    contact={
        "title": FieldInfo(name="title", type="text", column="title", known=9),
        "score": FieldInfo(name="score", type="number", column="score", known=9),
    },
    account={"plan": FieldInfo(name="plan", type="text", column="plan", known=9)},
    events={"Signed In": EventInfo(name="Signed In", table="event_signed_in", rows=9)},
)


def load(folder: Path, files: dict[str, str], catalog: Catalog | None = None) -> Library:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return load_folder(folder, catalog, shown=Path("segments"))


def told(finding: Finding) -> str:
    span = finding.span
    place = f"{span.line}:{span.column}" if span else "-"
    return f"{finding.source.removeprefix('segments/')} {place} {finding.code}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("where = 'score >= 10'", []),
        ("where = 'score >= '", ["a.toml 1:18 language.incomplete"]),
        ("where = '''\nscore >= 10\nand scroe > 1'''", ["a.toml 3:5 field.unknown"]),
        ("where = 'did \"Signed in\"'", ["a.toml 1:14 event.unknown"]),
        ("titel = 'x'\nwhere = 'score > 1'", ["a.toml 1:1 definition.unknown_key"]),
        ("title = 3\nwhere = 'score > 1'", ["a.toml 1:1 definition.wrong_type"]),
        ("mode = 'dynamik'\nwhere = 'score > 1'", ["a.toml 1:1 definition.unknown_value"]),
        ("title = 'no condition'", ["a.toml 1:1 definition.missing"]),
        ("", ["a.toml 1:1 definition.empty"]),
        ("# only a comment", ["a.toml 1:1 definition.empty"]),
        ("where = ", ["a.toml 1:9 definition.toml"]),
        ("where = 'a'\nwhere = 'b'", ["a.toml 2:12 definition.toml"]),
        ('where = "did "Signed In""', ["a.toml 1:15 definition.toml"]),
        ("\udcff\udcfe", ["a.toml - definition.encoding"]),
        ("name = ''\nwhere = 'score > 1'", ["a.toml 1:1 definition.name"]),
        ("name = \"a\\nb\"\nwhere = 'score > 1'", ["a.toml 1:1 definition.name"]),
        (f"name = '{'n' * 101}'\nwhere = 'score > 1'", ["a.toml 1:1 definition.name"]),
        ("where = 'in segment \"b\"'", ["a.toml 1:21 segment.unknown"]),
        ("where = 'in segment \"a\"'", ["a.toml 1:21 segment.cycle"]),
        (
            "mode = 'static'\n[[segment]]\nname = 'b'\nwhere = 'score > 1'",
            ["a.toml 1:1 definition.outside"],
        ),
        ("segment = 'x'", ["a.toml 1:1 definition.wrong_type"]),
        ("[[segment]]\nwhere = 'score > 1'", ["a.toml 1:1 definition.missing"]),
        ("[[partition]]\nname = 'p'\ncatch_all = 'c'", ["a.toml 1:1 definition.missing"]),
        (
            "[[partition]]\nname = 'p'\n[[partition.segment]]\nname = 'a'\nwhere = 'score > 1'",
            ["a.toml 1:1 definition.missing"],
        ),
        (
            "[[partition]]\nname = 'p'\ncatch_all = 'c'\n"
            "[[partition.segment]]\nname = 'a'\nmode = 'static'\nwhere = 'score > 1'",
            ["a.toml 6:1 definition.unknown_key"],
        ),
        ("x = " + "[" * 3000 + "]" * 3000, ["a.toml - definition.toml"]),
    ],
)
def test_mistakes(tmp_path: Path, text: str, expected: list[str]) -> None:
    library = load(tmp_path, {"a.toml": text}, CATALOG)
    assert [told(f) for f in library.findings] == expected


def test_all_files_are_told_about_at_once_and_in_order(tmp_path: Path) -> None:
    library = load(
        tmp_path,
        {
            "b.toml": "where = 'scroe > 1 and titel = \"x\"'",
            "a.toml": "where = ",
            "c/d.toml": "modus = 'static'\nwhere = 'score > 1'",
            ".hidden/e.toml": "where = ",
            "notes.txt": "where = ",
        },
        CATALOG,
    )
    assert [told(f) for f in library.findings] == [
        "a.toml 1:9 definition.toml",
        "b.toml 1:10 field.unknown",
        "b.toml 1:24 field.unknown",
        "c/d.toml 1:1 definition.unknown_key",
    ]


def test_a_hint_names_what_was_meant(tmp_path: Path) -> None:
    library = load(tmp_path, {"a.toml": "wheer = 'score > 1'\nwhere = 'score > 1'"})
    assert "where" in library.findings[0].hint
    library = load(tmp_path, {"a.toml": "where = 'in segment \"VIP\"'", "VIPs.toml": "where='a=1'"})
    assert "VIPs" in library.findings[0].hint


def test_twins_are_told_both_places(tmp_path: Path) -> None:
    text = "[[segment]]\nname = 'x'\nwhere = 'score > 1'\n"
    library = load(tmp_path, {"a.toml": text, "b.toml": "\n" + text})
    assert [told(f) for f in library.findings] == [
        "a.toml 2:1 definition.duplicate",
        "b.toml 3:1 definition.duplicate",
    ]
    assert "b.toml:3" in library.findings[0].message
    assert "a.toml:2" in library.findings[1].message
    assert library.definitions == ()


def test_order_follows_references_and_diamonds_are_fine(tmp_path: Path) -> None:
    library = load(
        tmp_path,
        {
            "a.toml": 'where = \'in segment "b" and in segment "c"\'',
            "b.toml": "where = 'in segment \"d\"'",
            "c.toml": "where = 'not in segment \"d\"'",
            "d.toml": "where = 'score > 1'",
        },
    )
    assert library.findings == ()
    names = [d.name for d in library.definitions]
    assert sorted(names) == ["a", "b", "c", "d"]
    assert names[0] == "d" and names[-1] == "a"
    assert {d.name for d in library.needed(["b"])} == {"b", "d"}


def test_a_cycle_is_refused_with_its_path_and_breaks_who_needs_it(tmp_path: Path) -> None:
    library = load(
        tmp_path,
        {
            "a.toml": "where = 'score > 1 or in segment \"b\"'",
            "b.toml": "where = 'in segment \"c\"'",
            "c.toml": "where = 'in segment \"a\"'",
            "outer.toml": "where = 'in segment \"a\"'",
            "fine.toml": "where = 'score > 1'",
        },
    )
    assert [told(f) for f in library.findings] == ["a.toml 1:34 segment.cycle"]
    assert "a → b → c → a" in library.findings[0].message
    assert [d.name for d in library.definitions] == ["fine"]
    assert set(library.broken) == {"a", "b", "c", "outer"}


def test_a_very_long_chain_of_references(tmp_path: Path) -> None:
    chain = [
        f"[[segment]]\nname = 's{n}'\nwhere = 'in segment \"s{n + 1}\"'\n" for n in range(3000)
    ]
    last = "[[segment]]\nname = 's3000'\nwhere = 'score > 1'\n"
    library = load(tmp_path, {"a.toml": "".join([*chain, last])})
    assert library.findings == ()
    assert [library.definitions[0].name, library.definitions[-1].name] == ["s3000", "s0"]


def test_a_wrong_subject_is_refused(tmp_path: Path) -> None:
    files = {
        "acc.toml": "subject = 'account'\nwhere = 'plan = \"pro\"'",
        "con.toml": "where = 'in segment \"acc\"'",
    }
    findings = load(tmp_path, files, CATALOG).findings
    assert [f.level for f in findings] == ["error"]
    assert findings[0].source == "segments/con.toml"


PARTITION = """
[[partition]]
name = "size"
title = "Size"
catch_all = "rest"
catch_all_title = "The rest"

[[partition.segment]]
name = "low"
title = "Low"
where = 'score < 10'

[[partition.segment]]
name = "middle"
where = 'score < 50'
"""


def test_members_of_a_partition_exclude_the_earlier_ones(tmp_path: Path) -> None:
    library = load(tmp_path, {"p.toml": PARTITION}, CATALOG)
    assert library.findings == ()
    by_name = {d.name: d for d in library.definitions}
    middle, rest = by_name["middle"].where, by_name["rest"].where
    assert isinstance(middle, And) and middle.parts[1:] == (Not(InSegment("low")),)
    assert rest == And((Not(InSegment("low")), Not(InSegment("middle"))))
    assert by_name["middle"].text == "score < 50"
    assert [d.partition for d in library.definitions] == ["size"] * 3
    assert by_name["rest"].title == "The rest"
    assert library.partitions[0].members == ("low", "middle", "rest")


def test_a_partition_is_sound_as_a_whole_or_not_at_all(tmp_path: Path) -> None:
    text = PARTITION.replace("'score < 50'", "'scroe < 50'")
    library = load(tmp_path, {"p.toml": text}, CATALOG)
    assert [told(f) for f in library.findings] == ["p.toml 15:10 field.unknown"]
    assert library.definitions == ()


def test_one_file_can_be_checked_alone_and_an_absent_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("where = 'scroe > 1'", "utf-8")
    assert [f.code for f in check_folder(tmp_path / "a.toml", CATALOG)] == ["field.unknown"]
    with pytest.raises(InputError, match="no such file"):
        check_folder(tmp_path / "b.toml", CATALOG)


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"# " + b"x" * 5_000_000)
    assert [f.code for f in check_folder(tmp_path, None)] == ["definition.too_large"]


def test_windows_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = "\ufefftitle = 'x'\r\nwhere = '''\r\nscore > 1\r\nand scroe > 1'''\r\n"
    library = load(tmp_path, {"a.toml": text}, CATALOG)
    assert [told(f) for f in library.findings] == ["a.toml 4:5 field.unknown"]
