"""Two states of a society, compared table by table. Pure: the same states, the same difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from decimal import Decimal

from knowledge.quantities import from_units
from simulations.report.lines import waits_for_person
from simulations.report.records import Quarantined, Records
from simulations.what_if.costs import costs_of
from simulations.what_if.loads import load_changes
from simulations.what_if.matching import matched
from simulations.what_if.promises import line_changes, lines_of
from simulations.what_if.supply import (
    action_changes,
    operation_changes,
    purchase_changes,
    shipment_changes,
    work_order_changes,
)
from simulations.what_if.values import Approvals, Difference, Pair, State, StockChange


def compare(before: State, after: State) -> Difference:
    """What differs between a society without some documents (`before`) and the same with them, at one time."""
    was, now = before.records, after.records
    promises = line_changes(before, after)
    touched = frozenset(change.line for change in promises)
    return Difference(
        now=after.books.now,
        promises=promises,
        unchanged=len(lines_of(before).keys() | lines_of(after).keys()) - len(promises),
        work_orders=work_order_changes(was, now, touched),
        operations=operation_changes(was, now),
        purchases=purchase_changes(was, now, touched),
        shipments=shipment_changes(was, now),
        actions=action_changes(was, now),
        approvals=_approvals(was, now),
        quarantine=_quarantined(was, now),
        stock=tuple(_stock(before, after)),
        costs=Pair(costs_of(before), costs_of(after)),
        loads=load_changes(before, after),
    )


def _approvals(before: Records, after: Records) -> Approvals:
    found = matched(before.approvals, after.approvals, lambda row: (row.number, row.decision, row.subject), _no_use)
    different = [*found.new, *(pair.after for pair in found.pairs if pair.before != pair.after)]
    return Approvals(
        tuple(row for row in different if waits_for_person(row.status)),
        tuple(row for row in different if not waits_for_person(row.status)),
    )


def _no_use(row: object) -> Iterable[Hashable]:
    return ()


def _quarantined(before: Records, after: Records) -> tuple[Quarantined, ...]:
    """What is in quarantine in the second state only."""
    rest = Counter(before.quarantine)
    found = []
    for row in after.quarantine:
        if rest[row]:
            rest[row] -= 1
        else:
            found.append(row)
    return tuple(found)


def _stock(before: State, after: State) -> Iterable[StockChange]:
    was, now = before.books.on_hand, after.books.on_hand
    for item in sorted(was.keys() | now.keys()):
        if was.get(item, 0) != now.get(item, 0):
            known = after.books.plant.items.get(item)
            decimals = known.decimals if known else 0
            quantities: list[Decimal] = [from_units(stock.get(item, 0), decimals) for stock in (was, now)]
            yield StockChange(item, *quantities)
