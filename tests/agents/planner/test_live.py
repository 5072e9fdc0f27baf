"""The live plan is what placing everything anew gives, after any history of changes, and takes back what it tried."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.book import Book, Commitment, Shelf, Shop
from agents.planner.live import Live
from agents.planner.numbering import Changes
from agents.planner.regenerate import Plan, regenerate
from knowledge.calendars import OPEN_ALWAYS, Calendar, LeadTime, Shift
from knowledge.instants import DAY, HOUR
from knowledge.plant import (
    Alternative,
    Item,
    LotRule,
    Plant,
    Replenishment,
    Route,
    Step,
    SupplyStatus,
    WorkCentre,
)
from knowledge.supply import OperationSlot, PurchaseRow, WorkOrder
from tests.agents.planner.plants import NOW, bom, offer
from tests.effort import times


def _plant(rng: random.Random) -> Plant:
    """Up to three levels of made items over a few work centres, some shared by levels, and bought ones below."""
    sizes = [rng.randint(1, 3) for _ in range(rng.randint(1, 3))]
    levels = [[f"L{level}-{n}" for n in range(size)] for level, size in enumerate(sizes)]
    bought = [f"R{n}" for n in range(rng.randint(1, 3))]
    day = Calendar("day", tuple(Shift(weekday, 480, 1020) for weekday in range(1, 6)))
    centres = {}
    for name in ("A", "B", "C"):
        calendar = day if rng.random() < 0.4 else OPEN_ALWAYS
        centres[name] = WorkCentre(name, rng.choice([1, 1, 2]), calendar)
    items, boms, routes, offers = {}, {}, {}, {}
    for level, codes in enumerate(levels):
        below = [code for deeper in levels[level + 1 :] for code in deeper] + bought
        for code in codes:
            lot = rng.choice([LotRule(), LotRule(), LotRule(minimum=6), LotRule(maximum=12, multiple=4)])
            items[code] = Item(code, lead_time=LeadTime(rng.choice([0, 1])), lot=lot)
            parts = {rng.choice(below) for _ in range(rng.randint(1, 2))}
            boms[code] = bom(code, *((part, rng.randint(1, 2)) for part in sorted(parts)))
            if rng.random() < 0.85:
                routes[code] = Route(code, "", tuple(_step(rng, n) for n in range(rng.randint(1, 3))))
    for code in bought:
        safety, life = rng.choice([0, 0, 5]), rng.choice([None, None, None, 20])
        items[code] = Item(code, supply=Replenishment.BUY, safety_stock=safety, shelf_life_days=life)
        lot = rng.choice([LotRule(), LotRule(minimum=10, multiple=5)])
        week = rng.choice([None, None, 30])
        offers[code] = (
            offer("S1", code, days=rng.choice([1, 4]), lot=lot),
            offer("S2", code, 2, days=rng.choice([0, 2]), week=week, preference=2),
        )
    return Plant(items=items, boms=boms, routes=routes, work_centres=centres, offers=offers)


def _step(rng: random.Random, number: int) -> Step:
    ways = rng.sample(["A", "B", "C"], rng.choice([1, 1, 2]))
    minutes = rng.choice([0, 30, 90, 200])
    return Step(str(number), tuple(Alternative(way, Decimal(rng.choice([0, 15])), Decimal(minutes)) for way in ways))


def _change(rng: random.Random, book: Book, number: int) -> None:
    """One change of the book: an order more or less, stock, firm supply, or time."""
    kind = rng.choice(["order"] * 6 + ["gone", "moved", "stock", "bought", "made", "time", "closed"])
    items = sorted(book.shop.plant.items)
    known = sorted(book.places)
    if kind == "order" or (not known and kind in ("gone", "moved")):
        needs = tuple((rng.choice(items), rng.randint(1, 9), f"t/{number}/{n}") for n in range(rng.choice([1, 1, 2])))
        book.add(Commitment(f"t/{number}", book.now + rng.randint(1, 30 * 24) * HOUR, needs, number))
    elif kind == "gone":
        book.remove(rng.choice(known))
    elif kind == "moved":
        found = book.find(rng.choice(known))
        assert found is not None
        book.add(found.at(found.time + rng.randint(-48, 48) * HOUR))
    elif kind == "stock":
        code = rng.choice(items)
        book.on_hand[code] = rng.randint(0, 12)
        book.touch(book.shop.group_of[code], code)
    elif kind == "time":
        book.now += rng.choice([1, 60, 5 * HOUR])
    else:
        _firm(rng, book, kind, number)


def _firm(rng: random.Random, book: Book, kind: str, number: int) -> None:
    made = [code for code in sorted(book.shop.plant.items) if book.shop.makes(code)]
    bought = [code for code in sorted(book.shop.plant.items) if not book.shop.makes(code)]
    code = rng.choice(made if kind == "made" else bought)
    time = book.now + rng.randint(-5, 15 * 24) * HOUR
    if kind == "closed":
        firm = [(item, document) for item, members in sorted(book.firm.items()) for document in members]
        if not firm:
            return
        code, document = rng.choice(firm)
        del book.firm[code][document]
    elif kind == "bought":
        row = PurchaseRow(
            f"F{number}", 1, "S1", code, rng.randint(1, 20), Decimal(1), "EUR", time, time, SupplyStatus.FIRM
        )
        book.firm.setdefault(code, Shelf())[row.document] = row
    else:
        start = time - rng.randint(1, 5) * HOUR
        slot = OperationSlot("0", rng.choice(["A", "B", "C"]), 1, start, time, 60)
        order = WorkOrder(f"F{number}", code, rng.randint(1, 9), start, time, SupplyStatus.RELEASED, (), (slot,))
        book.firm.setdefault(code, Shelf())[order.document] = order
    book.touch(book.shop.group_of[code], code)


def _promise(rng: random.Random, book: Book, lives: dict[int, Live], number: int) -> None:
    """An order is promised by live plans, besides what is planned or in sequence with it, and the plans are adopted."""
    code = rng.choice(sorted(book.shop.plant.items))
    group = book.shop.group_of[code]
    needs = ((code, rng.randint(1, 9), f"p/{number}/1"),)
    promised = Commitment(f"p/{number}", book.now + rng.randint(1, 30 * 24) * HOUR, needs, number)
    live = lives.get(group)
    if live is not None:
        if live.trial(promised):
            book.add(promised)
            live.accept(promised)
        orders = [order for found in live.making.values() for order in found]
        live.adopt({order.document: order.document for order in orders}, ())
        _take_turns(live, book)


def _take_turns(live: Live, book: Book) -> None:
    """The turns that a live plan has given are what the plan is made from next."""
    for order in (order for found in live.making.values() for order in found):
        book.set_turn(order.document, order.turn)


def _take_plan(live: Live, book: Book) -> None:
    """What a live plan plans is what is planned, which the next plan keeps where it serves."""
    _take_turns(live, book)
    for code in book.shop.groups[live.group]:
        book.planned[code] = Shelf()
    for key, o in ((order.document, order) for found in live.making.values() for order in found):
        order = WorkOrder(key, o.item, o.quantity, o.start, o.finish, SupplyStatus.PLANNED, key=key)
        book.planned[o.item][key] = order
    for number, row in enumerate(row for rows in live.buying.values() for row in rows):
        times = row.order_by, row.due
        money = row.unit_price, row.currency
        planned = PurchaseRow(
            f"B{number}", 1, row.supplier, row.item, row.quantity, *money, *times, SupplyStatus.PLANNED, row.cause
        )
        book.planned[row.item][planned.document] = planned


def _told(live: Live | Plan) -> dict[str, object]:
    """All of a plan, as values."""
    orders = {
        o.document: (o.quantity, o.due, o.cause, o.kept, o.start, o.finish, tuple(o.slots))
        for found in live.making.values()
        for o in found
    }
    return {"orders": orders, "rows": live.buying}


def _anew(of: Book, group: int) -> dict[str, object] | None:
    plan = regenerate(of, group)
    if not plan.feasible:
        return None
    return _told(plan)


def _history(seed: int, changes: int) -> None:
    with patch("agents.planner.live._MANY", 3):
        _go_through(random.Random(seed), seed, changes)


def _go_through(rng: random.Random, seed: int, changes: int) -> None:
    book = Book(Shop(_plant(rng), NOW), NOW)
    lives: dict[int, Live] = {}
    for number in range(changes):
        if rng.random() < 0.4:
            _promise(rng, book, lives, number)
        else:
            _change(rng, book, number)
        for group in book.shop.groups:
            live = lives.get(group)
            if live is None:
                live = Live(book, group)
                feasible = live.build()
            else:
                feasible = live.sync()
            if feasible:
                _take_plan(live, book)
            assert (_told(live) if feasible else None) == _anew(book, group), (seed, number, group)
            if not feasible:
                lives.pop(group, None)
                continue
            lives[group] = live
            _try(rng, live, book, group, number)


def _try(rng: random.Random, live: Live, book: Book, group: int, number: int) -> None:
    """A date that is tried says what placing everything anew says, and leaves no trace."""
    before = _told(live)
    live.begin()
    item = rng.choice(book.shop.groups[group])
    time, needs = book.now + rng.randint(1, 20 * 24) * HOUR, ((item, rng.randint(1, 20), "tried"),)
    tried = Commitment("tried", time, needs, 10**6)
    assert live.trial(tried) or not regenerate(book, group, (tried,)).feasible, number
    assert live.undo()
    assert live.sync()
    assert _told(live) == before


@given(st.integers(0, 2**32))
def test_a_live_plan_is_what_placing_everything_anew_gives(seed: int) -> None:
    _history(seed, times(15, 60))


@pytest.mark.parametrize("seed", range(5))
def test_a_long_history_leaves_a_live_plan_right(seed: int) -> None:
    _history(seed, times(80, 1000))


def test_what_is_freed_of_several_needs_of_one_time_is_there_again() -> None:
    kept, freed, later = ((NOW + DAY, 4, "kept"), (NOW + DAY, 1, "freed"), (NOW + 2 * DAY, 1, "later"))
    book = Book(Shop(Plant(items={"X": Item("X", supply=Replenishment.STOCK)}), NOW), NOW, on_hand={"X": 6})
    for number, (time, quantity, key) in enumerate((kept, freed, later)):
        book.add(Commitment(key, time, (("X", quantity, key),), number))
    live = Live(book, book.shop.group_of["X"])
    assert live.build()
    book.remove("freed")
    assert live.sync()
    assert live.trial(Commitment("new", NOW + 3 * DAY, (("X", 1, "new"),), 9))
    assert not live.trial(Commitment("new", NOW + 3 * DAY, (("X", 2, "new"),), 9))


def test_an_earlier_shortage_is_not_forgotten_when_a_later_one_is_mended() -> None:
    book = Book(Shop(Plant(items={"X": Item("X", supply=Replenishment.STOCK)}), NOW), NOW, on_hand={"X": 2})
    for number, (days, key) in enumerate(((1, "early"), (5, "moving"))):
        book.add(Commitment(key, NOW + days * DAY, (("X", 1, key),), number))
    live = Live(book, book.shop.group_of["X"])
    assert live.build()
    book.on_hand["X"] = 0
    book.touch(live.group, "X")
    book.add(Commitment("moving", NOW + 3 * DAY, (("X", 1, "moving"),), 1))
    assert not live.sync()
    book.remove("moving")
    assert not live.sync()
    assert live.violation is not None
    assert live.violation.document == "early"


def test_of_several_overdue_receipts_of_the_same_quantity_one_that_is_put_off_counts_once() -> None:
    book = Book(Shop(Plant(items={"X": Item("X", supply=Replenishment.STOCK)}), NOW), NOW, on_hand={"X": 1})
    for number in (1, 2):
        time = NOW - number * HOUR
        row = PurchaseRow(f"F{number}", 1, "S", "X", 4, Decimal(1), "EUR", time, time, SupplyStatus.RELEASED)
        book.firm.setdefault("X", Shelf())[row.document] = row
    book.add(Commitment("early", NOW + DAY, (("X", 1, "early"),), 1))
    live = Live(book, book.shop.group_of["X"])
    assert live.build()
    book.firm["X"][row.document] = replace(row, due=NOW + 2 * DAY)
    book.touch(live.group, "X")
    assert live.sync()
    assert not live.trial(Commitment("late", NOW + 3 * DAY, (("X", 9, "late"),), 2))
    assert live.trial(Commitment("late", NOW + 3 * DAY, (("X", 8, "late"),), 2))


def test_what_is_planned_as_before_when_what_was_planned_is_firm_is_told_as_new() -> None:
    plant = Plant(items={"X": Item("X", supply=Replenishment.BUY)}, offers={"X": (offer("S", "X"),)})
    book = Book(Shop(plant, NOW), NOW)
    book.add(Commitment("a", NOW + DAY, (("X", 5, "a"),), 1))
    live = Live(book, book.shop.group_of["X"])
    assert live.build()
    row = PurchaseRow("PO-1", 1, "S", "X", 5, Decimal(1), "EUR", NOW + DAY, NOW + DAY, SupplyStatus.PLANNED)
    live.adopt({}, [row])
    assert live.changes()[:2] == (Changes([], []), [])
    book.firm.setdefault("X", Shelf())[row.document] = replace(row, status=SupplyStatus.FIRM)
    book.touch(live.group, "X")
    book.remove("a")
    book.add(Commitment("a", NOW + DAY, (("X", 10, "a"),), 1))
    assert live.sync()
    changes, gone, _ = live.changes()
    assert ([bought.quantity for bought in changes.rows], gone) == ([5], [row.document])
