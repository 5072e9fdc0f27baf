"""The outlook of an item: its events in order, the balances after them, what each is pegged to, and what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.auditor import Books
from knowledge.instants import DAY, HOUR
from knowledge.outlook import EventKind, ItemEvent, Level, Outlook, Pegged, UnknownItemError, outlook_of
from knowledge.plant import Item, Plant, SupplyStatus
from knowledge.supply import PurchaseRow, WorkOrder, line_document

NOW = 100 * DAY
PLANT = Plant(
    items={
        "A": Item("A", "Axle", "KG", decimals=2, safety_stock=5),
        "PUMP-10": Item("PUMP-10", "Pump, small"),
        "PUMP-20": Item("PUMP-20", "Pump, large"),
        "CST-1": Item("CST-1", "Casting of a pump"),
    }
)
LINE = line_document("a shop", "1", "1")
ORDERS = [{"order": "a%20shop/1", "source": "a shop", "number": "1", "customer": "ACME"}]
SUPPLY: dict[str, Any] = {
    "work_orders": [
        WorkOrder("W/1", "A", 4, 0, 0, SupplyStatus.FIRM),
        WorkOrder("W2", "PUMP-10", 1, 0, 0, SupplyStatus.PLANNED, components=(("A", 3),)),
    ],
    "purchases": [PurchaseRow("P1", 2, "GUSS", "A", 7, Decimal(1), "EUR", 0, 0, SupplyStatus.RELEASED)],
}

Moves = Sequence[tuple[str, int, int]]
"""(document, seconds from now, units) of dated events."""


def books(moves: Moves = (), on_hand: int | None = 0, *, item: str = "A", status: str = "planned") -> Books:
    rows = [{"item": item, "document": d, "time": NOW + t, "quantity": q, "status": status} for d, t, q in moves]
    stock = {} if on_hand is None else {item: on_hand}
    return Books(plant=PLANT, now=NOW, on_hand=stock, events=rows, orders=ORDERS, promises=[], shipping=[], **SUPPLY)


def look(moves: Moves = (), on_hand: int | None = 0) -> Outlook:
    return outlook_of(books(moves, on_hand), "A")


def event(outlook: Outlook, document: str) -> ItemEvent:
    (found,) = (each for each in outlook.events if each.document == document)
    return found


# -- what there is


def test_it_has_the_item_with_its_stock_and_the_time() -> None:
    outlook = look(on_hand=1250)
    assert (outlook.item, outlook.on_hand, outlook.now, outlook.zone) == (PLANT.items["A"], 1250, NOW, PLANT.zone)


def test_events_are_in_order_of_time_and_receipts_first_where_it_is_the_same() -> None:
    outlook = look([("n", DAY, -1), ("late", 2 * DAY, 3), ("r", DAY, 2), ("early", HOUR, -1)], 9)
    assert [each.document for each in outlook.events] == ["early", "r", "n", "late"]


def test_balances_are_those_after_everything_of_an_instant() -> None:
    outlook = look([("r", DAY, 6), ("n", DAY, -4), ("m", 2 * DAY, -1)], 1)
    assert [(each.projected, each.promisable) for each in outlook.events] == [(3, 2), (3, 2), (2, 2)]


@pytest.mark.parametrize(
    "document, units, kind, partner",
    [
        ("P1#2", 7, EventKind.PURCHASE_ORDER, "GUSS"),
        ("W%2F1", 4, EventKind.WORK_ORDER, ""),
        ("W2", -3, EventKind.COMPONENT, "PUMP-10"),
        (LINE, -3, EventKind.ORDER_LINE, "ACME"),
        (f"{LINE}#2", -3, EventKind.ORDER_LINE, "ACME"),
        ("nothing", -3, EventKind.UNKNOWN, ""),
    ],
)
def test_it_knows_what_a_document_is_and_whose(document: str, units: int, kind: EventKind, partner: str) -> None:
    (found,) = look([(document, DAY, units)]).events
    assert (found.kind, found.partner) == (kind, partner)


def test_an_event_has_the_status_of_its_document() -> None:
    (found,) = outlook_of(books([(LINE, DAY, -3)], 5, status="hold"), "A").events
    assert found.status == "hold"


# -- pegs


def test_pegs_go_both_ways_with_stock_and_safety_stock_at_their_ends() -> None:
    outlook = look([("r", DAY, 20), ("n", 2 * DAY, -4)], 1)
    assert outlook.stock_pegs == (Pegged("n", 1),)
    assert event(outlook, "n").pegs == (Pegged("stock", 1), Pegged("r", 3))
    assert event(outlook, "r").pegs == (Pegged("n", 3), Pegged("safety_stock", 5), Pegged("stock", 12))


def test_supply_that_comes_after_its_need_is_late_at_both_ends() -> None:
    outlook = look([("n", DAY, -4), ("r", 2 * DAY, 4)], 1)
    assert event(outlook, "n").pegs == (Pegged("stock", 1), Pegged("r", 3, late=True))
    assert event(outlook, "r").pegs == (Pegged("n", 3, late=True), Pegged("safety_stock", 1))


def test_what_is_overdue_at_both_ends_is_not_late() -> None:
    outlook = look([("n", -2 * DAY, -4), ("r", -DAY, 4)])
    assert event(outlook, "n").pegs == (Pegged("r", 4),)


def test_a_requirement_says_how_much_nothing_covers() -> None:
    assert event(look([("n", DAY, -4)], 1), "n").short == 3


# -- shortages and what is overdue


def test_overdue_events_keep_their_time_and_count_at_now() -> None:
    outlook = look([("n", -DAY, -4), ("r", DAY, 2)], 3)
    late = event(outlook, "n")
    assert (late.time, late.overdue, late.projected, late.promisable) == (NOW - DAY, True, -1, -1)
    assert not event(outlook, "r").overdue
    assert outlook.steps[0].projected == -1
    assert outlook.first_shortage == Level(NOW, 1)


def test_it_names_the_lowest_balance_and_the_first_shortage() -> None:
    outlook = look([("a", DAY, -4), ("b", 2 * DAY, -2), ("r", 3 * DAY, 9)], 3)
    assert outlook.lowest == Level(NOW + 2 * DAY, -3)
    assert outlook.first_shortage == Level(NOW + DAY, 1)


def test_it_says_where_the_balance_falls_below_the_safety_stock() -> None:
    outlook = look([("a", DAY, -1), ("b", 2 * DAY, -2)], 6)
    assert outlook.first_below_safety_stock == Level(NOW + 2 * DAY, 2)
    assert outlook.first_shortage is None
    assert look([("a", DAY, -1)], 6).first_below_safety_stock is None


def test_an_item_without_events_stays_as_it_is() -> None:
    outlook = look(on_hand=None)
    assert (outlook.events, outlook.lowest, len(outlook.steps)) == ((), Level(NOW, 0), 1)


def test_events_of_other_items_do_not_matter() -> None:
    assert outlook_of(books([("n", DAY, -1)]), "PUMP-10").events == ()


@given(
    st.integers(-20, 40),
    st.lists(st.tuples(st.integers(-3, 9), st.integers(-20, 20).filter(bool)), max_size=12),
)
def test_balances_and_pegs_add_up(on_hand: int, moves: list[tuple[int, int]]) -> None:
    outlook = look([(f"d{number}", days * DAY, units) for number, (days, units) in enumerate(moves)], on_hand)
    times = {0, *(max(days, 0) for days, _ in moves)}
    balance = {at: on_hand + sum(units for days, units in moves if max(days, 0) <= at) for at in times}
    assert outlook.lowest.units == min(balance.values())
    assert balance[(outlook.lowest.time - NOW) // DAY] == outlook.lowest.units
    for each in outlook.events:
        at = max(each.time - NOW, 0) // DAY
        assert each.projected == balance[at]
        assert each.promisable == min(units for time, units in balance.items() if time >= at)
        assert sum(peg.units for peg in each.pegs) + each.short == abs(each.units)


# -- unknown items


def test_an_item_that_only_the_records_know_still_has_an_outlook() -> None:
    kept = books([("n", DAY, -1)], 3)
    outlook = outlook_of(replace(kept, plant=Plant()), "A")
    assert (outlook.item.code, outlook.lowest.units) == ("A", 2)


@pytest.mark.parametrize(
    "code, told",
    [
        ("pump10", "item pump10 is not known; did you mean PUMP-10?"),
        ("PUMP-11", "item PUMP-11 is not known; did you mean PUMP-10?"),
        ("pump", "item pump is not known; did you mean PUMP-10, PUMP-20 or CST-1?"),
        ("casting", "item casting is not known; did you mean CST-1?"),
        ("zzz", "item zzz is not known"),
        ("", "item '' is not known"),
    ],
)
def test_an_unknown_item_is_refused_with_those_that_are_near(code: str, told: str) -> None:
    with pytest.raises(UnknownItemError) as refused:
        outlook_of(books(), code)
    assert str(refused.value) == told
