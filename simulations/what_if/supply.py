"""Work orders, operations, purchases and shipping orders that differ; what only fills a gap elsewhere is told apart."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from simulations.report.records import ActionMessage, Operation, Peg, Purchase, Records, Shipment, WorkOrder
from simulations.what_if.matching import matched
from simulations.what_if.values import Changes, Pair

PLANNED = "planned"
OPEN = (PLANNED, "firm", "released")
NOBODY = ("stock", "safety_stock")

R = TypeVar("R")
S = TypeVar("S", WorkOrder, Purchase)


def work_order_changes(before: Records, after: Records, lines: frozenset[str]) -> Changes[WorkOrder]:
    """Work orders that differ; `lines` are the order lines that stand otherwise."""
    found = matched(before.work_orders, after.work_orders, lambda row: (row.number, row.item), _work_uses)
    touched = _documents_for(lines, before, after)
    return _sorted(found.new, found.dropped, found.pairs, _work_values, lambda row: (row.start, row.finish), touched)


def purchase_changes(before: Records, after: Records, lines: frozenset[str]) -> Changes[Purchase]:
    """Purchase rows that differ."""
    found = matched(before.purchases, after.purchases, lambda row: (row.number, row.supplier, row.item), _buy_uses)
    touched = _documents_for(lines, before, after)
    return _sorted(found.new, found.dropped, found.pairs, _buy_values, lambda row: (row.order_by, row.due), touched)


def _work_uses(row: WorkOrder) -> Iterator[Hashable]:
    return _uses(row.item, row.status, row.pegs)


def _buy_uses(row: Purchase) -> Iterator[Hashable]:
    return _uses(row.item, row.status, row.pegs)


def _uses(item: str, status: str, pegs: Iterable[Peg]) -> Iterator[Hashable]:
    """What planned supply of an item is for; other supply is known by its number alone."""
    if status == PLANNED:
        yield from ((item, peg.document) for peg in pegs if peg.document not in NOBODY)


def _documents_for(lines: frozenset[str], *states: Records) -> frozenset[str]:
    """The lines, and the work orders that are for them through all levels in any of the states."""
    makes: dict[str, list[str]] = {}
    for records in states:
        for order in records.work_orders:
            for peg in order.pegs:
                makes.setdefault(peg.document, []).append(order.number)
    found: set[str] = set()
    open_ends = list(lines)
    while open_ends:
        document = open_ends.pop()
        if document not in found:
            found.add(document)
            open_ends.extend(makes.get(document, ()))
    return frozenset(found)


def _sorted(
    new: Sequence[S],
    dropped: Sequence[S],
    pairs: Sequence[Pair[S]],
    values: Callable[[S], object],
    times: Callable[[S], object],
    touched: frozenset[str],
) -> Changes[S]:
    """Pairs by what is different about them."""
    same, changed = _split(pairs, values)
    moved: list[Pair[S]] = []
    retimed: list[Pair[S]] = []
    pair: Pair[S]
    for pair in same:
        if times(pair.before) != times(pair.after):
            pegs = (*pair.before.pegs, *pair.after.pegs)
            matters = pair.after.status != PLANNED or any(peg.document in touched for peg in pegs)
            (moved if matters else retimed).append(pair)
    return Changes(tuple(new), tuple(dropped), tuple(changed), tuple(moved), tuple(retimed))


def _work_values(row: WorkOrder) -> object:
    return row.quantity, row.status


def _buy_values(row: Purchase) -> object:
    return row.quantity, row.status, row.supplier, row.unit_price, row.currency


# -- operations


def operation_changes(before: Records, after: Records) -> Changes[Operation]:
    """Operations of work orders that are open in both states: other steps, another work centre, or another time.

    `changed` are those on another work centre; those at another time or on another machine are `retimed`.
    """
    numbers = _open_orders(before) & _open_orders(after)
    was, now = _by_step(before.operations, numbers), _by_step(after.operations, numbers)
    both = [Pair(row, now[key]) for key, row in was.items() if key in now and row != now[key]]
    return Changes(
        new=tuple(row for key, row in now.items() if key not in was),
        dropped=tuple(row for key, row in was.items() if key not in now),
        changed=tuple(pair for pair in both if pair.before.work_centre != pair.after.work_centre),
        retimed=tuple(pair for pair in both if pair.before.work_centre == pair.after.work_centre),
    )


def _open_orders(records: Records) -> set[tuple[str, str]]:
    return {(row.number, row.item) for row in records.work_orders if row.status in OPEN}


def _by_step(operations: Iterable[Operation], orders: set[tuple[str, str]]) -> Mapping[tuple[str, str], Operation]:
    numbers = {number for number, _ in orders}
    return {(row.work_order, row.step): row for row in operations if row.work_order in numbers}


# -- shipping orders and action messages


def shipment_changes(before: Records, after: Records) -> Changes[Shipment]:
    """Lines of shipping orders that differ. All that leave at another time are `moved`."""
    found = matched(
        before.shipments,
        after.shipments,
        lambda row: (row.number, row.order, row.line),
        lambda row: ((row.order, row.line),),
    )
    same, changed = _split(found.pairs, lambda row: (row.quantity, row.status, row.ship_to))
    moved = [pair for pair in same if pair.before.ship != pair.after.ship]
    return Changes(tuple(found.new), tuple(found.dropped), tuple(changed), tuple(moved))


def _split(pairs: Iterable[Pair[R]], values: Callable[[R], object]) -> tuple[list[Pair[R]], list[Pair[R]]]:
    """Pairs that have the same values, and those that have not."""
    same: list[Pair[R]] = []
    others: list[Pair[R]] = []
    for pair in pairs:
        (same if values(pair.before) == values(pair.after) else others).append(pair)
    return same, others


def action_changes(before: Records, after: Records) -> Changes[ActionMessage]:
    """Action messages that come, go, or ask for something else."""
    found = matched(before.actions, after.actions, lambda row: (row.action, row.document, row.item), lambda row: ())
    changed = [pair for pair in found.pairs if pair.before != pair.after]
    return Changes(tuple(found.new), tuple(found.dropped), tuple(changed))
