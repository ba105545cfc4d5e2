"""When a campaign stops by itself: its own rules, and what is usual in its stream."""

from math import log

import numpy as np
import pytest
from seeds import seed

from lettershop.campaigns.definition import StopRules
from lettershop.campaigns.results.watching import Figures, evidence, stop_reason

RULES = StopRules()
GOOD = Figures(tried=10_000, accepted=9_950, bounced=50, complained=4, unsubscribed=30)
"""Usual: half a percent bounces, 0.04 % complaints, 0.3 % unsubscribes."""


@pytest.mark.parametrize(
    ("figures", "history", "said"),
    [
        (Figures(), [], None),
        (Figures(tried=99, accepted=0, bounced=99), [], None),
        (
            Figures(tried=100, accepted=94, bounced=6),
            [],
            "bounces: 6 of 100 (6.00%), more than the 5 % it may be",
        ),
        (Figures(tried=100, accepted=95, bounced=5), [], None),
        (
            Figures(tried=1_000, accepted=1_000, complained=4),
            [],
            "complaints: 4 of 1,000 (0.40%), more than the 0.3 % it may be",
        ),
        (
            Figures(tried=1_000, accepted=1_000, unsubscribed=21),
            [],
            "unsubscribes: 21 of 1,000 (2.10%), more than the 2 % it may be",
        ),
        # four percent bounces are within the rule, but not what this stream has
        (Figures(tried=1_000, accepted=960, bounced=40), [], None),
        (
            Figures(tried=1_000, accepted=960, bounced=40),
            [GOOD],
            "bounces: 40 of 1,000 (4.00%), surely more than twice what is usual in this stream"
            " (0.50%)",
        ),
        (Figures(tried=1_000, accepted=960, bounced=12), [GOOD], None),
        # as unusual, but far below what anybody minds; and a history too short to be one
        (Figures(tried=10_000, accepted=9_950, bounced=50), [Figures(tried=9_000)], None),
        (Figures(tried=1_000, accepted=960, bounced=40), [Figures(tried=900)], None),
    ],
)
def test_reasons(figures: Figures, history: list[Figures], said: str | None) -> None:
    assert stop_reason(figures, RULES, history) == said


def test_looking_all_the_time_stops_no_more_good_campaigns_than_stated() -> None:
    """10,000 letters that are exactly as bad as is allowed, looked at after every 25 of them."""
    rng, times, allowed, alpha = np.random.default_rng(seed()), 1_000, 0.02, 0.05
    bad = (rng.random((times, 10_000)) < allowed).cumsum(axis=1)[:, 24::25]
    out = np.arange(25, 10_001, 25)
    ever = (evidence(bad, out - bad, allowed) >= -log(alpha)).any(axis=1).mean()
    assert 0 < ever <= alpha
    looked_naively = (bad / out > allowed + 1.645 * np.sqrt(allowed * 0.98 / out)).any(axis=1)
    assert looked_naively.mean() > 0.2


def test_a_bad_campaign_is_stopped_soon() -> None:
    """Three times what is allowed: nearly always within 1,500 letters."""
    rng, allowed = np.random.default_rng(seed()), 0.02
    bad = (rng.random((500, 1_500)) < 3 * allowed).cumsum(axis=1)[:, 99:]
    out = np.arange(100, 1_501)
    stopped = evidence(bad, out - bad, allowed) >= -log(0.01 / 3)
    assert stopped.any(axis=1).mean() > 0.97
    assert np.median(stopped.argmax(axis=1) + 100) < 500


def test_evidence_grows_with_every_bounce_and_shrinks_with_every_good_letter() -> None:
    """So what comes late makes stopping later, never wrong."""
    bad, out = np.meshgrid(np.arange(60), np.arange(100, 3_000, 50))
    found = evidence(bad, out - bad, 0.01)
    assert (np.diff(found, axis=1) > 0).all()
    assert (np.diff(evidence(bad, out, 0.01), axis=0) < 0).all()
