"""Commands are loaded when they are asked for, and the list of them without loading any."""

import subprocess
import sys
from typing import Any

import pytest
import typer
from rich.text import Text

from lettershop.cli.main import PLACES, app
from lettershop.cli.places import sentence

LIGHT = (
    "import sys; from lettershop.cli import app; app({words}, standalone_mode=False)",
    "heavy = [n for n in ('duckdb', 'django', 'sqlalchemy', 'lettershop.app') if n in sys.modules]",
    "sys.exit(', '.join(heavy) or 0)",
)


def loaded() -> Any:
    return typer.main.get_command(app)


@pytest.mark.parametrize("name", PLACES)
def test_the_list_says_what_the_command_says(name: str) -> None:
    assert sentence(PLACES[name]).strip() == loaded().commands[name].help.strip()


@pytest.mark.parametrize("name", [name for name, place in PLACES.items() if place.more])
def test_commands_of_other_modules_are_in_their_group_once(name: str) -> None:
    below = [*loaded().commands[name].commands]
    assert below[-len(PLACES[name].more) :] == [*PLACES[name].more]
    assert len(below) == len(set(below)) and [*loaded().commands[name].commands] == below


def test_the_list_of_commands_waits_for_nothing() -> None:
    program = "\ntry:\n    {}\nexcept SystemExit:\n    pass\n{}\n{}".format(*LIGHT)
    said = subprocess.run(
        [sys.executable, "-c", program.format(words=["--help"])], capture_output=True, check=False
    )
    assert (said.returncode, said.stderr.decode()) == (0, "")
    assert all(name in Text.from_ansi(said.stdout.decode()).plain for name in PLACES)


def test_a_word_that_is_no_command_is_told_with_the_nearest() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from lettershop.cli import main; main()", "segmnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 2 and "segment" in said.stderr
