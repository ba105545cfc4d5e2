"""Files become templates: names, languages, text parts, and what does not belong together."""

import os
from pathlib import Path

import pytest

from lettershop.content.folder import LIMIT, Shelf, load_templates, template_files, templates_of
from lettershop.content.models import NAME
from lettershop.content.reading import NAME_LIMIT
from lettershop.content.template import Fallback
from lettershop.model.errors import DefinitionError, NotFound

LETTER = "+++\nsubject = '{}'\n+++\n<p>{}</p>\n"
HI = LETTER.format("Hi", "Hi")


def write(folder: Path, files: dict[str, str | bytes]) -> Shelf:
    for name, said in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(said.encode() if isinstance(said, str) else said)
    return load_templates(folder, shown=Path("content"))


def codes(shelf: Shelf) -> list[str]:
    return [f"{f.source.removeprefix('content/')} {f.code}" for f in shelf.findings]


def test_a_letter_in_three_languages() -> None:
    shared = "+++\nsubject = 'Hi'\n[missing]\na = 'x'\nb = 'y'\n+++\nHi"
    german = "+++\nsubject = 'Hallo'\npreheader = 'Neu'\n[missing]\nb = 'z'\n+++\nHallo"
    files = {
        "x/hi.mjml": shared,
        "x/hi.txt": "Hi as text",
        "x/hi.de.html": german,
        "x/hi.de.txt": "Hallo als Text",
        "x/hi.pt_br.mjml": LETTER.format("Oi", "Oi"),
    }
    shelf = templates_of(files)
    (template,) = shelf.templates
    assert template.name == "x/hi" and shelf.findings == () and template.files == files
    default, german_one, brazilian = template.variants
    assert (default.language, default.text, default.source) == (
        "",
        "Hi as text",
        "content/x/hi.mjml",
    )
    assert (german_one.language, german_one.markup, german_one.preheader) == ("de", "html", "Neu")
    assert german_one.text_source == "content/x/hi.de.txt"
    assert german_one.missing == {"a": Fallback("x"), "b": Fallback("z")}
    assert (brazilian.language, brazilian.text, brazilian.preheader) == ("pt-BR", None, "")
    assert template.variant("de-AT") is german_one and template.variant("fr") is default


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a.mjml": HI, "b/a.mjml": HI}, []),
        ({"a.mjml": HI, "a.html": HI}, ["a.html", "a.mjml"]),
        ({"a.mjml": HI, "a.de.mjml": HI, "a.DE.html": HI}, ["a.DE.html", "a.de.mjml"]),
        ({"a.txt": "text"}, ["a.txt template.text_alone"]),
        ({"a.mjml": HI, "a.de.txt": "text"}, ["a.de.txt template.text_alone"]),
        ({"a.mjml": HI, "a.txt": " \n"}, ["a.txt template.empty"]),
        ({"a.mjml": HI, "a.txt": HI}, ["a.txt template.text_front_matter"]),
        ({"a.de.mjml": HI}, ["a.de.mjml template.no_default"]),
        ({"a.mjml": HI, "a.v2.mjml": HI}, ["a.v2.mjml template.language"]),
        ({"a.mjml": HI, "a.b.de.mjml": HI}, ["a.b.de.mjml template.language"]),
        ({f"{'n' * 101}.mjml": HI}, [f"{'n' * 101}.mjml template.name"]),
        ({" a.mjml": HI}, [" a.mjml template.name"]),
        ({"a.mjml": HI, "b.mjml": "x"}, ["b.mjml template.no_front_matter"]),
        ({"a.mjml": "x\0"}, ["a.mjml template.characters"]),
        ({"a.mjml": "x\ud800"}, ["a.mjml template.characters"]),
        (
            {"a.mjml": HI, "a.de.mjml": "+++\nsubject = 'x'\nstream = 'marketing'\n+++\nx"},
            ["a.de.mjml template.shared_key"],
        ),
        (
            {"a.mjml": "+++\nsubject = 'x'\n[languages]\ngsw = 'de'\n+++\nx"},
            ["a.mjml template.no_variant"],
        ),
    ],
)
def test_files_that_do_not_fit_together(files: dict[str, str], expected: list[str]) -> None:
    wanted = [one if " template" in one else f"{one} template.duplicate" for one in expected]
    assert codes(templates_of(files)) == wanted


