"""The benchmark of letters runs from end to end, and compares engines that write the same."""

from pathlib import Path

import pytest

from bench import render
from bench.render_letter import values


def test_it_measures_all_engines_and_says_what_was_aimed_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = render.main(["--recipients", "40", "--rounds", "2", "--json", str(tmp_path / "a.json")])
    assert found["recipients"] == 40
    assert 8_000 < found["bytes of HTML"] < 9_000
    wanted = {"Lettershop", "python-liquid, bare", "Lettershop, proof with classes"}
    assert wanted <= set(found["per second"])
    assert "letters/s per core" in capsys.readouterr().out
    assert '"met"' in (tmp_path / "a.json").read_text("utf-8")


def test_engines_that_disagree_are_not_compared() -> None:
    one, other = render.ours(), lambda _: ("", "", "")
    measured = [render.Engine(str(r), render.each(r), r) for r in (one, other)]
    with pytest.raises(AssertionError, match="renders something else"):
        render.agree(measured, values(1))
