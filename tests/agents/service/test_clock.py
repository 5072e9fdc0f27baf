"""The clock of the service follows the machine's, but never goes back and never stands still."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.service.clock import SECOND, SteadyClock
from knowledge.instants import HOUR
from tests.serving import START


class Machine:
    """A machine whose time can be set, as that of the time that passes cannot."""

    def __init__(self) -> None:
        self.wall, self.passed = START * SECOND, 0

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.passed)

    def let_pass(self, seconds: int) -> None:
        self.wall += seconds * SECOND
        self.passed += seconds * SECOND

    def step(self, seconds: int) -> None:
        self.wall += seconds * SECOND


def test_a_clock_that_is_stepped_back_goes_on_at_half_the_speed_until_the_machine_has_caught_up() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.step(-HOUR)
    told = []
    for _ in range(5):
        told.append(clock() - START)
        machine.let_pass(HOUR)
    assert told == [0, HOUR // 2, HOUR, 2 * HOUR, 3 * HOUR]


def test_a_society_that_was_awake_later_than_the_machine_says_goes_on_from_then() -> None:
    machine = Machine()
    clock = machine.clock()
    clock.not_before(START + HOUR)
    assert clock() == START + HOUR
    machine.let_pass(10)
    assert clock() == START + HOUR + 5
    clock.not_before(START)
    assert clock() == START + HOUR + 5


STEPS = st.lists(st.tuples(st.integers(0, 2 * HOUR), st.integers(-2 * HOUR, 2 * HOUR)), max_size=30)


@given(STEPS)
def test_whatever_is_done_to_the_machine_time_it_is_never_behind_never_back_and_never_still(
    steps: list[tuple[int, int]],
) -> None:
    machine = Machine()
    clock = machine.clock()
    last = clock()
    for passed, step in steps:
        machine.let_pass(passed)
        machine.step(step)
        now = clock()
        assert now >= machine.wall // SECOND
        assert now >= last + passed // 2 - 1
        last = now
