"""`lettershop mailbox` as a program, and `lettershop providers`."""

import json
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from lettershop.app import Workspace
from lettershop.cli.main import app

RUN = [sys.executable, "-c", "from lettershop.cli import main; main()"]


def test_it_takes_letters_until_it_is_ended(tmp_path: Path) -> None:
    Workspace.init(tmp_path / "shop")
    options = ["--port", "0", "--page-port", "0", "--json", "--bounce", "*@gone.example"]
    program = subprocess.Popen(
        [*RUN, "mailbox", *options, "-w", str(tmp_path / "shop")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        text = ""
        while not text.rstrip().endswith("}"):
            text += program.stdout.readline()
        said = json.loads(text)
        host, _, port = said["smtp"].removeprefix("smtp://").partition(":")
        with smtplib.SMTP(host, int(port)) as smtp:
            smtp.sendmail("a@b.example", ["ann@acme.example"], "Subject: Hi\r\n\r\nHello\r\n")
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                smtp.sendmail("a@b.example", ["ann@gone.example"], "Subject: Hi\r\n\r\nHello\r\n")
        assert httpx.get(f"{said['page']}/api/messages").json()["total"] == 1
        assert Path(said["file"]) == (tmp_path / "shop" / "data" / "mailbox.sqlite").resolve()
    finally:
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
        program.stdout.close()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        app([*words], prog_name="lettershop")
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def test_it_does_not_open_itself_to_all(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = said(capsys, "mailbox", "--memory", "--host", "0.0.0.0")  # noqa: S104
    assert code == 2
    assert "no login" in err and "--open-to-all" in err


def test_the_list_of_providers(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    folder = Workspace.init(tmp_path / "shop")
    where = "-w", str(folder)
    assert said(capsys, "providers", "check", *where)[0] == 0
    code, out, _ = said(capsys, "providers", "list", *where)
    assert code == 0 and "Google" in out and "every other" in out
    assert "careful" in said(capsys, "providers", "plans", *where)[1]
    (folder / "providers.toml").write_text("[provider.google]\nhosts = ['mx.yandex.ru']\n")
    code, out, _ = said(capsys, "providers", "check", "--json", *where)
    assert code == 3
    assert "taken for yandex's" in json.loads(out)["findings"][0]["message"]
    (folder / "providers.toml").write_text("[nonsense")
    code, _, err = said(capsys, "providers", "list", *where)
    assert code == 3 and "providers.file" in err