def test_what_is_sound_is_there_beside_what_is_broken() -> None:
    shelf = templates_of({"good.mjml": HI, "bad.mjml": "x", "bad.de.mjml": HI})
    assert shelf.named("good").name == "good" and not shelf.sound
    with pytest.raises(DefinitionError) as refused:
        shelf.named("bad")
    assert [f.code for f in refused.value.findings] == ["template.no_front_matter"]
    with pytest.raises(NotFound, match="there is no template “goods”") as unknown:
        shelf.named("goods")
    assert unknown.value.hint == "did you mean “good”?"


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.mjml": HI,
        "logo.png": b"\xff\xd8",
        "README.md": "about",
        "golden/a/1.html": "<p>a class</p>",
        "golden/a/1.txt": "a class",
        ".draft.mjml": "x",
        ".git/x.mjml": "x",
        "deep/golden/b.mjml": HI,
    }
    shelf = write(tmp_path, files)
    assert [t.name for t in shelf.templates] == ["a", "deep/golden/b"] and shelf.findings == ()
    assert [*template_files(tmp_path)] == ["a.mjml", "deep/golden/b.mjml"]
    assert load_templates(tmp_path / "absent") == Shelf() and template_files(tmp_path / "no") == {}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    large = HI + "x" * LIMIT
    shelf = write(tmp_path, {"l.mjml": b"+++\n\xff", "large.mjml": large, "ok.mjml": HI})
    (tmp_path / "odd.mjml").mkdir()
    assert codes(shelf) == ["l.mjml template.encoding", "large.mjml template.too_large"]
    assert codes(templates_of({"large.mjml": large})) == ["large.mjml template.too_large"]
    with pytest.raises(DefinitionError) as refused:
        template_files(tmp_path)
    assert len(refused.value.findings) == 2


def test_links_do_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder, outside = tmp_path / "content", tmp_path / "secret.mjml"
    outside.write_text(HI, "utf-8")
    write(folder, {"a.mjml": HI, "sub/b.mjml": HI})
    os.symlink(outside, folder / "out.mjml")
    os.symlink(folder / "a.mjml", folder / "in.mjml")
    os.symlink(folder / "gone.mjml", folder / "gone2.mjml")
    os.symlink(folder / "round.mjml", folder / "round.mjml")
    os.symlink(tmp_path, folder / "up")
    shelf = load_templates(folder, shown=Path("content"))
    assert codes(shelf) == [
        "gone2.mjml template.unreadable",
        "out.mjml template.link",
        "round.mjml template.unreadable",
        "up template.link",
    ]
    assert [t.name for t in shelf.templates] == ["a", "in", "sub/b"]


def test_the_digest_changes_with_every_file() -> None:
    files = {"a.mjml": HI, "a.txt": "text"}
    digest = templates_of(files).named("a").digest
    assert digest == templates_of(dict(reversed(files.items()))).named("a").digest
    for changed in ({"a.txt": "text "}, {"a.mjml": HI + " "}, {"a.de.mjml": HI}):
        assert templates_of(files | changed).named("a").digest != digest
    renamed = {"b.mjml": HI, "b.txt": "text"}
    assert templates_of(renamed).named("b").digest != digest


def test_names_are_as_long_as_the_records_keep() -> None:
    assert NAME_LIMIT == NAME


def test_what_a_file_says_is_found_by_the_name_findings_use(tmp_path: Path) -> None:
    write(tmp_path, {"x/a.html": HI, "x/a.de.html": LETTER.format("Hallo", "x")})
    for shown in (Path("content"), tmp_path, Path()):
        template = load_templates(tmp_path, shown=shown).named("x/a")
        assert template.said(template.variants[0].source) == HI
        assert "Hallo" in template.said(template.variants[1].source)
        assert template.said("content/y/a.html") == "" == template.said("a.html")
