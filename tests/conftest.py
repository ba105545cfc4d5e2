"""Options of the whole suite."""

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cases",
        type=int,
        default=int(os.environ.get("LETTERSHOP_CASES", "0")),
        help="how many (history, definition, as_of) cases engines are compared on, at least",
    )


@pytest.fixture
def cases(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--cases"))
