"""Files of templates: two people edit one, one of them is told; what was there can be put back."""

import os
from pathlib import Path

import pytest
from opened_shop import Shop

from lettershop.access.models import AuditEntry
from lettershop.app.letter_files import (
    BEFORE,
    NO_FILE,
    files_of,
    for_language,
    put_back,
    read_file,
    write_file,
)
from lettershop.model.errors import DefinitionError, InputError, LettershopError, WorkspaceError

LETTER = '+++\nsubject = "Hi"\n+++\n<html lang="en"><body><p>Hello</p></body></html>\n'


def code(error: pytest.ExceptionInfo[LettershopError]) -> str:
    return error.value.code


def test_a_file_is_written_changed_and_put_back(shop: Shop) -> None:
    by = shop.principal("editor")
    new = write_file(shop.path, "spring/offer.mjml", LETTER, NO_FILE, by)
    changed = write_file(shop.path, "spring/offer.mjml", LETTER + "more\r\n", new.after, by)
    file = shop.path / "content" / "spring" / "offer.mjml"
    assert file.read_text("utf-8") == LETTER + "more\n"
    put_back(shop.path, "spring/offer.mjml", changed.before, changed.after, by)
    assert file.read_text("utf-8") == LETTER
    put_back(shop.path, "spring/offer.mjml", new.before, new.after, by)
    assert not file.exists()
    said = AuditEntry.objects.filter(what="content.write").order_by("id")
    assert [entry.target for entry in said] == ["spring/offer.mjml"] * 4
    assert said[0].details == {"before": "", "after": new.after}
    assert said[3].details == {"before": new.after, "after": ""}


def test_who_comes_second_overwrites_nothing(shop: Shop) -> None:
    by = shop.principal("editor")
    first = write_file(shop.path, "offer.mjml", LETTER, NO_FILE, by)
    write_file(shop.path, "offer.mjml", LETTER + "theirs", first.after, by)
    with pytest.raises(WorkspaceError) as error:
        write_file(shop.path, "offer.mjml", LETTER + "mine", first.after, by)
    assert code(error) == "template.changed"
    assert read_file(shop.path, "offer.mjml").text == LETTER + "theirs"
    assert not [p for p in (shop.path / "content").iterdir() if p.name.startswith(".")]


def test_writing_what_is_there_is_no_change(shop: Shop) -> None:
    by = shop.principal("editor")
    first = write_file(shop.path, "offer.mjml", LETTER, NO_FILE, by)
    assert not write_file(shop.path, "offer.mjml", LETTER, first.after, by).changed
    assert AuditEntry.objects.filter(what="content.write").count() == 1
    assert not (shop.path / BEFORE).exists()


@pytest.mark.parametrize(
    "path",
    ["../lettershop.toml", "/etc/x.html", "a/../../b.html", "golden/x.html", ".x.html", "x.toml"],
)
def test_only_files_of_templates_are_written(shop: Shop, path: str) -> None:
    with pytest.raises(InputError) as error:
        write_file(shop.path, path, LETTER, NO_FILE, shop.principal("editor"))
    assert code(error) == "template.path"


def test_a_link_is_not_followed(shop: Shop, tmp_path: Path) -> None:
    outside, content = tmp_path / "outside", shop.path / "content"
    outside.mkdir()
    (outside / "x.html").write_text("theirs", "utf-8")
    content.mkdir(exist_ok=True)
    os.symlink(outside / "x.html", content / "x.html")
    os.symlink(outside, content / "folder")
    for path in ("x.html", "folder/new.html"):
        with pytest.raises(InputError) as error:
            write_file(shop.path, path, LETTER, NO_FILE, shop.principal("editor"))
        assert code(error) == "template.link"
    assert sorted(p.name for p in outside.iterdir()) == ["x.html"]
    assert (outside / "x.html").read_text("utf-8") == "theirs"


@pytest.mark.parametrize("text", ["a\0b", "half \ud800", "x" * (1024 * 1024 + 1)])
def test_what_no_file_can_hold_is_refused(shop: Shop, text: str) -> None:
    with pytest.raises(DefinitionError):
        write_file(shop.path, "x.html", text, NO_FILE, shop.principal("editor"))
    assert not (shop.path / "content" / "x.html").exists()


def test_only_what_was_kept_is_put_back(shop: Shop) -> None:
    for former in ("0" * 32, "../../lettershop.toml", "..", "é"):
        with pytest.raises(LettershopError) as error:
            put_back(shop.path, "x.html", former, NO_FILE, shop.principal("editor"))
        assert code(error) == "template.not_kept"


def test_the_default_language_comes_first_and_text_parts_last(shop: Shop) -> None:
    for path in ("offer.txt", "offer.de.mjml", "offer.mjml", "other.mjml"):
        write_file(shop.path, path, LETTER, NO_FILE, shop.principal("editor"))
    assert files_of(shop.path, "offer") == ["offer.mjml", "offer.de.mjml", "offer.txt"]


def test_another_language_says_only_what_is_its_own() -> None:
    text = (
        '+++\ntitle = "T"\nsubject = """\nHi"""\nstream = "marketing"\n\n[missing]\n'
        '"contact.x" = "y"\n\n[data]\ndeals = { records = "deal" }\n+++\n<p>Hi</p>\n'
    )
    found = for_language(text)
    assert "title" not in found and "stream" not in found and "[data]" not in found
    assert 'subject = """\nHi"""' in found and '"contact.x" = "y"' in found
    assert found.endswith("+++\n<p>Hi</p>\n") and found.startswith("+++\n")
    for odd in ("", "+++\nsubject\n+++\nx", "no head"):
        assert for_language(odd) == odd
