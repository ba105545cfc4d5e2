"""`lettershop content …`: templates as files, the folder opened here, and beside a server."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from opened_shop import open_shop
from served_shop import serve_shop
from typer.testing import CliRunner

from lettershop.cli import app

OFFER = """+++
title = "Spring offer"
description = "Goes out in March"
subject = "Hi {{ contact.first_name }}"
sender = "Ann <ann@acme.example>"

[missing]
"contact.first_name" = "colleague"
order = { hide = true }

[data]
order = { last = "Order Completed" }
orders = { events = "Order Completed", where = "revenue > 5", by_account = true }
deals = { records = "deal", order = "-amount" }
offers = { catalog = "offers", choose = ["bought_together", "bestsellers"] }
weather = { url = "https://api.acme.example/w?city={{ contact.city }}" }
+++
<p>Hello, {{ contact.first_name }}!</p>
{% if account.name %}<p>Also to {{ account.name }} in {{ city | default: "town" }}</p>{% endif %}
{% block hot %}{% when score > 3 %}<p>Buy!</p>{% default %}<p>Look!</p>{% endblock %}
"""
GERMAN = """+++
subject = "Hallo {{ contact.first_name }}"

[missing]
"contact.first_name" = { skip = "Name fehlt" }
+++
<p>Hallo, {{ contact.first_name }}!</p>
"""
STEPS: tuple[tuple[str, ...], ...] = (
    ("content", "list"),
    ("content", "versions", "spring/offer"),
    ("content", "diff", "spring/offer"),
    ("plan", "--exit-code"),
    ("apply", "--yes", "--json", "--note", "first"),
    ("plan", "--exit-code"),
    ("write", "spring/offer.de.html", GERMAN.replace("Hallo,", "Guten Tag,")),
    ("content", "list", "--json"),
    ("content", "diff", "spring/offer"),
    ("plan",),
    ("apply", "--yes"),
    ("content", "diff", "spring/offer"),
    ("content", "diff", "spring/offer", "1", "--json"),
    ("content", "diff", "spring/offer", "9"),
    ("content", "diff", "spring/offers"),
    ("content", "versions", "spring/offer", "--json"),
    ("content", "list"),
    ("write", "bad.mjml", "<mjml></mjml>"),
    ("content", "list"),
    ("plan",),
    ("erase", "bad.mjml"),
    ("erase", "spring/offer.de.html"),
    ("erase", "spring/offer.html"),
    ("content", "list"),
    ("content", "diff", "spring/offer"),
    ("plan",),
    ("apply", "--yes", "--prune"),
    ("content", "versions", "spring/offer"),
)
Said = tuple[int, str, str]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("content") / "shop"
    with open_shop(folder):
        pass
    with (folder / "lettershop.toml").open("a", encoding="utf-8") as settings:
        settings.write('\nfetch_hosts = ["api.acme.example"]\n')
    (folder / "content" / "spring").mkdir(parents=True)
    (folder / "content" / "spring" / "offer.html").write_text(OFFER, "utf-8")
    (folder / "content" / "spring" / "offer.de.html").write_text(GERMAN, "utf-8")
    return folder


@pytest.fixture
def stage(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """The same workspace again, at the same place."""
    monkeypatch.setenv("COLUMNS", "120")
    folder = tmp_path / "shop"

    def set_scene() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        return shutil.copytree(filled, folder)

    return set_scene


@pytest.fixture
def shop(stage: Callable[[], Path]) -> Path:
    return stage()


def run(folder: Path, *command: str) -> Said:
    match command:
        case ("write", name, text):
            (folder / "content" / name).write_text(text, "utf-8")
            return 0, "", ""
        case ("erase", name):
            (folder / "content" / name).unlink()
            return 0, "", ""
        case _:
            found = CliRunner().invoke(app, [*command, "-w", str(folder)], catch_exceptions=False)
            return found.exit_code, timeless(found.stdout), timeless(found.stderr)


def timeless(text: str) -> str:
    """Without the moments it was said at, and the spaces that make room for them."""
    return re.sub(r" {2,}|─+", "  ", re.sub(r"20\d\d-\d\d-\d\dT[\d:.]+Z", "(now)", text))


def test_commands_say_the_same_beside_a_running_server(stage: Callable[[], Path]) -> None:
    folder = stage()
    here = [run(folder, *step) for step in STEPS]
    folder = stage()
    with serve_shop(folder) as served:
        there = [run(folder, *step) for step in STEPS]
        asked = {path.split("/")[3] for path in served.paths}
    for step, local, remote in zip(STEPS, here, there, strict=True):
        assert remote == local, step
    assert {"definitions", "content"} <= asked
    assert [code for code, _, _ in here if code] == [5, 2, 5, 5, 4]


def test_a_plan_shows_what_changes_in_the_files(shop: Path) -> None:
    code, out, _ = run(shop, "plan")
    assert code == 0 and "+ template spring/offer  new (also in de)" in out
    assert "content/spring/offer.de.html" in out and "Templates: 1 new; 0 unchanged." in out
    run(shop, "apply", "--yes")
    run(shop, "write", "spring/offer.html", OFFER.replace("Hello", "Good morning"))
    code, out, _ = run(shop, "plan")
    assert "~ template spring/offer  changed (also in de)" in out
    assert "-<p>Hello, {{ contact" in out and "+<p>Good morning, {{ contact" in out
    (change,) = json.loads(run(shop, "plan", "--json")[1])["templates"]
    assert change["files"] == ["spring/offer.html"] and "+<p>Good morning" in change["diff"]


def test_a_list_says_what_became_of_each(shop: Path) -> None:
    def states() -> dict[str, str]:
        found = json.loads(run(shop, "content", "list", "--json")[1])
        return {one["name"]: one["state"] for one in found["templates"]}

    assert states() == {"spring/offer": "new"}
    run(shop, "apply", "--yes")
    assert states() == {"spring/offer": "in force"}
    run(shop, "write", "second.html", GERMAN)
    run(shop, "write", "spring/offer.html", OFFER + "<p>More</p>")
    assert states() == {"second": "new", "spring/offer": "changed"}
    shutil.rmtree(shop / "content")
    assert states() == {"spring/offer": "not in the folder"}


def test_a_template_is_shown_in_words(shop: Path) -> None:
    code, out, _ = run(shop, "content", "show", "spring/offer")
    assert code == 0
    for told in (
        "Spring offer",
        "Hallo {{ contact.first_name }}",
        "the last “Order Completed” of the contact",
        "the last 10 “Order Completed” of the account's people where revenue > 5",
        "up to 10 deal records, by -amount",
        "items of the catalog “offers”: bought together, else bestsellers",
        "say “colleague”",
        "no letter: Name fehlt",
        "leave out the block around it",
        "derived",
        "contact.first_name say “colleague” 2, 4, 7, 18",
        "city is seen to in the letter",
        "account.name is seen to in the letter",
        "hot 1 score > 3",
    ):
        assert told in re.sub(r" +", " ", out), told
    found = json.loads(run(shop, "content", "show", "spring/offer", "--json")[1])
    assert found["template"]["name"] == "spring/offer"
    assert [block["conditions"] for block in found["blocks"]] == [["score > 3"]]
    assert ["contact", "first_name"] in [read["path"] for read in found["reads"]]
    run(shop, "write", "bare.html", "+++\nsubject = 'Hi'\n+++\n<p>{{ contact.city }}</p>")
    assert "an error: it must be there" in run(shop, "content", "show", "bare")[1]
    code, _, err = run(shop, "content", "show", "spring/ofer")
    assert code == 5 and "did you mean “spring/offer”?" in err


def test_check_finds_everything_at_once(shop: Path) -> None:
    code, out, err = run(shop, "content", "check")
    assert (code, err) == (0, "no errors in 1 template\n") and " error " not in out
    assert "content/spring/offer.html: warning letter.no_unsubscribe" in out  # the lint's
    run(shop, "write", "bad.html", "+++\nsbject = 'x'\n+++\n<p>Hi</p>")
    run(shop, "write", "alone.txt", "text")
    code, out, err = run(shop, "content", "check")
    assert code == 4 and err == "3 errors in 3 templates\n"
    assert "content/bad.html:2:1: error toml.unknown_key" in out
    assert "content/alone.txt:1:1: error template.text_alone" in out
    found = json.loads(run(shop, "content", "check", "--json")[1])
    errors = [finding for finding in found["findings"] if finding["level"] == "error"]
    assert found["errors"] == 3 and len(errors) == 3


def test_without_any_template(shop: Path) -> None:
    shutil.rmtree(shop / "content")
    code, out, err = run(shop, "content", "list")
    assert (code, out) == (0, "") and "write content/NAME.mjml" in err


def test_the_text_part_is_shown_and_written(shop: Path) -> None:
    code, out, err = run(shop, "content", "text", "spring/offer")
    assert (code, err) == (0, "") and out.startswith("Hello, {{ contact.first_name }}!\n")
    assert run(shop, "content", "text", "spring/offer", "--language", "fr")[0] == 5
    code, out, _ = run(shop, "content", "text", "spring/offer", "--language", "de", "--write")
    assert code == 0 and "content/spring/offer.de.txt is the text part" in out
    written = shop / "content" / "spring" / "offer.de.txt"
    written.write_text("Ganz kurz: hallo.\n", "utf-8")
    code, out, err = run(shop, "content", "text", "spring/offer", "--language", "de")
    assert (out, err) == (
        "Ganz kurz: hallo.\n",
        "as it is written in content/spring/offer.de.txt\n",
    )
    code, _, err = run(shop, "content", "text", "spring/offer", "--language", "de", "--write")
    assert code == 2 and "written already" in err
    found = json.loads(run(shop, "content", "text", "spring/offer", "--json")[1])
    assert found["text"].startswith("Hello") and found["file"] is None
    assert run(shop, "content", "check")[0] == 0
