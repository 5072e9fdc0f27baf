"""Every way to spoil a good plan is refused, with the reason that it is refused for; what is only a fact is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from agents.planner.state import State
from agents.planner.validator.gate import Gate
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.values import Change, Law, Whole, changed
from agents.planner.validator.whole import validate
from knowledge.calendars import Calendar, Shift
from knowledge.instants import DAY, HOUR
from knowledge.plant import (
    Alternative,
    Customer,
    LotRule,
    Plant,
    Route,
    Step,
    Supplier,
    SupplyStatus,
    WorkCentre,
)
from knowledge.shelf_life import Lot
from knowledge.supply import OperationSlot, PurchaseRow, Supply, WorkOrder
from tests.agents.planner.plants import NOW, bom, bought, day, made, offer, place, plant

MORNINGS = Calendar("mornings", tuple(Shift(weekday, 6 * 60, 14 * 60) for weekday in range(1, 8)))


def _step(name: str, *ways: tuple[str, int, int]) -> Step:
    return Step(name, tuple(Alternative(centre, Decimal(setup), Decimal(run)) for centre, setup, run in ways))


def _plant() -> Plant:
    """Chairs in two colours, which are sawn, then painted: the other colour takes a longer set-up."""
    items = [
        replace(made("RED", lot=LotRule(4, 12, 4)), group="red"),
        replace(made("BLUE", lot=LotRule(4, 12, 4)), group="blue"),
        made("SEAT", days=1),
        bought("WOOD"),
        replace(bought("GLUE"), shelf_life_days=30),
    ]
    routes = [
        Route(code, "", (_step("10", ("SAW", 0, 30), ("OLD SAW", 0, 60)), _step("20", ("PAINT", 10, 20))))
        for code in ("RED", "BLUE")
    ]
    found = plant(
        items,
        boms=[bom("RED", ("SEAT", 1), ("WOOD", 2)), bom("BLUE", ("SEAT", 1), ("GLUE", 1)), bom("SEAT", ("WOOD", 1))],
        routes=routes,
        centres=[WorkCentre("SAW", 1, MORNINGS), WorkCentre("OLD SAW", 1, MORNINGS), WorkCentre("PAINT", 1)],
        offers=[
            offer("S", "WOOD", 3, days=2, lot=LotRule(10, None, 5), week=100),
            offer("S", "GLUE", 2, days=1),
        ],
        suppliers=[Supplier("S")],
        customers=[Customer("C"), Customer("ALL", partial_shipments=False)],
    )
    setups = {("PAINT", "red", "blue"): Decimal(60), ("PAINT", "blue", "red"): Decimal(60)}
    return replace(found, setups=setups)


def _planned() -> Whole:
    """Four orders, planned."""
    state = State(_plant(), NOW)
    state.begin(NOW)
    state.adopt(state.book.shop.groups)
    place(state, 1, ("RED", 8, day(10)))
    place(state, 2, ("BLUE", 8, day(10)))
    place(state, 3, ("RED", 4, day(12)), ("WOOD", 7, day(12)), customer="ALL")
    place(state, 4, ("RED", 4, day(10)))
    return whole_of(state)


PLAN = _planned()


# -- how a plan is spoiled


def _order(plan: Whole, item: str) -> WorkOrder:
    """The first work order of an item."""
    return next(s for s in plan.supply.values() if isinstance(s, WorkOrder) and s.item == item)


def _row(plan: Whole, item: str) -> PurchaseRow:
    """The first purchase of an item to be due."""
    rows = [s for s in plan.supply.values() if isinstance(s, PurchaseRow) and s.item == item]
    return min(rows, key=lambda row: row.due)


def _put(*supply: Supply) -> Change:
    return Change(NOW, {each.document: each for each in supply})


def of_order(item: str, **new: Any) -> Callable[[Whole], Change]:
    """Change the first work order of an item."""
    return lambda plan: _put(replace(_order(plan, item), **new))


def of_row(item: str, **new: Any) -> Callable[[Whole], Change]:
    """Change the first purchase of an item."""
    return lambda plan: _put(replace(_row(plan, item), **new))


def of_slot(item: str, place_: int, change: Callable[[OperationSlot], OperationSlot]) -> Callable[[Whole], Change]:
    """Change one operation of the first work order of an item."""

    def spoil(plan: Whole) -> Change:
        order = _order(plan, item)
        slots = list(order.operations)
        slots[place_] = change(slots[place_])
        return _put(replace(order, operations=tuple(slots)))

    return spoil


def of_release(document: str, **new: int) -> Callable[[Whole], Change]:
    """Change a release: quantities as they are given, times by so much."""

    def spoil(plan: Whole) -> Change:
        release: Any = plan.releases[document]
        moved = {name: value if name == "quantity" else getattr(release, name) + value for name, value in new.items()}
        return Change(NOW, releases={document: replace(release, **moved)})

    return spoil


def shifted(order: WorkOrder, by: int) -> WorkOrder:
    """A work order at another time."""
    slots = tuple(replace(slot, start=slot.start + by, finish=slot.finish + by) for slot in order.operations)
    return replace(order, start=order.start + by, finish=order.finish + by, operations=slots)


def _onto_another(plan: Whole) -> Change:
    red, blue = _order(plan, "RED"), _order(plan, "BLUE")
    slot = replace(red.operations[0], start=blue.operations[0].start, finish=blue.operations[0].start + 4 * HOUR)
    return _put(replace(red, start=slot.start, operations=(slot, *red.operations[1:])))


def _under_firm_work(plan: Whole) -> Change:
    """Firm work of another order is where an operation is planned."""
    order = _order(plan, "RED")
    slot = replace(order.operations[0], step="x")
    firm = WorkOrder("F", "SEAT", 1, slot.start, slot.finish, SupplyStatus.FIRM, (), (slot,))
    return _put(firm)


def _without_set_up(plan: Whole) -> Change:
    """The second colour on the painter follows at once, with the set-up of its own colour."""
    first, second = sorted((_order(plan, "RED"), _order(plan, "BLUE")), key=lambda order: order.operations[1].start)
    slot = second.operations[1]
    minutes = 10 + 20 * second.quantity
    begin = first.operations[1].finish
    slot = replace(slot, start=begin, finish=begin + minutes * 60, minutes=minutes)
    return _put(replace(second, operations=(second.operations[0], slot)))


def _a_row_more(plan: Whole) -> Change:
    return _put(replace(_row(plan, "WOOD"), number="PO-MORE", quantity=10))


def _an_order_more(plan: Whole) -> Change:
    seat = _order(plan, "SEAT")
    return _put(replace(seat, number="WO-MORE", quantity=4, components=(("WOOD", 4),)))


def _week_over_full(plan: Whole) -> Change:
    row = _row(plan, "WOOD")
    return _put(replace(row, number="PO-FIRM", quantity=90, status=SupplyStatus.FIRM))


def _gone(item: str) -> Callable[[Whole], Change]:
    return lambda plan: Change(NOW, {_row(plan, item).document: None})


def _reserved(plan: Whole) -> Change:
    """The wood is on the shelf instead of bought, but it is reserved for somebody."""
    rows = [s for s in plan.supply.values() if isinstance(s, PurchaseRow) and s.item == "WOOD"]
    units = sum(row.quantity for row in rows)
    gone: dict[str, Supply | None] = {row.document: None for row in rows}
    return Change(NOW, gone, on_hand={"WOOD": units}, shelves={"WOOD": {"customer:X": units}})


def _expired(plan: Whole) -> Change:
    """The glue is on the shelf instead of bought, but it does not keep until it is needed."""
    rows = [s for s in plan.supply.values() if isinstance(s, PurchaseRow) and s.item == "GLUE"]
    gone: dict[str, Supply | None] = {row.document: None for row in rows}
    return Change(NOW, gone, on_hand={"GLUE": 8}, lots={"GLUE": (Lot(NOW + DAY, 8),)})


def _kept_for_another(plan: Whole) -> Change:
    """A custom line, for which there will be enough, keeps what others need before."""
    line = replace(plan.releases["t/4/1"], document="t/9/1", order="t/9", ship=day(20), promised=None, requested=None)
    later = WorkOrder("F", "RED", 4, day(15), day(15), SupplyStatus.RELEASED, drawn=True)
    order = replace(_order(plan, "RED"), kept=4, cause="t/9/1")
    return Change(NOW, {"F": later, order.document: order}, {"t/9/1": line})


def _torn_apart(plan: Whole) -> Change:
    release = plan.releases["t/3/2"]
    return Change(NOW, releases={"t/3/2": replace(release, ship=release.ship + HOUR, promised=None)})


MUTANTS: dict[str, tuple[Callable[[Whole], Change], set[Law]]] = {
    # machines and time
    "an operation on another": (_onto_another, {Law.OVERLAP}),
    "an operation on firm work": (_under_firm_work, {Law.OVERLAP}),
    "a machine too many": (of_slot("RED", 0, lambda s: replace(s, machine=2)), {Law.MACHINE}),
    "machine 0": (of_slot("RED", 0, lambda s: replace(s, machine=0)), {Law.MACHINE}),
    "an operation in closed time": (
        of_slot("BLUE", 0, lambda s: replace(s, start=s.start + 5 * HOUR, finish=s.finish + 5 * HOUR)),
        {Law.OPEN_TIME},
    ),
    "an operation that ends in closed time": (
        of_slot("BLUE", 0, lambda s: replace(s, start=s.start + HOUR, finish=s.finish + HOUR)),
        {Law.OPEN_TIME},
    ),
    "less time than it takes": (
        of_slot("RED", 0, lambda s: replace(s, start=s.start + HOUR, minutes=s.minutes - 60)),
        {Law.MINUTES},
    ),
    "less time than it says": (of_slot("RED", 0, lambda s: replace(s, start=s.start + HOUR)), {Law.OPEN_TIME}),
    "no set-up for another colour": (_without_set_up, {Law.MINUTES}),
    "a step elsewhere": (of_slot("RED", 0, lambda s: replace(s, work_centre="PAINT")), {Law.ROUTE}),
    "another step": (of_slot("RED", 0, lambda s: replace(s, step="11")), {Law.ROUTE}),
    "no steps at all": (of_order("RED", operations=()), {Law.ROUTE}),
    "a later step before an earlier one": (
        lambda plan: _put(replace(o := _order(plan, "RED"), start=o.operations[0].start + HOUR)),
        {Law.SEQUENCE},
    ),
    "done after it is done": (
        lambda plan: _put(replace(o := _order(plan, "RED"), finish=o.finish - HOUR)),
        {Law.SEQUENCE},
    ),
    "work in the past": (lambda plan: _put(shifted(_order(plan, "SEAT"), -20 * DAY)), {Law.PAST, Law.MATERIAL}),
    "made faster than it can be": (
        lambda plan: _put(replace(o := _order(plan, "SEAT"), start=o.start + HOUR)),
        {Law.LEAD_TIME},
    ),
    # lots and bills
    "a lot below the least": (
        of_order("RED", quantity=2, components=(("SEAT", 2), ("WOOD", 4))),
        {Law.LOT, Law.MATERIAL, Law.MINUTES, Law.NEED},
    ),
    "a lot above the most": (
        of_order("RED", quantity=16, components=(("SEAT", 16), ("WOOD", 32))),
        {Law.LOT, Law.MATERIAL, Law.MINUTES, Law.NEED},
    ),
    "a lot of none": (
        of_order("SEAT", quantity=0, components=()),
        {Law.LOT, Law.BILL, Law.MATERIAL, Law.NEED},
    ),
    "a component dropped": (of_order("RED", components=(("WOOD", 16),)), {Law.BILL, Law.NEED}),
    "a component less": (of_order("RED", components=(("SEAT", 8), ("WOOD", 15))), {Law.BILL}),
    "components drawn before it is issued": (of_order("BLUE", drawn=True), {Law.BILL, Law.NEED}),
    # material
    "an order before its components": (lambda plan: _put(shifted(_order(plan, "RED"), -DAY)), {Law.MATERIAL}),
    "an order after its need": (lambda plan: _put(shifted(_order(plan, "SEAT"), DAY)), {Law.MATERIAL}),
    "a purchase dropped": (_gone("WOOD"), {Law.MATERIAL}),
    "a purchase after its need": (of_row("GLUE", due=day(11), order_by=day(10)), {Law.MATERIAL}),
    "reserved stock": (_reserved, {Law.MATERIAL}),
    "expired stock": (_expired, {Law.MATERIAL}),
    "kept for another line": (_kept_for_another, {Law.MATERIAL}),
    "more promised than there is": (of_release("t/1/1", quantity=9), {Law.MATERIAL}),
    "a work order that nobody needs": (_an_order_more, {Law.NEED, Law.MATERIAL}),
    "a purchase that nobody needs": (_a_row_more, {Law.NEED}),
    # purchases
    "a purchase in the past": (of_row("GLUE", order_by=NOW - HOUR), {Law.PAST}),
    "a purchase faster than it can be": (
        lambda plan: _put(replace(r := _row(plan, "GLUE"), order_by=r.due - HOUR)),
        {Law.LEAD_TIME},
    ),
    "less than is sold": (of_row("WOOD", quantity=5), {Law.LOT, Law.MATERIAL}),
    "what is not sold in that number": (
        lambda plan: _put(replace(r := _row(plan, "WOOD"), quantity=r.quantity + 1)),
        {Law.LOT},
    ),
    "another price": (of_row("WOOD", unit_price=Decimal(2)), {Law.OFFER}),
    "of somebody who does not sell it": (of_row("WOOD", supplier="T"), {Law.OFFER}),
    "more than a week holds": (_week_over_full, {Law.WEEK, Law.NEED}),
    # promises
    "a late promise": (of_release("t/1/1", ship=HOUR), {Law.PROMISE}),
    "an early promise": (of_release("t/1/1", promised=-HOUR), {Law.PROMISE}),
    "an early delivery": (of_release("t/1/1", ship=-HOUR), {Law.PROMISE}),
    "one shipment in two": (_torn_apart, {Law.SHIPMENT}),
}


def test_the_plan_is_good() -> None:
    assert validate(PLAN) == []
    assert {s.item for s in PLAN.supply.values()} == set(PLAN.plant.items)


@pytest.mark.parametrize("name", MUTANTS)
def test_a_spoiled_plan_is_refused_for_what_is_spoiled(name: str) -> None:
    spoil, laws = MUTANTS[name]
    change = spoil(PLAN)
    found = Gate(PLAN).check(change)
    assert {refusal.law for refusal in found} == laws
    assert found == validate(changed(PLAN, change))


def test_every_law_refuses_some_spoiled_plan() -> None:
    assert {law for _, laws in MUTANTS.values() for law in laws} == set(Law)


def _said(name: str) -> list[str]:
    return [str(refusal) for refusal in Gate(PLAN).check(MUTANTS[name][0](PLAN))]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("an operation on another", "WO-000003: step 10 lies on WO-000001 on machine 1 of SAW at 1972-10-06T10:00:00"),
        ("no set-up for another colour", "step 20 takes 220 minutes after WO-000001, not 170"),
        ("a purchase after its need", "GLUE: WO-000003 is short of 8 of GLUE at 1972-10-06T10:00:00"),
        ("more than a week holds", "from S in the week of 1972-10-02, which holds 100"),
        ("a purchase that nobody needs", "is planned WOOD that nothing asks for"),
        ("a late promise", "t/1/1: is there at 1972-10-07T01:00:00+00:00, promised for 1972-10-07T00:00:00+00:00"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_where(name: str, words: str) -> None:
    assert any(words in text for text in _said(name)), _said(name)


# -- what is only a fact


def _released(number: str, item: str, start: int, finish: int, *slots: OperationSlot) -> WorkOrder:
    return WorkOrder(number, item, 3, start, finish, SupplyStatus.RELEASED, (), slots, drawn=True)


def _slot(start: int, hours: int) -> OperationSlot:
    return OperationSlot("10", "SAW", 1, start, start + hours * HOUR, hours * 60)


FACTS: dict[str, Change] = {
    "firm supply of no lot, at no price, of nobody": _put(
        PurchaseRow("P", 1, "T", "WOOD", 3, Decimal(99), "EUR", NOW, NOW, SupplyStatus.RELEASED)
    ),
    "firm supply that should have come": _put(
        replace(_row(PLAN, "WOOD"), number="P", due=NOW - DAY, order_by=NOW - 9 * DAY, status=SupplyStatus.RELEASED)
    ),
    "begun work on begun work": _put(
        _released("F", "RED", NOW - HOUR, NOW + HOUR, _slot(NOW - HOUR, 2)),
        _released("G", "RED", NOW - HOUR, NOW + HOUR, _slot(NOW - HOUR, 2)),
    ),
    "work that was begun in closed time, on a machine that is gone": _put(
        _released("F", "RED", NOW - HOUR, NOW + HOUR, replace(_slot(NOW - HOUR, 2), machine=7))
    ),
    "stock that is owed, with nobody who needs any": Change(
        NOW, dict.fromkeys(PLAN.supply), dict.fromkeys(PLAN.releases), {"WOOD": -3}
    ),
    "what others have reserved and nobody has": Change(NOW, others={"PAPER": ((day(1), -3),)}),
    "a promise at risk": of_release("t/1/1", ship=HOUR, at_risk=1)(PLAN),
    "a shipment that waits for its carrier": Change(
        day(11),
        dict.fromkeys(PLAN.supply),
        {**dict.fromkeys(PLAN.releases), "t/1/1": PLAN.releases["t/1/1"]},
        {"RED": 8},
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_what_is_only_a_fact_is_not_refused(name: str) -> None:
    plan = replace(PLAN, plant=replace(PLAN.plant, items={**PLAN.plant.items, "PAPER": bought("PAPER")}))
    found = [refusal for refusal in Gate(plan).check(FACTS[name]) if refusal.law is not Law.NEED]
    assert found == []


def test_planned_supply_that_the_fact_makes_useless_is_refused() -> None:
    found = Gate(PLAN).check(FACTS["firm supply that should have come"])
    assert {refusal.law for refusal in found} == {Law.NEED}


def test_time_alone_makes_what_has_not_begun_overdue() -> None:
    later = day(9)
    assert Gate(PLAN).check(Change(day(1))) == []
    found = Gate(PLAN).check(Change(later))
    assert {r.subject for r in found} == {d for d, s in PLAN.supply.items() if s.begin < later}
    assert {r.law for r in found} == {Law.PAST}
