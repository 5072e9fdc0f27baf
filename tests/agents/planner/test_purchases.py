"""Buying for a plan: in time, within what weeks hold, one row a supplier and day."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from agents.planner.netting import Shortage
from agents.planner.purchases import Buyer, Buying
from knowledge.instants import DAY, UTC, local_date
from knowledge.plant import Offer, Supplier
from tests.agents.planner.plants import book, bought, day, offer, plant


def buyer(*offers: Offer, suppliers: tuple[Supplier, ...] = (), sourcing: str = "cost") -> Buyer:
    """The buyer of an item R."""
    return Buyer(book(plant([bought("R")], offers=offers, suppliers=suppliers, sourcing=sourcing)), ["R"])


def buy(from_: Buyer, quantity: int, due: int) -> list[Buying]:
    """The rows that bring a quantity by a day; none where that cannot be."""
    found = from_.buy("R", Shortage(day(due), quantity, "need", quantity), day(due))
    return from_.joined(found[0]) if found else []


def test_on_time_comes_before_cheap() -> None:
    shop = buyer(offer("SLOW", "R", 1, days=5), offer("FAST", "R", 9, days=1))
    assert [row.supplier for row in buy(shop, 10, 3)] == ["FAST"]
    assert [row.supplier for row in buy(shop, 10, 6)] == ["SLOW"]


def test_what_nobody_can_bring_in_time_is_not_bought() -> None:
    shop = buyer(offer("S", "R", days=5))
    assert buy(shop, 10, 4) == []
    assert shop.earliest("R", 10) == day(5)


def test_an_item_that_nobody_offers_never_comes() -> None:
    assert buyer().earliest("R", 1) is None
    assert buyer().first_arrival("R") is None


def test_a_row_is_ordered_its_lead_time_ahead_at_the_price_of_its_quantity() -> None:
    [row] = buy(buyer(offer("S", "R", 5, days=2, breaks=((10, 3),))), 10, 6)
    assert (row.order_by, row.due, row.unit_price) == (day(4), day(6), Decimal(3))


def test_a_week_holds_its_capacity_and_the_week_before_brings_the_rest() -> None:
    rows = buy(buyer(offer("S", "R", week=30)), 70, 21)
    assert sum(row.quantity for row in rows) == 70
    assert all(row.quantity <= 30 for row in rows)
    assert len(rows) == 3


def test_what_would_not_keep_until_it_is_needed_is_not_bought_in_an_earlier_week() -> None:
    perishable = replace(bought("R"), shelf_life_days=10)
    shop = Buyer(book(plant([perishable], offers=[offer("S", "R", week=30)])), ["R"])
    rows = buy(shop, 60, 21)
    assert [row.quantity for row in rows] == [30, 30]
    assert all(day(21) - row.due < 10 * DAY for row in rows)
    assert buy(shop, 31, 21) == []


def test_weeks_are_filled_by_everything_that_is_bought() -> None:
    shop = buyer(offer("S", "R", week=30))
    first, second = buy(shop, 30, 21), buy(shop, 30, 21)
    assert first[0].due == day(21)
    assert second[0].due < day(21) - 86400


def test_capacity_delays_what_the_weeks_until_then_cannot_bring() -> None:
    earliest = buyer(offer("S", "R", week=10)).earliest("R", 25)
    assert earliest is not None
    assert day(7) < earliest < day(21)


def test_an_order_that_goes_out_that_day_anyway_costs_nothing_more() -> None:
    shop = buyer(
        offer("A", "R", 3), offer("B", "R", 4), suppliers=(Supplier("A", order_cost=Decimal(50)), Supplier("B"))
    )
    assert [row.supplier for row in buy(shop, 10, 5)] == ["B"]
    shop.ordered.add(("A", local_date(day(5), UTC)))
    assert [row.supplier for row in buy(shop, 10, 5)] == ["A"]


def test_by_preference_price_does_not_matter() -> None:
    shop = buyer(offer("A", "R", 1, preference=2), offer("B", "R", 9, preference=1), sourcing="preference")
    assert [row.supplier for row in buy(shop, 10, 5)] == ["B"]


@pytest.mark.parametrize(("apart", "rows"), [(600, 1), (86400, 2)])
def test_rows_of_one_supplier_and_day_are_joined_at_the_price_of_their_sum(apart: int, rows: int) -> None:
    shop = buyer(offer("S", "R", 5, days=1, breaks=((10, 3),)))
    found = [
        row
        for due in (day(5) + 3600, day(5) + 3600 + apart)
        for row in (shop.buy("R", Shortage(due, 6, "n", 6), due) or ([], 0))[0]
    ]
    joined = shop.joined(found)
    assert len(joined) == rows
    assert joined[0].due == day(5) + 3600
    assert joined[0].unit_price == (3 if rows == 1 else 5)
