"""Taking a sequence back: who gains, who stays, and that nothing is left of what is not taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from agents.planner.improving import taking
from agents.planner.improving.posing import posed
from agents.planner.improving.taking import Taking, late_in, tried_again
from agents.planner.sequencing import Placement, Schedule, improve
from agents.planner.state import State
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.whole import validate
from knowledge.instants import MINUTE
from knowledge.plant import Customer, Plant, WorkCentre
from knowledge.supply import Release
from tests.agents.planner.improving.shops import group_of, hour, late_shop, never
from tests.agents.planner.plants import NOW, drop, made, place, plant, promised, route, state, supply, with_customer
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


@pytest.mark.parametrize(
    "waits", [lambda r: replace(r, held=True), lambda r: replace(r, at_risk=True), lambda r: replace(r, shipped=True)]
)
def test_who_waits_for_somebody_is_not_moved(planner: State, waits: Callable[[Release], Release]) -> None:
    group = group_of(planner, "C")
    assert [late.commitment.key for late in late_in(planner, group, never)] == ["t/3/1"]
    (document,) = planner.documents("t/3")
    release = planner.releases[document]
    planner.releases[document] = waits(release)
    assert late_in(planner, group, never) == []
    planner.releases[document] = release


def test_who_is_asked_about_before_a_promise_changes_is_not_moved(planner: State) -> None:
    assert late_in(planner, group_of(planner, "C"), lambda order: order == "t/3") == []


def test_the_dearest_is_first() -> None:
    customers = {"C": Customer("C"), "D": Customer("D", lateness_weight=Decimal(9))}
    planner = state(replace(plant_of_one(), customers=customers))
    for number, customer in enumerate("CCDC", 1):
        place(planner, number, ("F", 1, hour(10)), customer=customer)
    found = late_in(planner, group_of(planner, "F"), never)
    assert [late.commitment.key for late in found] == ["t/3/1", "t/4/1", "t/2/1"]


def plant_of_one() -> Plant:
    """One machine, on which a piece takes ten hours."""
    return plant([made("F")], routes=[route("F", ("M", 600))], centres=[WorkCentre("M")])


def test_what_was_cancelled_makes_room_without_any_sequence() -> None:
    planner = state(with_customer(plant_of_one(), Customer("C", partial_shipments=False)))
    for number in (1, 2, 3):
        place(planner, number, ("F", 1, hour(20)))
    drop(planner, 2)
    planner.begin(planner.now)
    assert promised(planner, 3) == [(1, hour(30))]
    assert tried_again(planner, group_of(planner, "F"), never, set()) == (["t/3"], False)
    planner.adopt([group_of(planner, "F")])
    assert promised(planner, 3) == [(1, hour(20))]
    assert tried_again(planner, group_of(planner, "F"), never, set()) == ([], False)
    assert validate(whole_of(planner)) == []


def test_many_late_orders_are_promised_again_in_several_decisions_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "_MOST_TESTS", 1)
    planner = state(with_customer(plant_of_one(), Customer("C", partial_shipments=False)))
    for number in range(1, 7):
        place(planner, number, ("F", 1, hour(20)))
    drop(planner, 2)
    seen: set[str] = set()
    gained: list[str] = []
    steps, more = 0, True
    while more:
        planner.begin(planner.now)
        found, more = tried_again(planner, group_of(planner, "F"), never, seen)
        gained += found
        if found:
            planner.adopt([group_of(planner, "F")])
        steps += 1
    assert steps == len(seen) == 4
    assert gained == ["t/6"]  # the latest takes the place that has become free
    ends = sorted(promised(planner, number)[0][1] for number in (1, 3, 4, 5, 6))
    assert ends == [hour(10 * place) for place in (2, 2, 3, 4, 5)]
    assert validate(whole_of(planner)) == []
