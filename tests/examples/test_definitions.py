"""The examples without their data: everything in them is sound, and the READMEs list it."""

from pathlib import Path

import pytest
from examples.shops import ROOT, told_sizes

from lettershop.ingest.mapping_text import check_mapping
from lettershop.segments.folder import load_folder

EXAMPLES = ROOT / "examples"
MAPPINGS = sorted(EXAMPLES.glob("*/*.toml"))


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_mapping_is_sound(path: Path) -> None:
    mapping, findings = check_mapping(path.read_text("utf-8"), path.name)
    assert findings == []
    assert mapping is not None


@pytest.mark.parametrize("example", ["maventech", "online-retail"])
def test_definitions_are_sound_and_in_the_table(example: str) -> None:
    library = load_folder(EXAMPLES / example / "segments")
    assert [f for f in library.findings if f.level != "info"] == []
    assert [*told_sizes(example)] == [*library.items]
    assert [name for name, item in library.items.items() if not item.definition.title] == []
