"""The benchmark of sending runs from end to end, with few letters."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from bench import send
from bench.send_letter import people, template
from bench.send_others import followed, spoken
from lettershop.app import records
from lettershop.app.typeset import typeset
from lettershop.content.letter import Rendered

SINK = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")


@pytest.mark.skipif(SINK is None and not os.environ.get("CI"), reason="postfix is not installed")
@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_each_way_sends(tmp_path: Path) -> None:
    with send.smtp_sink() as port:
        try:
            shop = send.Shop(tmp_path, 40)
            ways = send.ways(shop, port, send.Sizes(ours=40, django=10, plain=3, source=40))
            measured = {way.name: way.send() for way in ways if way.name != send.TWO}
        finally:
            records.disconnect()
    assert all(one.rate > 0 and one.cpu >= 0 for one in measured.values())


def test_what_was_aimed_at(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = {
        send.TWO: [1_600.0, 1_500.0],
        send.SILENT: [1_700.0, 1_700.0],
        send.ONE: [900.0],
        send.DJANGO: [400.0],
        send.PLAIN: [100.0],
        send.SOURCE: [9_000.0],
    }
    found = {
        "letters": 10,
        "load before": 0.5,
        "per second": {name: said[0] for name, said in rounds.items()},
        "cpu ms": dict.fromkeys(rounds, 1.0),
        "rounds": rounds,
    }
    send.print_found(found)
    said = capsys.readouterr().out
    assert "Lettershop, two processes" in said and "1,600" in said
    met = {target.name: target.met for target in send.targets(found)}
    assert met["two sender processes"] and met["… / plain loop"] and met["the journal costs"]
    assert not met["processor time, plain loop / ours"]


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
