"""The clock of a fleet: machines whose own clocks are wrong agree."""

import time

from delivery.conftest import Recorded

from lettershop.delivery.ledger.timing import RecordsClock
from lettershop.model.clock import HOUR, FixedClock, SystemClock


def test_a_machine_whose_clock_is_wrong_goes_by_the_records(recorded: Recorded) -> None:
    wrong = FixedClock(SystemClock().now() + 5 * HOUR)
    clock = RecordsClock(wrong)
    assert clock.now() == wrong.at, "until it has asked"
    clock.look()
    if not recorded.settings.records:
        assert clock.now() == wrong.at, "SQLite has no clock: there is one machine"
        return
    assert abs(clock.now() - SystemClock().now()) < 2_000
    before = clock.now()
    wrong.advance(HOUR)
    time.sleep(0.02)
    assert 20 <= clock.now() - before < 2_000, "it runs on by itself"


def test_two_machines_agree(recorded: Recorded) -> None:
    if not recorded.settings.records:
        return
    now = SystemClock().now()
    clocks = [RecordsClock(FixedClock(now + off)) for off in (-HOUR, 0, HOUR)]
    for one in clocks:
        one.look()
    said = [one.now() for one in clocks]
    assert max(said) - min(said) < 1_000
