"""Laws of the whole society through random histories: orders, and facts about whatever there is at that moment.

A history is made step by step: time passes, or a document comes that speaks of supply, stock and shipments as they
stand then. The laws of one state are the auditor's; here are those that compare the states before and after a step.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from knowledge.instants import Instant, from_datetime
from knowledge.plant import Plant
from knowledge.quantities import Units
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.tables import (
    ActionMessageRow,
    AgentStateRow,
    CustomerOrderRow,
    InventoryEventRow,
    MessageRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    QuarantineRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import base_document
from simulations.processing import Processing
from tests.effort import LONG, times
from tests.random_plants import (
    DAY_MINUTES,
    DAYS,
    START,
    Case,
    cancel,
    change,
    confirmation,
    count,
    downtime,
    items_of,
    order,
    plants,
    receipt,
    report,
    revision,
    shipment,
)
from tests.test_properties import findings, promises, society, take, worse

Row = Mapping[str, Any]

TABLES = (
    CustomerOrderRow,
    PromiseRow,
    PurchaseOrderRow,
    WorkOrderRow,
    OperationRow,
    ShippingOrderRow,
    OnHandRow,
    InventoryEventRow,
    ActionMessageRow,
)
"""What of the database a document changes, apart from the record that it came."""

OPEN = ("planned", "firm", "released")
ISSUED = ("firm", "released")
BLAMES_SUPPLY = ("is overdue", "could not begin in time")
"""What the reason of a promise says that waited in vain for what should have come, or begun, by now."""


@dataclass(frozen=True)
class Moment:
    """The society at one moment: the rows of its tables, its promises, and what the auditor finds."""

    minutes: int
    rows: dict[type[Any], list[dict[str, Any]]]
    promised: dict[tuple[str, str], list[tuple[Instant, int]]]
    found: list[str]
    plant: Plant
    counts: tuple[int, int, int]
    quarantined: int

    @property
    def now(self) -> Instant:
        """The moment as an instant."""
        return instant(self.minutes)

    @property
    def stock(self) -> dict[str, Units]:
        """What is on hand."""
        return {row["item"]: row["quantity"] for row in self.rows[OnHandRow]}

    def of(self, model: type[Any], *statuses: str) -> list[dict[str, Any]]:
        """The rows of a table that have one of these statuses."""
        return [row for row in self.rows[model] if row["status"] in statuses]


def instant(minutes: int) -> Instant:
    """The instant so many minutes after the start."""
    return from_datetime(START) + minutes * 60


def minutes_of(time: Instant) -> int:
    """The first whole minute after the start that is not before an instant."""
    return math.ceil((time - from_datetime(START)) / 60)


def moment(processing: Processing, minutes: int) -> Moment:
    """The society now."""
    store, outcome = processing.store, processing.outcome
    return Moment(
        minutes,
        {model: store.rows(model) for model in TABLES},
        promises(processing),
        findings(processing),
        processing.plant_now(),
        (outcome.accepted, outcome.duplicate, outcome.quarantined),
        len(store.rows(QuarantineRow)),
    )


def pass_time(processing: Processing, minutes: int) -> None:
    """Let the clock go on to a time at which no document comes."""
    processing.now = max(processing.now, instant(minutes))
    processing.host.run_until(processing.now)


def was_taken(before: Moment, now: Moment) -> bool:
    """Whether a document between two moments was taken, neither as a duplicate nor into quarantine."""
    return now.counts[0] > before.counts[0] and now.quarantined == before.quarantined


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
        return not later and not less
    if kind == "operation_report":
        return _on_course(before, document)
    if kind == "shipment_report":  # one that leaves before its time, or its turn, takes what others wait for
        lines = before.of(ShippingOrderRow, *OPEN)
        leaving = [row for row in lines if row["shipping_order"] == document["shipping_order"]]
        return all(row["ship"] <= before.now and _in_turn(before, row) for row in leaving)
    return kind not in ("machine_downtime", "engineering_release")


def _in_turn(moment: Moment, line: Row) -> bool:
    """Whether what is on the shelf is enough for a line to ship and for all of its item that leave by then."""
    due = [r for r in moment.of(ShippingOrderRow, *OPEN) if r["item"] == line["item"] and r["ship"] <= line["ship"]]
    return bool(sum(row["quantity"] for row in due) <= moment.stock.get(line["item"], 0))


def _minutes(text: str) -> int:
    return minutes_of(from_datetime(dt.datetime.fromisoformat(text)))


def meant(before: Moment, document: dict[str, Any]) -> Row | None:
    """The row of a purchase order that a report is about: the first due that is issued."""
    rows = [
        row
        for row in before.of(PurchaseOrderRow, *ISSUED)
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
        return done or (not document["complete"] and before.now <= row["finish"])
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


def reasons(now: Moment, key: tuple[str, str]) -> str:
    """Every reason that is given on an order line."""
    rows = now.rows[PromiseRow]
    return "; ".join(row["reason"] for row in rows if (row["order"], row["line"]) == key)


def without_cause(before: Moment, now: Moment, document: dict[str, Any] | None) -> Iterator[str]:
    """Promises that got worse though nothing that happened concerns them, or that do not say what did.

    With no document it is the passing of time that has happened.
    """
    waiting = any(
        row[time] <= now.now
        for model, time in ((PurchaseOrderRow, "due"), (WorkOrderRow, "finish"))
        for row in before.of(model, *OPEN)
    )
    hit: set[str] = set()
    if document is not None and "number" not in document and not harmless(before, document):
        items = items_hit(before, document)
        hit = concerned(before.plant, items) | concerned(now.plant, items)
    items_of_order: dict[str, set[str]] = {}
    for row in before.rows[PromiseRow]:
        items_of_order.setdefault(row["order"], set()).add(row["item"])
    for text in worse(before.promised, now.promised):
        name = text.partition(": ")[0]
        number, _, line = name.rpartition("/")
        if document is not None and document.get("number") == number.removeprefix("t/"):
            continue
        told = reasons(now, (number, line))
        late = waiting and any(blame in told for blame in BLAMES_SUPPLY)
        blamed = document is not None and any(known in told for known in names_of(document))
        if not (late or (blamed and hit & items_of_order[number])):
            yield f"worse without cause: {text} ({told})"
        open_ = [row for model in (PurchaseOrderRow, WorkOrderRow) for row in now.of(model, *OPEN)]
        numbers = {row.get("purchase_order") or row["work_order"] for row in open_}
        over = bool(told) and late and not any(number in told for number in numbers)  # what was late has come
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


def changed_by_nobody(before: Moment, now: Moment, document: dict[str, Any] | None) -> Iterator[str]:
    """Issued supply that is not as it was, without a report on it."""
    reported = names_of(document) if document is not None else []
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


def to_come(moment: Moment) -> dict[str, Units]:
    """Units of issued supply still to come, by item."""
    found: dict[str, Units] = {}
    for row in moment.of(PurchaseOrderRow, *ISSUED):
        found[row["item"]] = found.get(row["item"], 0) + max(0, row["quantity"] - row["received"])
    for row in moment.of(WorkOrderRow, *ISSUED):
        found[row["item"]] = found.get(row["item"], 0) + max(0, row["quantity"] - row["made"])
    return found


def _less(there: Units, gone: list[Units], coming: Units) -> Units:
    """What is left when so much has gone of what is there, of which no more is owed than is to come."""
    for units in gone:
        there = max(there - units, min(there, -coming, 0))
    return there


def stock_that_came_from_nowhere(before: Moment, now: Moment, document: dict[str, Any] | None) -> Iterator[str]:
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
    if document is not None and document["type"] == "stock_count" and was_taken(before, now):
        expected[document["item"]] = int(document["quantity"])
    orders = {row["work_order"]: row for row in before.rows[WorkOrderRow]}
    begun: list[tuple[str, Units]] = []
    for row in now.rows[WorkOrderRow]:
        old = orders.get(row["work_order"], {"made": 0, "drawn": False})
        expected[row["item"]] = expected.get(row["item"], 0) + row["made"] - old["made"]
        begun.extend(_components(row) if row["drawn"] and not old["drawn"] else ())
    debts = [to_come(before), to_come(now), {}]
    for item in sorted(expected.keys() | now.stock.keys()):
        gone_now = [units for part, units in (*taken, *begun) if part == item]
        there = expected.get(item, 0)
        possible = {_less(there, gone_now, coming.get(item, 0)) for coming in debts}
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


class Histories(RuleBasedStateMachine):
    """A society, and everything that may happen to it next."""

    def __init__(self) -> None:
        super().__init__()
        self.documents: list[dict[str, Any]] = []
        self.ordered = Ordered()
        self.minutes = 0
        self.orders = 0
        self.revisions = 0
        self.restarted = False
        self.broken = False

    @initialize(files=plants(frozen=(0, 0, 3)))
    def begin(self, files: dict[str, str]) -> None:
        """The plant, before anything has happened."""
        self.files = files
        self.store = Store()
        self.processing = Processing(self.store, files, from_datetime(START))
        self.now = moment(self.processing, 0)
        self._demand(self.now.found)

    # -- time

    @rule(gap=st.sampled_from([1, 60, DAY_MINUTES, 5 * DAY_MINUTES]))
    def time_passes(self, gap: int) -> None:
        """No document for a while."""
        self._wait(self.minutes + gap)

    @rule(data=st.data(), later=st.sampled_from([0, 0, 1]))
    def time_comes(self, data: st.DataObject, later: int) -> None:
        """No document until something is due."""
        ahead = {row[key] for row in self.now.of(WorkOrderRow, *OPEN) for key in ("start", "finish")}
        ahead |= {row[key] for row in self.now.of(PurchaseOrderRow, *OPEN) for key in ("order_by", "due")}
        ahead |= {row["ship"] for row in self.now.of(ShippingOrderRow, *OPEN)}
        minutes = sorted(m for m in {minutes_of(time) for time in ahead} if self.minutes < m)
        if minutes:
            self._wait(data.draw(st.sampled_from(minutes)) + later)

    def _wait(self, minutes: int) -> None:
        self.minutes = minutes
        pass_time(self.processing, minutes)
        self._compare(None)

    @rule()
    def it_stops_and_goes_on(self) -> None:
        """The society ends, and another goes on from its database."""
        self.processing.host.stop()
        before = {model: self.store.rows(model) for model in TABLES}
        outcome = self.processing.outcome
        self.processing = Processing(self.store, self.files, from_datetime(START), outcome=outcome)
        pass_time(self.processing, self.minutes)
        self._demand([f"restart: {m.__name__}" for m in TABLES if self.store.rows(m) != before[m]])
        self.restarted = True

    # -- customers

    @rule(
        customer=st.sampled_from(["ANY", "WHOLE", "FEW"]),
        lines=st.lists(st.tuples(st.integers(0, 9), st.integers(1, 25), DAYS), min_size=1, max_size=2),
    )
    def order(self, customer: str, lines: list[tuple[int, int, int | None]]) -> None:
        items = items_of(self.files)
        today = self.minutes // DAY_MINUTES
        wanted = [(items[n % len(items)], units, None if day is None else today + day) for n, units, day in lines]
        self.orders += 1
        self._take(order(str(self.orders), customer, wanted, self.minutes))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 9), line=st.sampled_from("1112"), quantity=st.integers(0, 25), day=DAYS)
    def change(self, which: int, line: str, quantity: int, day: int | None) -> None:
        """Another quantity; on a cancelled order it reopens the line."""
        day = None if day is None else self.minutes // DAY_MINUTES + day
        self._take(change(str(which % self.orders + 1), line, quantity, day, self.minutes))

    @precondition(lambda self: self.orders)
    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        self._take(cancel(str(which % self.orders + 1), self.minutes))

    # -- suppliers

    @precondition(lambda self: self.now.rows[PurchaseOrderRow])
    @rule(
        data=st.data(),
        days=st.sampled_from([None, -3, -1, 0, 1, 4, 15]),
        share=st.sampled_from([None, 0, 0.5, 1, 1.5]),
    )
    def confirm(self, data: st.DataObject, days: int | None, share: float | None) -> None:
        """A supplier says another date or quantity, or the same."""
        row = self._purchase(data)
        due = None if days is None else minutes_of(row["due"]) + days * DAY_MINUTES
        quantity = None if share is None else math.ceil(row["quantity"] * share)
        self._take(confirmation(row["purchase_order"], row["item"], quantity, due, self.minutes))

    @precondition(lambda self: self.now.rows[PurchaseOrderRow])
    @rule(data=st.data(), share=st.sampled_from([0.5, 1, 1, 1, 1.5]))
    def receive(self, data: st.DataObject, share: float) -> None:
        """A part, all or more of what is to come."""
        row = self._purchase(data)
        left = max(1, row["quantity"] - row["received"])
        self._take(receipt(row["purchase_order"], row["item"], math.ceil(left * share), self.minutes))

    def _purchase(self, data: st.DataObject) -> dict[str, Any]:
        issued = self.now.of(PurchaseOrderRow, *ISSUED)
        return data.draw(st.sampled_from(issued or self.now.rows[PurchaseOrderRow]))

    # -- the floor

    @precondition(lambda self: self.now.rows[WorkOrderRow])
    @rule(
        data=st.data(),
        share=st.sampled_from([0, 0.5, 1, 1, 1, 1.2]),
        scrap=st.sampled_from([0, 0, 0, 1, 5]),
        finished=st.sampled_from([None, None, 0, -60, -DAY_MINUTES, 90]),
        complete=st.booleans(),
    )
    def report(self, data: st.DataObject, share: float, scrap: int, finished: int | None, complete: bool) -> None:
        """Progress of a work order or a step of it, whichever, early or late."""
        released = self.now.of(WorkOrderRow, "released")
        row = data.draw(st.sampled_from(released or self.now.rows[WorkOrderRow]))
        steps = [s["step"] for s in self.now.rows[OperationRow] if s["work_order"] == row["work_order"]]
        step = data.draw(st.sampled_from([None, *sorted(steps)]))
        good = math.ceil(max(0, row["quantity"] - row["made"]) * share)
        done = None if finished is None else self.minutes + finished
        self._take(
            report(row["work_order"], step, good, scrap, self.minutes, finished=done, complete=complete),
        )

    @rule(
        centre=st.sampled_from(["W0", "W1"]),
        start=st.sampled_from([-60, 0, 600, 3 * DAY_MINUTES]),
        length=st.sampled_from([60, DAY_MINUTES, 6 * DAY_MINUTES]),
    )
    def stop(self, centre: str, start: int, length: int) -> None:
        """Machines are down, or will be."""
        start += self.minutes
        self._take(downtime(centre, start, start + length, self.minutes))

    @rule(data=st.data(), bom=st.booleans(), route=st.sampled_from([(), (), ((10, "W0"),), ((10, "W1"), (20, "W0"))]))
    def revise(self, data: st.DataObject, bom: bool, route: tuple[tuple[int, str], ...]) -> None:
        """Engineering releases another BOM or route of an item that is made."""
        items = items_of(self.files)
        item = data.draw(st.sampled_from([code for code in items if code in self.now.plant.boms]))
        deeper = [code for code in items if code > item and code[:2] != item[:2]]
        parts = data.draw(st.lists(st.tuples(st.sampled_from(deeper), st.integers(1, 3)), max_size=2)) if bom else []
        if parts or route:
            self.revisions += 1
            self._take(revision(item, f"R{self.revisions}", dict(parts).items(), route, self.minutes))

    # -- the warehouse

    @precondition(lambda self: self.now.rows[ShippingOrderRow])
    @rule(data=st.data())
    def ship(self, data: st.DataObject) -> None:
        """Something has left, whether its time has come or not."""
        known = self.now.of(ShippingOrderRow, *OPEN) or self.now.rows[ShippingOrderRow]
        self._take(shipment(data.draw(st.sampled_from(known))["shipping_order"], self.minutes))

    @rule(which=st.integers(0, 9), difference=st.sampled_from([-100, -5, -1, 0, 1, 8]))
    def count(self, which: int, difference: int) -> None:
        """There is less, or more, on the shelf than everybody thought."""
        items = items_of(self.files)
        item = items[which % len(items)]
        self._take(count(item, max(0, self.now.stock.get(item, 0) + difference), self.minutes))

    # -- errors of others

    @precondition(lambda self: self.documents)
    @rule(which=st.integers(0, 99))
    def again(self, which: int) -> None:
        """A document that was taken before comes once more."""
        self._take(self.documents[which % len(self.documents)], again=True)

    @rule(kind=st.integers(0, 5))
    def of_something_unknown(self, kind: int) -> None:
        """A report on a number that nobody has given."""
        now = self.minutes
        unknown = (
            confirmation("PO-X", None, 5, None, now),
            receipt("PO-X", None, 5, now),
            report("WO-X", None, 5, 0, now),
            shipment("SH-X", now),
            count("NOTHING", 5, now),
            cancel("X", now),
        )
        self._take(unknown[kind], unknown=True)

    # -- what holds after every step

    def _take(self, document: dict[str, Any], *, again: bool = False, unknown: bool = False) -> None:
        """Let a document be processed, and compare before and after."""
        again = again or document in self.documents
        take(self.processing, document)
        self.documents.append(document)
        before, now = self._compare(document)
        accepted, duplicate, refused = (b - a for a, b in zip(before.counts, now.counts, strict=True))
        problems = []
        if accepted + duplicate + refused != 1:
            problems.append(f"exit: {now.counts} after {before.counts}")
        if again and not duplicate:
            problems.append(f"exit: the same document again was taken: {document}")
        quarantined = now.quarantined - before.quarantined
        if quarantined > 1 or (refused and not quarantined) or (duplicate and quarantined):
            problems.append(f"exit: {quarantined} quarantined, {document}")
        if unknown and not quarantined and not duplicate:
            problems.append(f"exit: a report on what is not known was taken: {document}")
        if was_taken(before, now):
            self.ordered.take(document)
        else:
            problems.extend(
                f"changed by what was not taken: {model.__name__}: {document}"
                for model in TABLES
                if before.rows[model] != now.rows[model]
            )
        problems.extend(self.ordered.lost(now))
        self._demand(problems)

    def _compare(self, document: dict[str, Any] | None) -> tuple[Moment, Moment]:
        before, self.now = self.now, moment(self.processing, self.minutes)
        found = [text for text in self.now.found if not text.startswith("overdue") or self._planned(before, document)]
        found.extend(self._unanswered())
        found.extend(without_cause(before, self.now, document))
        found.extend(changed_by_nobody(before, self.now, document))
        found.extend(stock_that_came_from_nowhere(before, self.now, document))
        found.extend(late_without_a_reason(self.now))
        self._demand(found)
        return before, self.now

    def _planned(self, before: Moment, document: dict[str, Any] | None) -> bool:
        """Whether the planner had something to do on account of a document, so that nothing overdue may be left."""
        if document is None or document["type"] == "order_cancel":
            return False
        return was_taken(before, self.now)

    def _unanswered(self) -> Iterator[str]:
        """Messages of the past that nobody has handled, and documents that nobody has answered."""
        now = instant(self.minutes)
        for row in self.store.rows(MessageRow, status="waiting"):
            if row["due"] <= now:
                yield f"waiting: {row['kind']}"
        for row in self.store.rows(AgentStateRow, agent="intake"):
            if row["key"].startswith("pending:"):
                yield f"pending: {row['body']}"

    def _demand(self, problems: list[str]) -> None:
        if problems:
            self.broken = True
            note(str(Case(self.files, tuple(self.documents))))
        assert not problems, problems

    def teardown(self) -> None:
        """A society that never stopped has the same tables in the end."""
        if self.restarted and not self.broken:
            case = Case(self.files, tuple(self.documents))
            other = society(case)
            for document in case.documents:
                take(other, document)
            pass_time(other, self.minutes)
            assert differences(tables_of(other), tables_of(self.processing)) == []


def tables_of(processing: Processing) -> dict[str, Rows]:
    """The tables as they are now."""
    return export(processing.store, processing.plant_now(), processing.now)


def differences(one: dict[str, Rows], other: dict[str, Rows]) -> list[str]:
    """Rows that only one of two societies has."""
    return [
        f"{name}: {row} {where}"
        for name in one
        for rows, others, where in ((one[name], other[name], "unless stopped"), (other[name], one[name], "if stopped"))
        for row in rows
        if row not in others
    ]


def test_a_society_keeps_its_laws_through_any_history() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=times(50, 3000),
            stateful_step_count=times(20, 40),
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target] + ([Phase.shrink] if LONG else []),
        ),
    )
