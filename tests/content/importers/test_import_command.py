"""`lettershop content import`: files are written, once; the report says what happened."""

import json
from pathlib import Path

import pytest
from opened_shop import open_shop
from typer.testing import CliRunner

from lettershop.cli import app

LETTER = """<p>Hi {contactfield=firstname|there}, {contactfield=tier}</p>
<p><a href="{unsubscribe_url}">Unsubscribe</a> {pagelink=5}</p>
"""
Said = tuple[int, str, str]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("import") / "shop"
    with open_shop(folder):
        pass
    return folder


@pytest.fixture
def letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("COLUMNS", "120")
    (tmp_path / "Spring Offer.html").write_text(LETTER, "utf-8")
    return tmp_path / "Spring Offer.html"


def run(shop: Path, *command: str | Path) -> Said:
    words = ["content", "import", *map(str, command), "-w", str(shop)]
    found = CliRunner().invoke(app, words, catch_exceptions=False)
    return found.exit_code, found.stdout, found.stderr


def test_a_letter_is_written_and_reported(shop: Path, letter: Path) -> None:
    code, out, err = run(shop, letter, "--from", "mautic", "--field", "tier=account.plan")
    assert code == 0
    written = (shop / "content" / "spring-offer.html").read_text("utf-8")
    assert written.startswith('+++\nsubject = "spring-offer"\n')
    assert '# "account.plan" = ""' in written and "{{ account.plan }}" in written
    assert "{contactfield=firstname}" in out and "{{ contact.first_name }}" in out
    assert "Spring Offer.html:2:48: warning import.untranslated: “{pagelink=5}”" in out
    assert "1 place to translate by hand" in err
    assert "content/spring-offer.html:9:55: error letter.unknown_tag" in err
    code, out, _ = run(shop, letter, "--from", "mautic")
    assert code == 2
    assert run(shop, letter, "--from", "mautic", "--force", "--subject", "News")[0] == 0
    assert 'subject = "News"' in (shop / "content" / "spring-offer.html").read_text("utf-8")


def test_the_report_is_json(shop: Path, letter: Path) -> None:
    code, out, err = run(shop, letter, "--from", "Mautic", "--name", "a/b", "--json")
    said = json.loads(out)
    assert code == 0 and err == "" and said["files"] == ["content/a/b.html"]
    assert (said["name"], said["from"], said["untranslated"]) == ("a/b", "mautic", 1)
    assert {"theirs": "{unsubscribe_url}", "ours": "{{ unsubscribe_url }}", "times": 1} in said[
        "translated"
    ]
    codes = {finding["code"] for finding in said["findings"]}
    assert codes == {"import.untranslated", "import.field", "import.subject"}
    assert "letter.unknown_tag" in {finding["code"] for finding in said["check"]}


def test_a_letter_without_loss_passes_the_check(shop: Path, letter: Path) -> None:
    letter.write_text("<p>Hi {contactfield=email}</p>", "utf-8")
    code, _, err = run(shop, letter, "--from", "mautic", "--name", "whole", "--subject", "x")
    assert code == 0 and "everything was translated" in err
    assert "content/whole.html" in err and "error" not in err


def test_a_text_part_is_written_beside_the_letter(shop: Path, letter: Path) -> None:
    said = {"subject": "S", "html": "<mjml><mj-body></mj-body></mjml>", "plain_text": "*|FNAME|*"}
    file = letter.with_name("x.json")
    file.write_text(json.dumps(said), "utf-8")
    assert run(shop, file, "--from", "mailchimp", "--name", "both")[0] == 0
    assert (shop / "content" / "both.txt").read_text("utf-8") == "{{ contact.first_name }}"
    assert (shop / "content" / "both.mjml").exists()
    letter.write_text("<p>x</p>", "utf-8")
    code, _, err = run(shop, letter, "--from", "mailchimp", "--name", "both", "--force")
    assert code == 2 and "content/both.mjml" in err and "remove it first" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--from", "gmail"), 2, "not one of braze, mautic, mailchimp, hubspot"),
        (("--from", "mautic", "--name", "../../etc/x"), 2, "a name is words"),
        (("--from", "mautic", "--name", "/etc/x"), 2, "a name is words"),
        (("--from", "mautic", "--name", "a.b"), 2, "a name is words"),
        (("--from", "mautic", "--field", "tier"), 2, "names no variable"),
        (("--from", "mautic", "--field", "tier=a b|c"), 2, "names no variable"),
    ],
)
def test_wrong_calls_write_nothing(
    shop: Path, letter: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    before = {*shop.rglob("content/**/*")}
    found = run(shop, letter, *words)
    assert found[0] == code and said in " ".join(found[2].split())
    assert {*shop.rglob("content/**/*")} == before


@pytest.mark.parametrize("content", [b"\xff\xfe<p>", b"just words", None])
def test_a_file_that_cannot_be_read_ends_with_4(
    shop: Path, letter: Path, content: bytes | None
) -> None:
    file = letter.with_name("odd.html")
    if content is not None:
        file.write_bytes(content)
    code, _, err = run(shop, file, "--from", "braze")
    assert code == 4 and "odd.html" in err and "import." in err
    assert not (shop / "content" / "odd.html").exists()
