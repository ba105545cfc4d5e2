"""Stories are told to every engine; to Spark, which takes its time, when it is asked for."""

import pytest
from engines.worlds import ENGINES

SLOW = {"spark"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    said = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "engine" in metafunc.fixturenames and "engine" not in said:
        every = metafunc.config.getoption("--engines") == "all"
        metafunc.parametrize("engine", [n for n in ENGINES if every or n not in SLOW])
