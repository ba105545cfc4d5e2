"""Figures are said no finer than they are known."""

import pytest

from lettershop.campaigns.results.wording import honest


@pytest.mark.parametrize(
    ("value", "half_width", "said"),
    [
        (187.3, 128, "190"),
        (187.3, 12.8, "187"),
        (2.0633, 1.37, "2.1"),
        (0.0433, 0.0129, "0.043"),
        (12_345.6, 4_000, "12,300"),
        (-0.2, 40, "0"),
        (5, 0, "5"),
    ],
)
def test_honest(value: float, half_width: float, said: str) -> None:
    assert honest(value, half_width) == said
