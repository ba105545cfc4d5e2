"""Settings come from the file, then from the environment; slips are told with the nearest name."""

import tomllib
from pathlib import Path

import pytest

from lettershop.app.settings import all_settings, read_settings, template
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings


def settings(folder: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    (folder / "lettershop.toml").write_text(text, "utf-8")
    return read_settings(folder, environ or {})


@pytest.mark.sqlite
def test_the_template_is_the_defaults_and_says_everything(tmp_path: Path) -> None:
    assert settings(tmp_path, template()) == Settings()
    uncommented = "\n".join(
        line.removeprefix("# ") for line in template().splitlines() if " = " in line
    )
    assert settings(tmp_path, uncommented) == Settings()
    assert set(tomllib.loads(uncommented)) == set(Settings.__struct_fields__)
    assert all(len(setting.sentence) > 20 for setting in all_settings())


def test_the_environment_wins(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        'timezone = "Europe/Berlin"\nmemory_limit = "1GB"',
        {
            "LETTERSHOP_TIMEZONE": "Asia/Tokyo",
            "LETTERSHOP_IGNORED_EVENTS": "A, B",
            "LETTERSHOP_DEMO_CONTACTS": "50",
            "PATH": "x",
        },
    )
    assert (found.timezone, found.memory_limit) == ("Asia/Tokyo", "1GB")
    assert found.ignored_events == ("A", "B")


@pytest.mark.parametrize(
    ("text", "environ", "code", "word"),
    [
        ("timezon = 'UTC'", {}, "settings.unknown", "timezone"),
        ("qqzzxx = 'blue'", {}, "settings.unknown", "known are"),
        ("timezone = 'Europe/Berlni'", {}, "settings.timezone", "Europe/Berlin"),
        ("timezone = 3", {}, "settings.type", ""),
        ("memory_limit = 'much'", {}, "settings.memory", "2GB"),
        ("timezone = ", {}, "settings.toml", ""),
        ("", {"LETTERSHOP_TIMEZON": "UTC"}, "settings.unknown", "timezone"),
        ("", {"LETTERSHOP_TIMEZONE": "Nowhere/Town"}, "settings.timezone", ""),
    ],
)
def test_slips(tmp_path: Path, text: str, environ: dict[str, str], code: str, word: str) -> None:
    with pytest.raises(InputError) as refused:
        settings(tmp_path, text, environ)
    assert refused.value.code == code
    assert word in refused.value.hint


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [("PORT", " 9000 ", 9000), ("KEEP_IMPORTS", "false", False), ("KEEP_IMPORTS", "1", True)],
)
def test_numbers_and_switches_from_the_environment(
    tmp_path: Path, variable: str, text: str, value: object
) -> None:
    found = settings(tmp_path, "", {f"LETTERSHOP_{variable}": text})
    assert getattr(found, variable.lower()) == value


def test_a_number_in_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        settings(tmp_path, "", {"LETTERSHOP_PORT": "many"})
    assert (error.value.code, error.value.where) == ("settings.type", "LETTERSHOP_PORT")
