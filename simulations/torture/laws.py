"""Laws that compare a society before and after documents, or before and after time has passed.

The laws of one state are the auditor's (`knowledge.auditor`). With no documents it is the passing of time that has
happened between two moments.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge.instants import from_datetime
from knowledge.plant import Plant
from knowledge.quantities import Units
from knowledge.store.tables import (
    ActionMessageRow,
    ApprovalRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import base_document
from simulations.torture.moments import ISSUED, OPEN, PLANNED, Moment, Row, minutes_of, was_taken, worse

BLAMES_SUPPLY = ("is overdue", "could not begin in time")
"""What the reason of a promise says that waited in vain for what should have come, or begun, by now."""

Documents = Sequence[dict[str, Any]]

# -- what a fact may do


def harmless(before: Moment, document: dict[str, Any]) -> bool:
    """Whether a document takes nothing from anybody: as much supply as before, no later, and no less time to work."""
    kind = document["type"]
    if kind == "stock_count":
        return int(document["quantity"]) >= before.stock.get(document["item"], 0)
    if kind == "supplier_confirmation":
        row = meant(before, document)
        later = document["due"] is not None and minutes_of(row["due"]) < _minutes(document["due"]) if row else False
        less = document["quantity"] is not None and int(document["quantity"]) < row["quantity"] if row else False
        return not later and not less and not (row and _in_weeks(before.plant, row["item"]))
    if kind == "operation_report":
        return _on_course(before, document)
    if kind == "shipment_report":  # one that leaves before its time, or its turn, takes what others wait for
        lines = before.of(ShippingOrderRow, *OPEN)
        leaving = [row for row in lines if row["shipping_order"] == document["shipping_order"]]
        return all(row["ship"] <= before.now and _in_turn(before, row) for row in leaving)
    return kind not in ("machine_downtime", "engineering_release")


def _in_weeks(plant: Plant, item: str) -> bool:
    """Whether what comes earlier, or is more, may fill a week in which other purchases of the item were to come."""
    return any(offer.capacity_per_week is not None for offer in plant.offers.get(item, ()))


def _in_turn(moment: Moment, line: Row) -> bool:
    """Whether what is on the shelf is enough for a line to ship and for all of its item that leave by then."""
    due = [r for r in moment.of(ShippingOrderRow, *OPEN) if r["item"] == line["item"] and r["ship"] <= line["ship"]]
    return bool(sum(row["quantity"] for row in due) <= moment.stock.get(line["item"], 0))


def _minutes(text: str) -> int:
    return minutes_of(from_datetime(dt.datetime.fromisoformat(text)))


def meant(before: Moment, document: dict[str, Any]) -> Row | None:
    """The row of a purchase order that a report is about: the first due that is open."""
    rows = [
        row
        for row in before.of(PurchaseOrderRow, *OPEN)
        if row["purchase_order"] == document["purchase_order"] and document["item"] in (None, row["item"])
    ]
    return min(rows, key=lambda row: (row["due"], row["row"]), default=None)


def _on_course(before: Moment, document: dict[str, Any]) -> bool:
    """Whether a report says that an order goes as it was planned, or better."""
    orders = [row for row in before.of(WorkOrderRow, *OPEN) if row["work_order"] == document["work_order"]]
    if not orders:
        return True
    (row,) = orders
    slots = {s["step"]: s for s in before.rows[OperationRow] if s["work_order"] == row["work_order"]}
    steps = sorted(slots, key=lambda step: slots[step]["sequence"])
    if not row["drawn"] or int(document["scrap"]):
        return False
    if document["step"] is None or not steps or document["step"] == steps[-1]:
        done = row["made"] + int(document["good"]) >= row["quantity"]
        return done or (not steps and not document["complete"] and before.now <= row["finish"])
    if not document["complete"] and document["finished"] is None:
        return False  # how much of the step is left is said, or where it goes on
    finished = before.minutes if document["finished"] is None else _minutes(document["finished"])
    return finished <= minutes_of(slots[document["step"]]["finish"])


def names_of(document: dict[str, Any]) -> list[str]:
    """What a reason that blames a document calls it."""
    keys = ("purchase_order", "work_order", "shipping_order", "work_centre", "item")
    return [str(document[key]) for key in keys if document.get(key)]


def concerned(plant: Plant, items: Iterable[str]) -> set[str]:
    """The items that compete with these for components, machines or orders that cost something, over any number."""
    sets: list[set[str]] = [{bom.parent, *(part.item for part in bom.components)} for bom in plant.boms.values()]
    centres: dict[str, set[str]] = {}
    for route in plant.routes.values():
        for way in (way for step in route.steps for way in step.alternatives):
            centres.setdefault(way.work_centre, set()).add(route.item)
    suppliers: dict[str, set[str]] = {}
    for offer in (offer for offers in plant.offers.values() for offer in offers):
        if offer.supplier in plant.suppliers and plant.suppliers[offer.supplier].order_cost:
            suppliers.setdefault(offer.supplier, set()).add(offer.item)
    sets += [*centres.values(), *suppliers.values()]
    found = set(items)
    while grown := [members for members in sets if members & found and not members <= found]:
        found.update(*grown)
    return found


def items_hit(before: Moment, document: dict[str, Any]) -> list[str]:
    """The items that a fact speaks of, or whose work it stops."""
    if document["type"] == "machine_downtime":
        routes = before.plant.routes.values()
        return [
            route.item
            for route in routes
            if any(way.work_centre == document["work_centre"] for step in route.steps for way in step.alternatives)
        ]
    for model, key in ((WorkOrderRow, "work_order"), (PurchaseOrderRow, "purchase_order")):
        if key in document:
            return [row["item"] for row in before.rows[model] if row[key] == document[key]]
    if "shipping_order" in document:
        lines = before.rows[ShippingOrderRow]
        return [row["item"] for row in lines if row["shipping_order"] == document["shipping_order"]]
    return [document["item"]]


# -- laws of two moments


def document_of(row: Row) -> str:
    """The name of a row of a purchase order."""
    return str(row["purchase_order"]) if row["row"] == 1 else f"{row['purchase_order']}#{row['row']}"


def reasons(now: Moment, key: tuple[str, str]) -> str:
    """Every reason that is given on an order line."""
    rows = now.rows[PromiseRow]
    return "; ".join(row["reason"] for row in rows if (row["order"], row["line"]) == key)


def without_cause(before: Moment, now: Moment, documents: Documents) -> Iterator[str]:
    """Promises that got worse though nothing that happened concerns them, or that do not say what did.

    Where supply is overdue, or was to begin by now, its need is seen when the planner looks again, and what made it
    look may be named. A promise that was put before somebody at risk may be rejected, by silence, too.
    """
    waiting = any(
        row[time] <= now.now
        for model, time, statuses in (
            (PurchaseOrderRow, "due", OPEN),
            (WorkOrderRow, "finish", OPEN),
            (PurchaseOrderRow, "order_by", PLANNED),
            (WorkOrderRow, "start", PLANNED),
        )
        for row in before.of(model, *statuses)
    )
    facts = [document for document in documents if not harmless(before, document)]
    items = [item for document in facts for item in items_hit(before, document)]
    hit = concerned(before.plant, items) | concerned(now.plant, items)
    asked = {f"t/{document['number']}" for document in documents if "number" in document}
    items_of_order: dict[str, set[str]] = {}
    for row in before.rows[PromiseRow]:
        items_of_order.setdefault(row["order"], set()).add(row["item"])
    leaving = now.of(ShippingOrderRow, *OPEN)
    asked_before = {row["approval"] for row in before.of(ApprovalRow, "pending")}
    rejected = {row["subject"] for row in now.of(ApprovalRow, "rejected") if row["approval"] in asked_before}
    for text in worse(before.promised, now.promised):
        name = text.partition(": ")[0]
        number, _, line = name.rpartition("/")
        if number in asked:
            continue
        told = reasons(now, (number, line))
        late = waiting and any(blame in told for blame in BLAMES_SUPPLY)
        blamed = any(known in told for document in documents for known in names_of(document))
        refused = number in rejected and f"{number} was rejected" in told
        if not (late or refused or (blamed and (waiting or hit & items_of_order[number]))):
            yield f"worse without cause: {text} ({told})"
        open_ = {row["work_order"] for row in now.of(WorkOrderRow, *OPEN)}
        open_ |= {f"{document_of(row)} for {row['item']}" for row in now.of(PurchaseOrderRow, *OPEN)}
        over = bool(told) and late and not any(waited in told for waited in open_)  # what was late has come
        over |= not any((row["order"], base_document(row["line"])) == (number, name) for row in leaving)
        messages = now.rows[ActionMessageRow]
        said = any(f"{name} was promised for" in row["reason"] or row["document"] in told for row in messages)
        if not over and not said:
            yield f"worse without an action message: {text} ({told})"


def late_without_a_reason(now: Moment) -> Iterator[str]:
    """Promises that are later than asked for, and do not say why."""
    for row in now.rows[PromiseRow]:
        if (
            row["promised"] is not None
            and row["promised"] > (row["requested"] or row["promised"])
            and not row["reason"]
        ):
            yield f"late without a reason: {row['order']}/{row['line']}"


def changed_by_nobody(before: Moment, now: Moment, documents: Documents) -> Iterator[str]:
    """Issued supply that is not as it was, without a report on it."""
    reported = [name for document in documents for name in names_of(document)]
    rows = {(row["purchase_order"], row["row"]): row for row in now.rows[PurchaseOrderRow]}
    for old in before.of(PurchaseOrderRow, *ISSUED):
        new = rows.get((old["purchase_order"], old["row"]))
        same = new is not None and all(new[key] == old[key] for key in ("supplier", "item", "quantity", "due"))
        if not same and old["purchase_order"] not in reported:
            yield f"issued supply changed: {old} became {new}"
    orders = {row["work_order"]: row for row in now.rows[WorkOrderRow]}
    for old in before.of(WorkOrderRow, *ISSUED):
        new = orders.get(old["work_order"])
        same = new is not None and all(new[key] == old[key] for key in ("item", "quantity", "made"))
        if not same and old["work_order"] not in reported:
            yield f"issued supply changed: {old} became {new}"


def to_come(moment: Moment, item: str) -> dict[tuple[str, str], Units]:
    """Units of an item still to come of issued supply that is counted on, by number and row."""
    bought = (row for row in moment.of(PurchaseOrderRow, *ISSUED) if row["item"] == item)
    made = (row for row in moment.of(WorkOrderRow, *ISSUED) if row["item"] == item and not row["starved"])
    found = {(row["purchase_order"], row["row"]): max(0, row["quantity"] - row["received"]) for row in bought}
    return found | {(row["work_order"], ""): max(0, row["quantity"] - row["made"]) for row in made}


def _may_be_owed(before: Moment, now: Moment, item: str) -> set[Units]:
    """How much may have been to come of an item when something left: some of it may have been issued, or counted on
    again, or no more, in between."""
    was, is_ = to_come(before, item), to_come(now, item)
    found = {sum(was.values()), sum(units for key, units in was.items() if key in is_)}
    for new in is_.keys() - was.keys():
        found |= {units + is_[new] for units in found}
    return found | {0, sum(is_.values())}


def _less(there: Units, gone: list[Units], coming: Units) -> Units:
    """What is left when so much has gone of what is there, of which no more is owed than is to come."""
    for units in gone:
        there = max(there - units, min(there, -coming, 0))
    return there


def stock_that_came_from_nowhere(before: Moment, now: Moment, documents: Documents) -> Iterator[str]:
    """Stock that neither a count, a receipt, finished work, a shipment nor work that began explains.

    What leaves without having been there is owed, as far as issued supply is still to come; more was never there.
    """
    expected = dict(before.stock)
    old_rows = {(row["purchase_order"], row["row"]): row["received"] for row in before.rows[PurchaseOrderRow]}
    for row in now.rows[PurchaseOrderRow]:
        came = row["received"] - old_rows.get((row["purchase_order"], row["row"]), 0)
        expected[row["item"]] = expected.get(row["item"], 0) + came
    gone = {row["line"]: row for row in before.of(ShippingOrderRow, "done")}
    left = (row for row in now.of(ShippingOrderRow, "done") if row["line"] not in gone)
    taken = [(row["item"], row["quantity"]) for row in left]
    counted = {d["item"]: int(d["quantity"]) for d in documents if d["type"] == "stock_count"}
    expected |= counted if was_taken(before, now) else {}
    orders = {row["work_order"]: row for row in before.rows[WorkOrderRow]}
    begun: list[tuple[str, Units]] = []
    for row in now.rows[WorkOrderRow]:
        old = orders.get(row["work_order"], {"made": 0, "drawn": False})
        expected[row["item"]] = expected.get(row["item"], 0) + row["made"] - old["made"]
        begun.extend(_components(row) if row["drawn"] and not old["drawn"] else ())
    for item in sorted(expected.keys() | now.stock.keys()):
        gone_now = [units for part, units in (*taken, *begun) if part == item]
        there = expected.get(item, 0)
        possible = {_less(there, gone_now, coming) for coming in _may_be_owed(before, now, item)}
        possible.update([counted[item]] if item in counted else [])  # it was counted after what had begun by then
        if now.stock.get(item, 0) not in possible:
            yield f"stock: {now.stock.get(item, 0)} of {item} on hand, {expected.get(item, 0)} can be explained"


def _components(row: Row) -> list[tuple[str, Units]]:
    return [(item, units) for item, units in json.loads(row["components"] or "[]")]


@dataclass
class Ordered:
    """What customers asked for, by order line: kept from the documents that were accepted."""

    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, document: dict[str, Any]) -> None:
        """Reckon with an order, or a change of one; a line that is removed keeps what was asked for last."""
        for line in document.get("lines", ()):
            if int(line["quantity"]):
                self.lines[f"t/{document['number']}", line["line"]] = int(line["quantity"])

    def lost(self, now: Moment) -> Iterator[str]:
        """Lines whose parts do not add up to what was ordered, or, where that is more, to what has left."""
        shipped: dict[str, int] = {}
        for row in now.of(ShippingOrderRow, "done"):
            line = base_document(row["line"])
            shipped[line] = shipped.get(line, 0) + row["quantity"]
        for (key, line), quantity in self.lines.items():
            parts = [row for row in now.rows[PromiseRow] if (row["order"], row["line"]) == (key, line)]
            told = sum(int(row["quantity"]) for row in parts)
            if told != max(quantity, shipped.get(f"{key}/{line}", 0)):
                yield f"lost: {key}/{line}: {quantity} ordered, {[(r['status'], r['quantity']) for r in parts]} told"
