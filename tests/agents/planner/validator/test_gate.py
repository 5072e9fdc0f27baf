"""The gate finds of a change what `validate` finds of the plan as changed, however the plan came to be what it is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.validator.gate import Gate
from agents.planner.validator.values import Change, Law, Whole, changed
from agents.planner.validator.whole import validate
from knowledge.calendars import Calendar, LeadTime, Shift
from knowledge.instants import DAY, HOUR
from knowledge.plant import (
    Alternative,
    Bom,
    Item,
    LotRule,
    Offer,
    Plant,
    Replenishment,
    Route,
    Step,
    SupplyStatus,
    WorkCentre,
    component,
)
from knowledge.shelf_life import Lot
from knowledge.supply import OperationSlot, PurchaseRow, Release, WorkOrder
from tests.agents.planner.plants import NOW
from tests.effort import times
from tests.guarding import same

HALF_DAYS = Calendar("half", tuple(Shift(day, 0, 720) for day in range(1, 8)))


def _way(centre: str, setup: int, run: int) -> Alternative:
    return Alternative(centre, Decimal(setup), Decimal(run))


PLANT = Plant(
    items={
        "A": Item("A", lot=LotRule(4, 12, 4), group="red"),
        "B": Item("B", safety_stock=3, group="blue", lead_time=LeadTime(1)),
        "R": Item("R", supply=Replenishment.BUY, safety_stock=2),
        "P": Item("P", supply=Replenishment.BUY, shelf_life_days=2),
    },
    boms={
        "A": Bom("A", "", (component("B", Decimal(1), Decimal(0), 0, 0), component("R", Decimal(2), Decimal(0), 0, 0))),
        "B": Bom("B", "", (component("P", Decimal(1), Decimal(0), 0, 0),)),
    },
    routes={
        "A": Route("A", "", (Step("10", (_way("W", 60, 0), _way("X", 0, 15))), Step("20", (_way("X", 30, 0),)))),
    },
    work_centres={"W": WorkCentre("W", 2, HALF_DAYS), "X": WorkCentre("X")},
    setups={("X", "red", "red"): Decimal(60)},
    offers={
        "R": (Offer("S", "R", ((0, Decimal(3)),), LotRule(5, None, 5), capacity_per_week=10),),
        "P": (Offer("S", "P", ((0, Decimal(1)), (8, Decimal("0.5"))), lead_time=LeadTime(1)),),
    },
)

TIMES = st.integers(-2, 10).map(lambda hours: NOW + hours * 6 * HOUR)
STATUS = st.sampled_from([SupplyStatus.PLANNED, SupplyStatus.PLANNED, SupplyStatus.FIRM, SupplyStatus.RELEASED])
UNITS = st.integers(1, 12)
FIRM = SupplyStatus.FIRM


@st.composite
def slots(draw: st.DrawFn, begin: int) -> tuple[OperationSlot, ...]:
    """The steps of A, rightly or not: elsewhere, too short, at any time."""
    found = []
    for step in ("10", "20"):
        minutes = draw(st.sampled_from([60, 60, 30, 0, 120]))
        start = begin + draw(st.sampled_from([0, 0, HOUR, 13 * HOUR]))
        centre = draw(st.sampled_from(["W", "X"])) if step == "10" else "X"
        finish = start + minutes * 60
        found.append(OperationSlot(step, centre, draw(st.integers(1, 2)), start, finish, minutes))
        begin = draw(st.sampled_from([finish, finish, start]))
    return tuple(found)


@st.composite
def work_orders(draw: st.DrawFn) -> WorkOrder:
    """A work order of A or B."""
    item, start, quantity = draw(st.sampled_from("AB")), draw(TIMES), draw(st.sampled_from([4, 4, 8, 12, 3]))
    parts = {"A": (("B", quantity), ("R", 2 * quantity)), "B": (("P", quantity),)}[item]
    operations = draw(slots(start)) if item == "A" else ()
    finish = max([start, *(slot.finish for slot in operations)]) + (DAY if item == "B" else 0)
    status = draw(STATUS)
    released = status is SupplyStatus.RELEASED
    return WorkOrder(
        f"W{draw(st.integers(1, 4))}",
        item,
        quantity,
        start,
        finish,
        status,
        parts,
        operations,
        cause=draw(st.sampled_from(["o/1", "o/2"])),
        drawn=released,
        starved=status is SupplyStatus.FIRM and draw(st.booleans()),
        made=draw(st.integers(0, 2)) if released else 0,
        kept=draw(st.sampled_from([0, 0, 0, 2])),
    )


@st.composite
def purchases(draw: st.DrawFn) -> PurchaseRow:
    """A purchase row of R or P."""
    due = draw(TIMES)
    return PurchaseRow(
        f"P{draw(st.integers(1, 3))}",
        1,
        draw(st.sampled_from(["S", "S", "S", "T"])),
        draw(st.sampled_from("RP")),
        draw(UNITS),
        draw(st.sampled_from([Decimal(3), Decimal(1), Decimal("0.5")])),
        "EUR",
        due - draw(st.sampled_from([0, DAY, 2 * DAY])),
        due,
        draw(STATUS),
        received=draw(st.sampled_from([0, 0, 1])),
    )


@st.composite
def releases(draw: st.DrawFn) -> Release:
    """A release of an order line."""
    ship = draw(TIMES)
    return Release(
        f"o/{draw(st.integers(1, 4))}",
        f"o{draw(st.integers(1, 2))}",
        "1",
        draw(st.sampled_from("ABRP")),
        draw(UNITS),
        ship,
        draw(st.sampled_from([ship, ship, ship - DAY])),
        draw(st.sampled_from([None, ship, ship - DAY, ship + DAY])),
        1,
        "C",
        at_risk=draw(st.booleans()),
        together=draw(st.booleans()),
    )


def _some(values: st.SearchStrategy[Any], names: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    """New documents by name, and names of some that go."""
    new = st.lists(values, max_size=4).map(lambda found: {value.document: value for value in found})
    gone = st.sets(names, max_size=1).map(lambda found: dict.fromkeys(found))
    return st.builds(lambda one, other: {**other, **one}, new, gone)


ITEMS = st.sampled_from("ABRP")
CHANGES = st.builds(
    Change,
    st.integers(0, 4).map(lambda hours: NOW + hours * 5 * HOUR),
    _some(st.one_of(work_orders(), purchases()), st.sampled_from(["W1", "W2", "P1"])),
    _some(releases(), st.sampled_from(["o/1", "o/2"])),
    st.dictionaries(ITEMS, st.integers(-4, 30), max_size=2),
    st.dictionaries(
        st.just("P"), st.builds(lambda d, u: (Lot(NOW + d * DAY, u),), st.integers(0, 3), UNITS), max_size=1
    ),
    st.dictionaries(ITEMS, st.dictionaries(st.sampled_from(["o/1", "customer:C"]), st.integers(1, 3)), max_size=1),
    st.sampled_from([{}, {}, {"o/2": "customer:C"}]),
    st.sampled_from([None, None, {}, {"R": ((NOW + DAY, -3), (NOW + 2 * DAY, 5))}]),
    st.sampled_from(
        [None] * 5
        + [
            replace(PLANT, offers={**PLANT.offers, "R": ()}),
            replace(PLANT, items={**PLANT.items, "R": Item("R")}),
            PLANT,
        ]
    ),
    st.sampled_from([None, None, None, {"X": ((NOW, NOW + 7 * HOUR),)}]),
)


@st.composite
def queued(draw: st.DrawFn) -> WorkOrder:
    """A work order that is one operation on one machine, which has little room."""
    start = NOW + draw(st.integers(0, 7)) * HOUR
    slot = OperationSlot("20", "X", 1, start, start + draw(st.integers(1, 4)) * HOUR, 60)
    number = f"W{draw(st.integers(1, 5))}"
    return WorkOrder(number, draw(st.sampled_from("AB")), 4, start, slot.finish, draw(STATUS), (), (slot,))


@st.composite
def bought(draw: st.DrawFn) -> PurchaseRow:
    """A purchase of R, at one of few times."""
    due, number = NOW + draw(st.integers(0, 2)) * DAY, f"P{draw(st.integers(1, 5))}"
    quantity = draw(st.integers(1, 6))
    return PurchaseRow(number, 1, "S", "R", quantity, Decimal(3), "EUR", due, due, draw(STATUS))


@st.composite
def asked(draw: st.DrawFn) -> Release:
    """A release of R, at one of few times."""
    document, ship = f"o/{draw(st.integers(1, 4))}", NOW + draw(st.integers(0, 3)) * DAY
    return Release(document, "o", "1", "R", draw(st.integers(1, 6)), ship, ship, None, 1, "C")


_NONE = st.just(dict[str, Any]())
LATER = st.integers(0, 4).map(lambda hours: NOW + hours * HOUR)
ON_ONE_MACHINE = st.builds(Change, LATER, _some(queued(), st.sampled_from(["W1", "W2", "W3"])))
OF_ONE_ITEM = st.builds(
    Change,
    LATER,
    _some(bought(), st.sampled_from(["P1", "P2", "P3"])),
    _some(asked(), st.sampled_from(["o/1", "o/2", "o/3"])),
    st.one_of(_NONE, st.builds(lambda units: {"R": units}, st.integers(0, 9))),
)


def histories(changes: st.SearchStrategy[Change]) -> st.SearchStrategy[list[tuple[Change, bool]]]:
    """Changes, and whether each is taken."""
    return st.lists(st.tuples(changes, st.booleans()), min_size=2, max_size=8)


@settings(max_examples=times(60, 20_000), deadline=None)
@given(histories(CHANGES))
def test_the_gate_finds_what_is_wrong_by_definition_after_any_changes(steps: list[tuple[Change, bool]]) -> None:
    _compare(steps)


@settings(max_examples=times(100, 20_000), deadline=None)
@given(histories(ON_ONE_MACHINE))
def test_the_gate_finds_what_lies_on_other_work_on_a_full_machine(steps: list[tuple[Change, bool]]) -> None:
    _compare(steps)


@settings(max_examples=times(100, 20_000), deadline=None)
@given(histories(OF_ONE_ITEM))
def test_the_gate_finds_what_is_short_or_not_needed_of_an_item(steps: list[tuple[Change, bool]]) -> None:
    _compare(steps)


def _compare(steps: list[tuple[Change, bool]]) -> None:
    """Take the steps through a gate, and by definition: the same is found of each."""
    plan = Whole(PLANT, NOW)
    gate = Gate(plan)
    for change, taken in steps:
        plan = replace(plan, now=max(plan.now, change.now))
        after = changed(plan, change)
        before, wrong, found = set(validate(plan)), set(validate(after)), set(gate.check(change))
        assert wrong - before <= found <= wrong
        assert {refusal for refusal in wrong if refusal.law is Law.PAST} <= found
        if taken:
            gate.take(change)
            plan = after
        assert same(gate.whole(), plan)


def _order(number: str, begin: int, hours: int, status: SupplyStatus = SupplyStatus.PLANNED) -> WorkOrder:
    """An order that is one operation of so many hours on one machine."""
    start = NOW + begin * HOUR
    slot = OperationSlot("20", "X", 1, start, start + hours * HOUR, hours * 60)
    return WorkOrder(number, "A", 4, start, slot.finish, status, (), (slot,))


def _row(number: str, quantity: int, status: SupplyStatus = SupplyStatus.PLANNED) -> PurchaseRow:
    return PurchaseRow(number, 1, "S", "R", quantity, Decimal(3), "EUR", NOW + DAY, NOW + DAY, status)


def test_work_waits_for_the_last_of_what_has_begun() -> None:
    begun = {order.document: order for order in (_order("long", 0, 9, FIRM), _order("short", 1, 2, FIRM))}
    gate = Gate(Whole(PLANT, NOW + 2 * HOUR, begun))
    found = gate.check(Change(NOW + 2 * HOUR, {"new": _order("new", 5, 1)}))
    assert [str(r) for r in found if r.law is Law.OVERLAP] == [
        "overlap: new: step 20 lies on long on machine 1 of X at 1972-09-27T05:00:00+00:00"
    ]


def test_of_two_receipts_at_one_time_the_one_with_the_higher_number_is_used_last() -> None:
    need = Release("o/1", "o", "1", "R", 3, NOW + DAY, NOW + DAY, None, 1, "C")
    rows = {row.document: row for row in (_row("P2", 6), _row("P10", 1))}
    gate = Gate(Whole(PLANT, NOW))
    found = gate.check(Change(NOW, rows, {"o/1": need}))
    assert [r.subject for r in found if r.law is Law.NEED] == ["P10"]


def test_a_change_that_is_not_taken_leaves_nothing_behind() -> None:
    plan = Whole(PLANT, NOW, {"a": _order("a", 0, 4)})
    gate = Gate(plan)
    gate.check(Change(NOW, {"a": None, "b": _order("b", 5, 1)}))
    assert same(gate.whole(), plan)
    assert any(r.law is Law.OVERLAP for r in gate.check(Change(NOW, {"c": _order("c", 1, 1)})))


def test_what_is_taken_without_a_check_counts_all_thesame() -> None:
    gate = Gate(Whole(PLANT, NOW))
    gate.take(Change(NOW, {"a": _order("a", 0, 4)}))
    assert any(r.law is Law.OVERLAP for r in gate.check(Change(NOW, {"c": _order("c", 1, 1)})))


def test_an_item_is_looked_at_where_a_line_is_known_to_be_somebody_elses() -> None:
    need = Release("o/1", "o", "1", "R", 3, NOW + DAY, NOW + DAY, None, 1, "C")
    holders = {"R": {"customer:C": 3}}
    gate = Gate(Whole(PLANT, NOW, {}, {"o/1": need}, {"R": 3}, shelves=holders, customers={"o/1": "customer:C"}))
    assert gate.check(Change(NOW, {})) == []
    assert [r.subject for r in gate.check(Change(NOW, customers={"o/1": None}))] == ["R"]
