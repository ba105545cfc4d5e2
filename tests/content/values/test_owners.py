"""owners.toml: read with its mistakes named and placed."""

from pathlib import Path

import pytest

from lettershop.content.owners import Owners, read_owners

SOUND = """
["mara.lind@example.com"]
name = "Mara Lind"
phone = "+49 30 1234567"

[kim]
name = "Kim"
email = "kim@example.com"
"""


def read(folder: Path, text: str) -> tuple[Owners, list[tuple[str, int]]]:
    (folder / "owners.toml").write_text(text, "utf-8")
    owners, findings = read_owners(folder)
    return owners, [(f.code, f.span.line if f.span else 0) for f in findings]


def test_owners_are_found_by_their_key_in_any_case(tmp_path: Path) -> None:
    owners, findings = read(tmp_path, SOUND)
    assert findings == []
    mara = owners.find(" MARA.Lind@Example.com ")
    assert mara is not None and mara["name"] == "Mara Lind"
    assert mara["email"] == "mara.lind@example.com"
    kim = owners.find("Kim")
    assert kim is not None and kim["email"] == "kim@example.com"
    assert owners.find("nobody") is None and owners.find(None) is None
    assert owners.fields() == {"key", "name", "phone", "email"}


def test_without_the_file_there_is_nobody(tmp_path: Path) -> None:
    assert read_owners(tmp_path) == (Owners(), [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[mara.lind@example.com]\nname = 1", [("owners.toml", 1)]),
        ('mara = "Mara"', [("owners.not_a_table", 1)]),
        ("[mara]\n\nphone = 12\nname = ' '", [("owners.not_text", 3), ("owners.not_text", 4)]),
        ('[mara]\nname = "a"\n[Mara]\nname = "b"', [("owners.key", 3)]),
        ('[" "]\nname = "a"', [("owners.key", 1)]),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, found: list[tuple[str, int]]) -> None:
    assert read(tmp_path, text)[1] == found


def test_other_files_are_refused_whole(tmp_path: Path) -> None:
    (tmp_path / "owners.toml").write_bytes(b'[mara]\nname = "\xff"')
    assert [f.code for f in read_owners(tmp_path)[1]] == ["owners.encoding"]
    (tmp_path / "owners.toml").write_bytes(b"# " + b"x" * 1024 * 1024)
    assert [f.code for f in read_owners(tmp_path)[1]] == ["owners.too_large"]
