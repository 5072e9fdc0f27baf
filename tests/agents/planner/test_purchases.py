"""Buying for a plan: in time, within what weeks hold, one row a supplier and day."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.netting import Need, Shortage
from agents.planner.purchases import Buyer, Buying, monday
from agents.planner.sourcing import Option
from knowledge.calendars import Calendar, LeadTime, Shift
from knowledge.instants import DAY, UTC, local_date
from knowledge.plant import LotRule, Offer, Supplier
from tests.agents.planner.plants import book, bought, day, offer, plant
from tests.effort import times
from tests.exact import best_rank


def buyer(*offers: Offer, suppliers: tuple[Supplier, ...] = (), sourcing: str = "cost") -> Buyer:
    """The buyer of an item R."""
    return Buyer(book(plant([bought("R")], offers=offers, suppliers=suppliers, sourcing=sourcing)), ["R"])


def buy(from_: Buyer, quantity: int, due: int) -> list[Buying]:
    """The rows that bring a quantity by a day; none where that cannot be."""
    found = from_.buy("R", Shortage(day(due), quantity, Need(day(due), 0, quantity, "need"), quantity), day(due))
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


def test_what_was_chosen_is_chosen_again_only_where_as_much_is_left() -> None:
    shop = buyer(offer("S", "R", 1, week=30), offer("T", "R", 9))
    assert [[(row.supplier, row.quantity) for row in buy(shop, 20, 1)] for _ in range(3)] == [
        [("S", 20)],
        [("S", 10), ("T", 10)],
        [("T", 20)],
    ]


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
        for row in (shop.buy("R", Shortage(due, 6, Need(due, 0, 6, "n"), 6), due) or ([], 0))[0]
    ]
    joined = shop.joined(found)
    assert len(joined) == rows
    assert joined[0].due == day(5) + 3600
    assert joined[0].unit_price == (3 if rows == 1 else 5)


def test_what_a_week_has_left_below_the_smallest_lot_does_not_count() -> None:
    shop = buyer(offer("S", "R", week=10, lot=LotRule(8, None, 1)))
    assert [row.quantity for row in buy(shop, 9, 27)] == [9]
    rows = buy(shop, 18, 27)  # one is left of the last week
    assert sum(row.quantity for row in rows) == 18
    assert all(8 <= row.quantity <= 10 and row.due < day(26) for row in rows)


def test_an_offer_whose_smallest_lot_no_week_can_hold_never_comes() -> None:
    shop = buyer(offer("S", "R", week=10, lot=LotRule(12, None, 1)))
    assert buy(shop, 5, 27) == []
    assert shop.earliest("R", 5) is None


def test_an_earlier_week_is_bought_from_where_one_large_row_is_cheaper_than_two_small_ones() -> None:
    shop = buyer(offer("S", "R", 9, week=12, breaks=((12, 1),)))
    assert [row.quantity for row in buy(shop, 6, 27)] == [12]
    shop = buyer(offer("S", "R", 9, week=12, breaks=((12, 1),)))
    shop.booked["S", "R", monday(local_date(day(27), UTC))] = 7
    shop.booked["S", "R", monday(local_date(day(20), UTC))] = 5
    [row] = buy(shop, 12, 27)
    assert (row.quantity, row.unit_price) == (12, Decimal(1))
    assert row.due < day(19)


def test_prices_are_compared_in_the_plants_currency() -> None:
    there = replace(
        plant(
            [bought("R")], offers=[offer("A", "R", 9), offer("B", "R", 8)], suppliers=[Supplier("B", currency="USD")]
        ),
        rates={"USD": Decimal("1.20")},
    )
    [row] = buy(Buyer(book(there), ["R"]), 10, 5)
    assert (row.supplier, row.currency, row.unit_price) == ("A", "EUR", Decimal(9))
    [row] = buy(Buyer(book(replace(there, rates={"USD": Decimal("1.10")})), ["R"]), 10, 5)
    assert (row.supplier, row.currency, row.unit_price) == ("B", "USD", Decimal(8))


def test_two_weeks_ordered_on_one_day_share_its_order_cost() -> None:
    """Due on a Monday or the Sunday before it, what takes working days to come is ordered on the same Friday."""
    weekdays = tuple(Shift(weekday, 0, 1440) for weekday in range(1, 6))
    there = replace(offer("A", "R", 1, week=30), lead_time=LeadTime(1, Calendar("5", weekdays)))
    monday_noon = day(5) + 12 * 3600
    shop = buyer(there, offer("B", "R", 2), suppliers=(Supplier("A", order_cost=Decimal(50)), Supplier("B")))
    found = shop.buy("R", Shortage(monday_noon, 60, Need(monday_noon, 0, 60, "need"), 60), monday_noon)
    assert found is not None
    assert [(row.supplier, row.quantity) for row in found[0]] == [("A", 30), ("A", 30)]
    assert len({local_date(row.order_by, UTC) for row in found[0]}) == 1


@st.composite
def limited(draw: st.DrawFn, supplier: str) -> tuple[Offer, Supplier, list[int]]:
    """An offer with a weekly capacity and falling prices, its supplier, and how much of each week is taken."""
    first, week = draw(st.integers(2, 9)), draw(st.integers(3, 14))
    breaks = sorted(draw(st.sets(st.integers(2, 14), max_size=2)))
    prices = sorted((draw(st.integers(1, first)) for _ in breaks), reverse=True)
    lot = LotRule(draw(st.sampled_from([0, 0, 4, 9])), None, draw(st.sampled_from([1, 1, 2, 3])))
    given_ = offer(supplier, "R", first, lot=lot, week=week, breaks=tuple(zip(breaks, prices, strict=True)))
    cost = Decimal(draw(st.sampled_from([0, 0, 6, 30])))
    return given_, Supplier(supplier, order_cost=cost), [draw(st.integers(0, week)) for _ in range(4)]


@settings(max_examples=times(150, 2000), deadline=None)
@given(limited("A"), limited("B") | st.none(), st.integers(1, 25))
def test_no_choice_of_weeks_costs_less_than_the_one_that_is_bought(
    one: tuple[Offer, Supplier, list[int]], two: tuple[Offer, Supplier, list[int]] | None, need: int
) -> None:
    """Every week from now until the need is tried, in all ways, against those weeks that the buyer looks at."""
    drawn = [one] if two is None else [one, two]
    shop = buyer(*(offer for offer, _, _ in drawn), suppliers=tuple(supplier for _, supplier, _ in drawn))
    due = day(26)  # a Monday, the fifth from now
    every: list[Option] = []
    for entry, (_, supplier, taken) in zip(shop.offers("R"), drawn, strict=True):
        for back in range(5):
            week = monday(local_date(due - back * 7 * 86400, UTC))
            booked = taken[back] if back < len(taken) else 0
            shop.booked[supplier.code, "R", week] = booked
            capacity = entry.offer.capacity_per_week
            assert capacity is not None
            every.append(replace(entry.option, offer=len(every), cap=capacity - booked))
    best = best_rank(every, need)
    found = shop.buy("R", Shortage(due, need, Need(due, 0, need, "need"), need), due)
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        order_costs = {supplier.code: supplier.order_cost for _, supplier, _ in drawn}
        paid = sum(row.quantity * row.unit_price + order_costs[row.supplier] for row in found[0])
        assert paid * shop.offers("R")[0].scale == best[0]
