"""Jobs: repeated, retried when they fail, drained at the end."""

import threading
import time
from collections.abc import Callable

from lettershop.app.background import Background, Job


def wait_for(reached: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not reached() and time.monotonic() < until:
        time.sleep(0.005)
    assert reached()


def test_a_step_is_repeated_at_once_while_there_is_more() -> None:
    work = list(range(100))

    def step() -> bool:
        work.pop()
        return bool(work)

    jobs = Background([Job("work", 3600, step)])
    jobs.start()
    wait_for(lambda: not work)
    assert jobs.stop(1)
    assert jobs.states["work"].runs == 100


def test_a_failing_step_is_tried_again_and_says_why() -> None:
    outcomes = iter([ValueError("the disk hiccuped"), None])

    def step() -> bool:
        problem = next(outcomes, None)
        if problem:
            raise problem
        return False

    jobs = Background([Job("hiccup", 0.01, step)])
    jobs.start()
    wait_for(lambda: jobs.states["hiccup"].failures == 1)
    assert jobs.states["hiccup"].last_error == "ValueError: the disk hiccuped"
    assert not jobs.alive("hiccup")
    wait_for(lambda: jobs.states["hiccup"].runs > 1)
    wait_for(lambda: jobs.alive("hiccup"))
    assert (jobs.states["hiccup"].failures, jobs.states["hiccup"].failed) == (0, 1)
    assert jobs.stop(1)


def test_what_is_left_is_drained_at_the_end() -> None:
    work: list[int] = []
    slept = threading.Event()

    def step() -> bool:
        slept.set()
        if work:
            work.pop()
        return bool(work)

    jobs = Background([Job("drained", 3600, step, drain=True), Job("other", 3600, step)])
    jobs.start()
    assert slept.wait(10)
    wait_for(lambda: jobs.states["drained"].runs == 1)
    work.extend(range(50))
    assert jobs.stop(5)
    assert work == []


def test_draining_ends_when_time_is_up() -> None:
    def step() -> bool:
        time.sleep(0.01)
        return True

    jobs = Background([Job("endless", 3600, step, drain=True)])
    jobs.start()
    began = time.monotonic()
    assert jobs.stop(0.2)
    assert time.monotonic() - began < 4
