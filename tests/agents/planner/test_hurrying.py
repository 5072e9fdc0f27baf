"""What it would take for a late order to be there on its date."""

from __future__ import annotations

from decimal import Decimal

import pytest

from agents.planner.hurrying import needed_for_the_date
from agents.planner.state import State
from knowledge.calendars import Calendar, Shift
from knowledge.plant import Customer, Item, WorkCentre
from tests.agents.planner.plants import (
    bom,
    bought,
    day,
    made,
    offer,
    place,
    plant,
    promised,
    route,
    state,
    with_customer,
)
from tests.agents.planner.test_candidates import snapshot

DAYTIME = Calendar("day", tuple(Shift(weekday, 480, 960) for weekday in range(1, 8)))
SHOP = plant(
    [made("F"), bought("R")],
    boms=[bom("F", ("R", 1))],
    routes=[route("F", ("M", 60))],
    centres=[WorkCentre("M", calendar=DAYTIME)],
    offers=[offer("S", "R", 2, days=2)],
)
"""Eight F a day, each of one R that takes two days to come."""


def needed(of: State, number: int = 1) -> tuple[str, ...]:
    return needed_for_the_date(of, of.orders[f"t/{number}"].facts)


def test_an_order_on_time_takes_nothing() -> None:
    of = state(SHOP)
    place(of, 1, ("F", 8, day(3)))
    assert needed(of) == ()


def test_work_that_does_not_fit_into_the_open_hours_takes_overtime() -> None:
    of = state(SHOP)
    place(of, 1, ("F", 20, day(3)))
    assert promised(of, 1)[-1][1] > day(3)
    assert needed(of) == ("overtime at M", "20 EA of R from 1972-09-27T12:00:00+00:00 on")


def test_material_that_comes_too_late_has_to_come_sooner_and_it_is_said_by_when() -> None:
    of = state(SHOP)
    place(of, 1, ("F", 8, day(2)))
    assert "8 EA of R from 1972-09-28T08:00:00+00:00 on" in needed(of)


def test_both_may_be_needed() -> None:
    of = state(SHOP)
    place(of, 1, ("F", 24, day(1)))
    assert needed(of) == ("overtime at M and 24 EA of R from 1972-09-27T00:00:00+00:00 on",)


def test_what_nobody_sells_or_no_night_is_long_enough_for_cannot_be_hurried() -> None:
    of = state(SHOP)
    place(of, 1, ("F", 30, day(1)))
    assert needed(of) == ()
    of = state(plant([Item("F"), bought("R")], boms=[bom("F", ("R", 1))]), {"R": 3})
    place(of, 1, ("F", 5, day(1)))
    assert needed(of) == ()


def test_of_two_work_centres_only_the_one_that_has_to_is_open_longer() -> None:
    two = plant(
        [made("F")],
        routes=[route("F", ("M", 60), ("N", 1))],
        centres=[WorkCentre("M", calendar=DAYTIME), WorkCentre("N", calendar=DAYTIME)],
    )
    of = state(two)
    place(of, 1, ("F", 15, day(1) + 14 * 3600))
    assert needed(of) == ("overtime at M",)


@pytest.mark.parametrize("partial", [True, False])
def test_lines_are_hurried_for_their_own_dates_and_looking_changes_nothing(partial: bool) -> None:
    of = state(with_customer(SHOP, Customer("C", partial_shipments=partial, transit_days=Decimal(1))))
    place(of, 1, ("F", 8, day(3)), ("R", 4, day(9)))
    before = snapshot(of)
    assert bool(needed(of)) == partial  # in one shipment, the later line decides
    assert snapshot(of) == before
