"""Minutes of operations: exact, and rounded up once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.book import Shop
from agents.planner.routing import minutes_of, operations_of, way_to
from knowledge.plant import Alternative, Plant, Route, Step, WorkCentre
from tests.agents.planner import plants
from tests.agents.planner.plants import NOW, made

_MINUTES = st.decimals(0, 1000, places=3)


def shop(of: Plant) -> Shop:
    return Shop(of, NOW)


@given(_MINUTES, _MINUTES, _MINUTES, st.integers(1, 10**6), st.integers(1, 300), st.integers(0, 3))
def test_minutes_are_the_formula_rounded_up(
    setup: Decimal, run: Decimal, teardown: Decimal, quantity: int, efficiency: int, decimals: int
) -> None:
    item = replace(made("A"), decimals=decimals)
    of = plants.plant([item], centres=[WorkCentre("W", efficiency_percent=Decimal(efficiency))])
    exact = Fraction(setup) + Fraction(run) * Fraction(quantity, 10**decimals) + Fraction(teardown)
    way = Alternative("W", setup, run, teardown)
    assert minutes_of(shop(of), item, way, quantity, setup) == ceil(exact * 100 / efficiency)


def test_a_step_has_every_alternative_and_an_item_without_a_route_no_operation() -> None:
    steps = (Step("10", (Alternative("W", run_minutes=Decimal(2)), Alternative("X", run_minutes=Decimal(3)))),)
    of = plants.plant([made("A"), made("B")], centres=[WorkCentre("W"), WorkCentre("X")])
    begun = shop(replace(of, routes={"A": Route("A", "", steps)}))
    [operation] = operations_of(begun, "A", 10)
    assert [(way.work_centre, way.seconds) for way in operation.ways] == [("W", 1200), ("X", 1800)]
    assert operations_of(begun, "B", 10) == []


def test_the_set_up_table_replaces_the_set_up_where_a_row_fits() -> None:
    item = replace(made("A"), group="red")
    route = Route("A", "", (Step("10", (Alternative("W", Decimal(30), Decimal(1)),)),))
    of = plants.plant([item], routes=[route], centres=[WorkCentre("W")])
    begun = shop(replace(of, setups={("W", "blue", "red"): Decimal(5), ("W", "red", "blue"): Decimal(7)}))
    [way] = operations_of(begun, "A", 10)[0].ways
    assert [way.after(group) // 60 for group in (None, "green", "blue")] == [40, 40, 15]


def test_a_firm_operation_that_the_route_has_no_more_keeps_its_length() -> None:
    of = plants.plant([made("A")], centres=[WorkCentre("W")])
    assert way_to(shop(of), "A", 1, "10", "W", 600).seconds == 600
