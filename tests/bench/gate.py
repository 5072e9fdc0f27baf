"""Benchmark `gate`: what it costs to judge a decision before it is used, as the plan that it changes grows.

A plan of so many open orders on ten work centres; decisions that move ten of them, each with its work order of two
operations, its two purchases and its promise. The same plan by definition for comparison.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from random import Random

from agents.planner.validator.gate import Gate
from agents.planner.validator.values import Change, Whole
from agents.planner.validator.whole import validate
from knowledge.calendars import Calendar, LeadTime, Shift
from knowledge.instants import DAY, HOUR, MINUTE
from knowledge.plant import (
    Alternative,
    Bom,
    Item,
    Offer,
    Plant,
    Replenishment,
    Route,
    Step,
    SupplyStatus,
    WorkCentre,
    component,
)
from knowledge.supply import OperationSlot, PurchaseRow, Release, Supply, WorkOrder
from tests.bench.results import Result

_CENTRES = 10
_MOVED = 10
_ROUNDS = 200
_NOW = 20_000 * DAY
_COMMAND = "make bench gate"


def run() -> list[Result]:
    """The figures of the benchmark."""
    results, first = [], 0.0
    for orders in (1_000, 10_000, 100_000):
        figure = _microseconds(orders)
        first = first or figure
        name = f"gate, a changed document, {orders:,} open orders"
        results.append(Result(name, figure, "CPU µs", _COMMAND, "1,000 open orders", figure / first))
    plan = _plan(1_000)
    seconds = _seconds(lambda: validate(plan))
    results.append(Result("the same plan by definition, 1,000 open orders", seconds * 1000, "CPU ms", _COMMAND))
    return results


def _plant() -> Plant:
    """Each work centre has a product of its own, made there in two steps of two components."""
    codes = range(_CENTRES)
    shifts = Calendar("day", tuple(Shift(day, 6 * 60, 22 * 60) for day in range(1, 8)))
    bought = [Item(f"{part}{n}", supply=Replenishment.BUY) for part in "BC" for n in codes]
    return Plant(
        items={item.code: item for item in [*(Item(f"A{n}") for n in codes), *bought]},
        boms={
            f"A{n}": Bom(f"A{n}", "", tuple(component(f"{p}{n}", Decimal(1), Decimal(0), 0, 0) for p in "BC"))
            for n in codes
        },
        routes={f"A{n}": Route(f"A{n}", "", (_step("10", n), _step("20", n))) for n in codes},
        work_centres={f"W{n}": WorkCentre(f"W{n}", 1, shifts) for n in codes},
        offers={item.code: (Offer("S", item.code, ((0, Decimal(1)),), lead_time=LeadTime(1)),) for item in bought},
    )


def _step(name: str, centre: int) -> Step:
    return Step(name, (Alternative(f"W{centre}", Decimal(0), Decimal(10)),))


def _plan(orders: int) -> Whole:
    """Every work centre is busy with one order after another; each is promised for the day after it is done."""
    supply: dict[str, Supply] = {}
    releases: dict[str, Release] = {}
    for number in range(orders):
        for document in _documents(number, number // _CENTRES):
            if isinstance(document, Release):
                releases[document.document] = document
            else:
                supply[document.document] = document
    return Whole(_plant(), _NOW, supply, releases)


def _documents(number: int, turn: int) -> list[WorkOrder | PurchaseRow | Release]:
    """An order, made when it is its turn on its work centre: sixteen a day, an hour each."""
    centre = number % _CENTRES
    start = _NOW + DAY + turn // 16 * DAY + (6 + turn % 16) * HOUR
    half = start + 30 * MINUTE
    slots = (
        OperationSlot("10", f"W{centre}", 1, start, half, 30),
        OperationSlot("20", f"W{centre}", 1, half, start + HOUR, 30),
    )
    parts = ((f"B{centre}", 3), (f"C{centre}", 3))
    made = WorkOrder(f"W{number}", f"A{centre}", 3, start, start + HOUR, SupplyStatus.PLANNED, parts, slots)
    rows = [
        PurchaseRow(f"P{number}", row, "S", item, 3, Decimal(1), "EUR", start - DAY, start, SupplyStatus.PLANNED)
        for row, (item, _) in enumerate(parts, 1)
    ]
    ship = start + DAY
    return [made, *rows, Release(f"o/{number}/1", f"o/{number}", "1", f"A{centre}", 3, ship, ship, ship, number, "C")]


def _microseconds(orders: int) -> float:
    """CPU microseconds a changed document, of decisions that let orders change places."""
    random, gate = Random(1), Gate(_plan(orders))
    turns = {number: number // _CENTRES for number in range(orders)}
    changes = []
    for _ in range(_ROUNDS):
        moved = random.sample(range(orders // _CENTRES), _MOVED)
        numbers = [place * _CENTRES for place in moved]
        for one, other in zip(numbers[::2], numbers[1::2], strict=True):
            turns[one], turns[other] = turns[other], turns[one]
        found = [document for number in numbers for document in _documents(number, turns[number])]
        supply = {d.document: d for d in found if not isinstance(d, Release)}
        promised = {d.document: d for d in found if isinstance(d, Release)}
        changes.append(Change(_NOW, supply, promised))
    refused = []
    begin = time.process_time()
    for change in changes:
        refused.extend(gate.check(change))
        gate.take(change)
    seconds = time.process_time() - begin
    if refused:
        raise AssertionError(refused[0])
    return seconds * 1_000_000 / sum(len(change.supply) + len(change.releases) for change in changes)


def _seconds(call: Callable[[], object]) -> float:
    begin = time.process_time()
    call()
    return time.process_time() - begin
