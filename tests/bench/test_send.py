"""The benchmark of sending runs from end to end, with few letters."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from bench import send
from bench.send_letter import people, template
from bench.send_others import followed, spoken
from lettershop.app.typeset import typeset
from lettershop.content.letter import Rendered

SINK = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")


@pytest.mark.skipif(SINK is None and not os.environ.get("CI"), reason="postfix is not installed")
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_it_measures_all_ways_and_says_what_was_aimed_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = send.main(["--letters", "60", "--rounds", "1", "--json", str(tmp_path / "a.json")])
    names = {send.TWO, send.SILENT, send.ONE, send.DJANGO, send.PLAIN, send.SOURCE}
    assert set(found["per second"]) == set(found["cpu ms"]) == names
    assert all(rate > 0 for rate in found["per second"].values())
    assert "the journal costs" in capsys.readouterr().out
    assert '"met"' in (tmp_path / "a.json").read_text("utf-8")


def test_the_letter_is_as_long_as_is_said_and_has_five_links() -> None:
    (_, said), *_ = people(3)
    result = typeset(template()).letter("").render(said)
    assert isinstance(result, Rendered)
    assert 8_000 < len(result.html) < 10_000
    html = followed(
        result.html.replace("https://shop.example/u/", "https://letters.acme.example/"), 1
    )
    assert html.count("https://letters.acme.example/c/") in (5, 6)
    assert "{{" not in result.html + result.text


def test_what_is_said_in_djangos_words() -> None:
    assert spoken("{{ a | default: 'you' }}") == "{{ a|default:'you' }}"
