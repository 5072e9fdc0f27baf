"""What a firm work order is planned by that is no longer in force."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from agents.planner.book import Shop
from agents.planner.opening import opened_work_order
from agents.planner.superseded import superseded
from knowledge.plant import Alternative, Plant, Route, Step, SupplyStatus, WorkCentre
from knowledge.supply import WorkOrder
from tests.agents.planner.plants import NOW, bom, book, bought, day, made, plant, route

PLANT = replace(
    plant(
        [made("F"), made("G"), bought("R"), bought("S")],
        boms=[bom("F", ("R", 1), ("S", 2))],
        routes=[route("F", ("M", 60), ("N", 30))],
        centres=[WorkCentre("M"), WorkCentre("N"), WorkCentre("L")],
    ),
    setups={("M", "x", ""): Decimal(90)},
)


def _firm(of: Plant = PLANT, item: str = "F") -> WorkOrder:
    """Four of an item, firm, as the plant makes it."""
    return opened_work_order(book(of), WorkOrder("W1", item, 4, 0, day(3), SupplyStatus.FIRM))


def _routed(*steps: Step) -> Plant:
    return replace(PLANT, routes={"F": Route("F", "B", steps)})


def _step(name: str, *ways: Alternative) -> Step:
    return Step(name, ways)


M, N, L = (Alternative(code, run_minutes=Decimal(minutes)) for code, minutes in (("M", 60), ("N", 30), ("L", 60)))


def test_nothing_is_said_of_an_order_that_is_as_the_plant_makes_it() -> None:
    assert superseded(Shop(PLANT, NOW), _firm()) == ""
    assert superseded(Shop(PLANT, NOW), _firm(item="G")) == ""


def test_an_order_that_has_begun_keeps_what_it_was_begun_by() -> None:
    revised = replace(PLANT, boms={"F": bom("F", ("R", 3))})
    assert superseded(Shop(revised, NOW), replace(_firm(), drawn=True)) == ""


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (bom("F", ("R", 1), ("S", 3)), "bill of materials than the one in force"),
        (replace(bom("F", ("R", 3)), revision="C"), "bill of materials than the one in force (revision C)"),
        (replace(PLANT.boms["F"], revision="C"), "bill of materials than the one in force (revision C)"),
    ],
)
def test_other_components_or_another_revision_are_said(now: object, said: str) -> None:
    revised = replace(PLANT, boms={"F": now})  # type: ignore[dict-item]
    assert superseded(Shop(revised, NOW), _firm()) == said


def test_the_revision_that_an_order_is_of_is_said() -> None:
    old = replace(PLANT, boms={"F": replace(PLANT.boms["F"], revision="B")})
    said = superseded(Shop(PLANT, NOW), _firm(old))
    assert said == "bill of materials (revision B) than the one in force"


def test_components_listed_in_another_order_are_the_same() -> None:
    turned = replace(PLANT, boms={"F": bom("F", ("S", 2), ("R", 1))})
    assert superseded(Shop(turned, NOW), _firm()) == ""


@pytest.mark.parametrize(
    "steps",
    [
        (_step("10", M),),
        (_step("10", M), _step("30", N)),
        (_step("10", L), _step("20", N)),
        (_step("10", replace(M, run_minutes=Decimal(59))), _step("20", N)),
    ],
    ids=["a step less", "another step", "another work centre", "other minutes"],
)
def test_operations_that_are_not_of_the_route_in_force_are_said(steps: tuple[Step, ...]) -> None:
    assert superseded(Shop(_routed(*steps), NOW), _firm()) == "route than the one in force (revision B)"


@pytest.mark.parametrize(
    "first",
    [
        _step("10", L, M),
        _step("10", replace(M, run_minutes=Decimal(59), learned_percent=98)),
    ],
    ids=["one of several ways", "minutes learned from reports"],
)
def test_operations_that_the_route_in_force_still_allows_are_not(first: Step) -> None:
    assert superseded(Shop(_routed(first, _step("20", N)), NOW), _firm()) == ""


def test_a_set_up_that_depends_on_what_was_before_is_of_the_route() -> None:
    order = _firm()
    first = replace(order.operations[0], minutes=4 * 60 + 90)
    assert superseded(Shop(PLANT, NOW), replace(order, operations=(first, *order.operations[1:]))) == ""
