"""What is late is promised again where others have made room, in as many decisions as it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agents.planner.improving.again import Again
from agents.planner.improving.hosting import patience
from agents.planner.state import State
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.whole import validate
from knowledge.plant import Customer
from tests.agents.planner.improving.shops import group_of, hour, never, plant_of_one
from tests.agents.planner.plants import drop, place, promised, state, with_customer

endless = patience(0)


def crowded(orders: int) -> State:
    """So many orders for one machine, of which the second was cancelled."""
    planner = state(with_customer(plant_of_one(), Customer("C", partial_shipments=False)))
    for number in range(1, orders + 1):
        place(planner, number, ("F", 1, hour(15)))
    drop(planner, 2)
    planner.begin(planner.now)
    return planner


def decisions(planner: State, over: Callable[[], bool]) -> list[list[str]]:
    """Who gains in each decision until all are seen."""
    again, found = Again(more=True), []
    while again.more:
        planner.begin(planner.now)
        found.append(again.step(planner, group_of(planner, "F"), never, over))
        if found[-1]:
            planner.adopt([group_of(planner, "F")])
    return found


def test_what_was_cancelled_makes_room_without_any_sequence() -> None:
    planner = crowded(3)
    assert promised(planner, 3) == [(1, hour(30))]
    assert Again().step(planner, group_of(planner, "F"), never, endless) == ["t/3"]
    planner.adopt([group_of(planner, "F")])
    assert promised(planner, 3) == [(1, hour(20))]
    assert Again().step(planner, group_of(planner, "F"), never, endless) == []
    assert validate(whole_of(planner)) == []


@pytest.mark.parametrize("orders", [3, 6])
def test_however_often_others_come_in_between_the_same_is_found(orders: int) -> None:
    at_once, hurried = crowded(orders), crowded(orders)
    (all_of_it,) = decisions(at_once, endless)
    bit_by_bit = decisions(hurried, lambda: True)
    assert [key for step in bit_by_bit for key in step] == all_of_it == [f"t/{orders}"]
    assert len(bit_by_bit) > 3
    for number in {*range(1, orders + 1)} - {2}:
        assert promised(hurried, number) == promised(at_once, number)
    assert validate(whole_of(hurried)) == []


def test_a_search_goes_on_where_it_was_unless_the_plan_has_changed_meanwhile() -> None:
    planner = crowded(3)
    again, group = Again(), group_of(planner, "F")
    assert again.step(planner, group, never, lambda: True) == []
    under_way = again.search
    assert under_way is not None
    assert (under_way[0], again.more) == ("t/3", True)
    place(planner, 4, ("F", 1, hour(15)))  # it takes the place that had become free
    planner.begin(planner.now)
    assert again.step(planner, group, never, endless) == []
    assert not again.more
    assert promised(planner, 3) == [(1, hour(30))]
    assert validate(whole_of(planner)) == []


def test_patience_ends_and_never_where_it_is_nought() -> None:
    assert not patience(0)()
    assert not patience(60_000)()
    soon = patience(1)
    while not soon():
        pass
