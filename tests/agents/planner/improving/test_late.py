"""Which late promises may be made earlier, and which comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from agents.planner.improving.late import late_in
from agents.planner.state import State
from knowledge.plant import Customer
from knowledge.supply import Release
from tests.agents.planner.improving.shops import group_of, hour, late_shop, never, plant_of_one
from tests.agents.planner.plants import place, state


@pytest.fixture
def planner() -> Iterator[State]:
    planner = late_shop()
    planner.begin(planner.now)
    yield planner


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
