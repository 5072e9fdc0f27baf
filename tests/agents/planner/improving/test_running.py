"""A run: which groups, how much effort, and what becomes of a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from agents.planner.improving.hosting import InRounds
from agents.planner.improving.running import Running, begun
from agents.planner.sequencing import Failed, Improved, Problem
from agents.planner.state import State
from knowledge.instants import Instant
from knowledge.plant import Customer, WorkCentre
from tests.agents.planner.improving.shops import hour, late_shop, never
from tests.agents.planner.plants import made, place, plant, promised, route, state, with_customer


@dataclass
class Noting(InRounds):
    """Notes what it was given, and improves nothing where it is `dull`."""

    dull: bool = False
    shares: list[Fraction] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(1)

    def start(self, problem: Problem, share: Fraction) -> None:
        self.shares.append(share)
        super().start(problem, share)

    def poll(self) -> Improved | Failed | None:
        found = super().poll()
        return Failed("nothing") if self.dull else found


def finished(planner: State, run: Running) -> list[str]:
    """The groups of a run in the order in which they were done."""
    done = []
    while run.groups:
        planner.begin(planner.now)
        done.append(run.groups[0])
        assert run.poll(planner)
        run.take(planner, never)
        if not run.next():
            break
    return done


def two_groups() -> State:
    """Items that share nothing, each late: Z by more than Y."""
    of = plant(
        [made("Y"), made("Z")],
        routes=[route("Y", ("M", 600)), route("Z", ("N", 600))],
        centres=[WorkCentre("M"), WorkCentre("N")],
    )
    planner = state(with_customer(of, Customer("C", partial_shipments=False)))
    for number, item in enumerate("YYZZZ", 1):
        place(planner, number, (item, 1, hour(10)))
    return planner


def test_groups_without_lateness_are_left_alone() -> None:
    planner = two_groups()
    place(planner, 9, ("Y", 1, _far()))
    assert begun(planner, InRounds(1), lambda order: True).groups == []
    assert begun(planner, InRounds(1), never).groups == ["Z", "Y"]


def _far() -> Instant:
    return hour(10_000)


def test_what_gains_nothing_is_tried_once() -> None:
    planner, engine = two_groups(), Noting(dull=True)
    assert finished(planner, begun(planner, engine, never)) == ["Z", "Y"]
    assert engine.shares == [Fraction(1, 12)] * 2


def test_the_effort_of_a_later_pass_goes_to_what_has_gained() -> None:
    planner, engine = late_shop(), Noting()
    assert finished(planner, begun(planner, engine, never)) == ["A", "A"]
    assert engine.shares == [Fraction(2, 3), Fraction(1, 3)]
    assert promised(planner, 3) == [(1, hour(9))]


def test_a_group_that_is_gone_is_passed_over() -> None:
    planner = late_shop()
    run = begun(planner, InRounds(1), never)
    run.groups = ["GONE"]
    assert run.poll(planner)
    run.take(planner, never)
    assert not run.next()
