"""Where a problem is improved: the same in rounds whenever it is asked, and beside without being waited for."""

from __future__ import annotations

import time
from fractions import Fraction

from agents.planner.improving.hosting import Beside, InRounds
from agents.planner.sequencing import Alternative, Improved, Job, Problem, WorkCentre

ALL = Fraction(1)


def shop(jobs: int) -> Problem:
    """So many jobs on two machines one after the other, too many to be in time."""
    return Problem(
        (WorkCentre("CUT"), WorkCentre("WELD")),
        tuple(
            Job(
                str(number),
                ((Alternative("CUT", 1 + number * 7 % 11),), (Alternative("WELD", 1 + number * 5 % 13),)),
                due=number * 3,
                weight=1 + number % 3,
            )
            for number in range(jobs)
        ),
    )


def test_in_rounds_the_same_problem_and_seed_give_the_same_schedule() -> None:
    found = []
    for _ in range(2):
        engine = InRounds(1, seed=3)
        engine.start(shop(12), ALL)
        found.append(engine.poll())
    assert isinstance(found[0], Improved)
    assert found[0] == found[1]


def test_a_share_of_the_effort_is_a_share_of_the_rounds() -> None:
    engine = InRounds(2)
    engine.start(shop(40), Fraction(1, 20))
    found = engine.poll()
    assert isinstance(found, Improved)
    assert found.rounds == 5 or found.proven


def test_what_was_told_once_is_not_told_again() -> None:
    engine = InRounds(1)
    engine.start(shop(5), Fraction(1, 50))
    assert engine.poll() is not None
    assert engine.poll() is None


def test_what_is_stopped_is_forgotten() -> None:
    for engine in (InRounds(1), Beside(60)):
        engine.start(shop(5), ALL)
        engine.stop()
        assert engine.poll() is None


def test_beside_nobody_waits() -> None:
    engine, problem = Beside(1), shop(20)
    begin = time.monotonic()
    engine.start(problem, ALL)
    assert engine.poll() is None
    assert time.monotonic() - begin < 1
    found, patience = None, time.monotonic() + 100
    while found is None and time.monotonic() < patience:
        time.sleep(0.05)
        found = engine.poll()
    assert isinstance(found, Improved)
    assert found.cost <= found.dispatched
