"""Taking a sequence back: who gains, who stays, and that nothing is left of what is not taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agents.planner.improving import taking
from agents.planner.improving.posing import posed
from agents.planner.improving.taking import Taking
from agents.planner.sequencing import Placement, Schedule, improve
from agents.planner.state import State
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.whole import validate
from knowledge.instants import MINUTE
from tests.agents.planner.improving.shops import group_of, hour, late_shop, never
from tests.agents.planner.plants import NOW, place, promised, supply
from tests.guarding import same


@pytest.fixture
def planner() -> Iterator[State]:
    planner = late_shop()
    planner.begin(planner.now)
    yield planner
    assert validate(whole_of(planner)) == []


def improved(planner: State, schedule: Schedule | None = None) -> Taking:
    """The sequence that improving finds, ready to be taken back."""
    group = group_of(planner, "C")
    found = posed(planner, group)
    assert found is not None
    return Taking(planner, group, found, schedule or improve(found.problem, rounds=20).schedule, never)


def test_a_late_order_gets_its_date_and_nobody_elses_changes(planner: State) -> None:
    assert promised(planner, 3) == [(1, hour(13) + MINUTE)]
    assert improved(planner).run() == ["t/3/1"]
    planner.adopt([group_of(planner, "C")])
    assert [promised(planner, number) for number in (1, 2, 3)] == [[(1, hour(13))], [(1, hour(13))], [(1, hour(9))]]
    (release,) = [r for r in planner.releases.values() if r.order == "t/3"]
    assert "improving" in release.reason


def test_a_decision_that_is_undone_leaves_everything_as_it_was(planner: State) -> None:
    before, turns, planned = whole_of(planner), dict(planner.book.turns), supply(planner)
    assert improved(planner).run()
    planner.adopt([group_of(planner, "C")])
    assert supply(planner) != planned
    planner.undo()
    assert same(whole_of(planner), before)
    assert (planner.book.turns, supply(planner)) == (turns, planned)
    place(planner, 4, ("B", 1, hour(30)))
    fresh = late_shop()
    place(fresh, 4, ("B", 1, hour(30)))
    assert supply(planner) == supply(fresh)


def test_a_change_that_gains_too_little_for_what_it_moves_is_not_made(
    planner: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, planned = whole_of(planner), supply(planner)
    monkeypatch.setattr(taking, "PER_MINUTE", 1_000_000)
    assert improved(planner).run() == []
    planner.adopt([group_of(planner, "C")])
    assert same(whole_of(planner), before)
    assert supply(planner) == planned


def test_a_sequence_that_brings_nothing_changes_nothing(planner: State) -> None:
    before, turns = whole_of(planner), dict(planner.book.turns)
    found = posed(planner, group_of(planner, "C"))
    assert found is not None
    places = [
        Placement(name, step, slot.work_centre, 0, (slot.start - NOW) // MINUTE, (slot.finish - NOW) // MINUTE)
        for name, order in found.orders.items()
        for step, slot in enumerate(order.operations)
    ]
    assert improved(planner, Schedule(tuple(places))).run() == []
    assert same(whole_of(planner), before)
    assert planner.book.turns == turns
