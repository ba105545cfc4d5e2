"""The documents are true: links lead somewhere, examples parse, commands exist, pages are fresh."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from lettershop.language import parse, render, sentence
from tools import reference
from tools.reference_commands import commands, fault
from tools.reference_language import kinds_without_example

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
BLOCK = re.compile(r"^( *)```(\w+)[^\n]*\n(.*?)^\1```$", re.M | re.S)
PROGRAMS = {"source", "lettershop", "make", "cd", "git", "cat", "head", ".venv/bin/python"}


class Block(NamedTuple):
    page: str
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text.splitlines()[0] if self.text else ''}"


def blocks(language: str) -> list[Block]:
    return [
        Block(str(page.relative_to(ROOT)), found.group(2), found.group(3))
        for page in PAGES
        for found in BLOCK.finditer(page.read_text("utf-8"))
        if found.group(2) == language
    ]


def links(text: str) -> Iterator[str]:
    """Targets of Markdown links outside of code."""
    prose = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", text))
    yield from re.findall(r"\]\(([^)\s]+)\)", prose)


def anchors(text: str) -> set[str]:
    """The names the headings of a page can be linked by."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text), re.M)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            broken.append(link)
    assert broken == []


def console_lines() -> list[tuple[str, str]]:
    """(page, command) of every line that begins with `$ ` in a console block."""
    return [
        (block.page, line[2:])
        for block in blocks("console")
        for line in block.text.replace("\\\n", " ").splitlines()
        if line.startswith("$ ")
    ]


def make_targets() -> set[str]:
    return set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.M))


@pytest.mark.parametrize(("page", "line"), console_lines())
def test_commands_in_documents_exist(page: str, line: str) -> None:
    for command in re.split(r" && | \| (?=[a-z]+\b)", line):
        program, *rest = command.split()
        assert program in PROGRAMS
        if program == "make":
            assert {w for w in rest if "=" not in w and not w.startswith("-")} <= make_targets()
        if program == "lettershop":
            assert fault(command) is None


def test_wrong_commands_are_really_found() -> None:
    assert fault("lettershop segmant list")
    assert fault("lettershop segment list --no-such-option")
    assert fault("lettershop segment list") is None


def test_every_command_says_what_it_does() -> None:
    silent = [c.words for c in commands() if len(c.help) < 20]
    assert silent == []
    mute = [(c.words, p.name) for c in commands() for p in c.parameters if not p.help]
    assert mute == []


def segment_texts() -> list[tuple[str, str]]:
    """(page, text) of everything in segment blocks; blank lines stand between several."""
    return [(b.page, text) for b in blocks("segment") for text in b.text.strip().split("\n\n")]


@pytest.mark.parametrize(("page", "text"), segment_texts())
def test_segments_in_documents_parse(page: str, text: str) -> None:
    tree = parse(text).tree
    assert parse(render(tree)).tree == tree


def test_the_sentence_in_the_readme_is_the_one_lettershop_says() -> None:
    (text,) = (text for page, text in segment_texts() if page == "README.md")
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"> {sentence(parse(text).tree, 'contact')}\n" in readme


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_toml_in_documents_is_toml(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", blocks("json"), ids=str)
def test_json_in_documents_is_json(block: Block) -> None:
    assert json.loads(block.text) is not None


@pytest.mark.parametrize("block", blocks("python"), ids=str)
def test_python_in_documents_is_python(block: Block) -> None:
    assert ast.parse(block.text).body


def test_every_kind_of_condition_has_an_example() -> None:
    assert kinds_without_example() == set()


def test_generated_pages_are_fresh() -> None:
    assert sorted(reference.stale()) == [], "run `make docs`"


def test_glossary_is_in_alphabetical_order_with_one_entry_per_word() -> None:
    words = re.findall(r"^\| \*\*(.+?)\*\* \|", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.M)
    assert len(words) > 40
    assert words == sorted(words, key=lambda w: w.lower().replace("-", " "))
    assert len(set(words)) == len(words)


def test_changelog_has_a_place_for_what_is_next() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == "[Unreleased]"


def test_decisions_are_all_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(links((folder / "README.md").read_text("utf-8")))
    notes = {p.name for p in folder.glob("0*.md")}
    assert notes <= listed
    assert [n for n in notes if not (folder / n).read_text("utf-8").startswith(f"# {n[:4]} ")] == []
