"""The auditor: laws that the records of a society keep, checked from the rows of its tables alone.

It shares no code with the agents that wrote the rows. Every law is a function from `Books` to findings, which are
values; no findings means that the law holds. `audit` asks all of `LAWS`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from knowledge.availability import Availability, availability_of
from knowledge.awards import Award
from knowledge.calendars import HORIZON_DAYS, OpenTime
from knowledge.deliveries import OnTime
from knowledge.earmarks import Earmarks, earmarks_by_item, is_line
from knowledge.instants import DAY, MINUTE, Instant, iso, local_date
from knowledge.pegging import OWED, Dated, Pegs, events_by_item, peg
from knowledge.plant import Offer, Plant
from knowledge.quantities import Units, parse_decimal, to_units
from knowledge.supply import SAFETY_STOCK, STOCK, PurchaseRow, Release, Supply, WorkOrder, encode, line_document

Row = Mapping[str, Any]

_OPEN = ("planned", "firm", "released")
_PROMISED = ("promised", "at_risk")

_AXIS_YEAR_DAYS = 366
"""A plan may be as old as that, and its calendars were looked at from its beginning on."""


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """A law that is broken: which, by which document or item, and how."""

    law: str
    document: str
    text: str

    def __str__(self) -> str:
        return f"{self.law}: {self.document}: {self.text}"


@dataclass(frozen=True, slots=True)
class Books:
    """What is audited and explained: rows of the tables, supply read from them, and the plant that they are of.

    `downtimes` are the times at which a work centre's machines stand, `marks` say what on the shelf is whose. What only
    explanations look at is empty in the books of an audit: the `releases` of order lines, `approvals`, what was
    `told` of each order's lines, and when, the `awards` of purchase rows, and the `punctuality` of suppliers.
    """

    plant: Plant
    now: Instant
    on_hand: Mapping[str, Units]
    events: Sequence[Row]
    orders: Sequence[Row]
    promises: Sequence[Row]
    shipping: Sequence[Row]
    work_orders: Sequence[WorkOrder]
    purchases: Sequence[PurchaseRow]
    downtimes: Mapping[str, tuple[tuple[Instant, Instant], ...]] = field(default_factory=dict)
    marks: Sequence[Row] = ()
    releases: Sequence[Release] = ()
    approvals: Sequence[Row] = ()
    told: Sequence[Row] = ()
    awards: Mapping[tuple[str, int], Award] = field(default_factory=dict)
    punctuality: Mapping[str, OnTime] = field(default_factory=dict)
    _pegs: list[tuple[str, list[Dated], Pegs]] = field(default_factory=list, init=False, repr=False, compare=False)

    def supply(self) -> Iterator[Supply]:
        """Work orders and purchase rows that are not done or cancelled."""
        yield from (order for order in self.work_orders if order.status in _OPEN)
        yield from (row for row in self.purchases if row.status in _OPEN)

    def planned_work_orders(self) -> Iterator[WorkOrder]:
        """Work orders that may still change."""
        return (order for order in self.work_orders if order.status == "planned")

    def planned_purchases(self) -> Iterator[PurchaseRow]:
        """Purchase rows that may still change."""
        return (row for row in self.purchases if row.status == "planned")

    def functions(self) -> dict[str, Availability]:
        """The availability function of every item."""
        return availability_of(self.on_hand, self.events)

    def pegs(self) -> Sequence[tuple[str, list[Dated], Pegs]]:
        """(item, its events, its pegs), worked out once."""
        if not self._pegs:
            marks = self.earmarks()
            for item, events in events_by_item(self.events).items():
                safety_stock = self.plant.items[item].safety_stock
                found = peg(self.on_hand.get(item, 0), events, safety_stock, marks.get(item))
                self._pegs.append((item, events, found))
        return self._pegs

    def earmarks(self) -> dict[str, Earmarks]:
        """What of each item belongs to somebody."""
        return earmarks_by_item(self.marks, self.supply(), self.promises, self.orders, self.now)

    def when(self, instant: Instant) -> str:
        """A time as people of the plant read it."""
        return iso(instant, self.plant.zone)


Law = Callable[[Books], Iterator[Finding]]


def audit(books: Books) -> list[Finding]:
    """Every breach of every law, in a stable order."""
    return sorted(finding for law in LAWS for finding in law(books))


# -- quantities


def nothing_is_promised_twice(books: Books) -> Iterator[Finding]:
    """No item's projected balance falls below zero, but for what left the shelf before it was booked in."""
    owing = {item for item, units in books.on_hand.items() if units < 0}
    short_of = {item: pegs.short for item, _, pegs in books.pegs() if item in owing}
    for item, function in books.functions().items():
        short = function.first_shortage(books.now)
        if short is not None and (item not in owing or any(need != OWED for need, _ in short_of.get(item, ()))):
            yield Finding("promised twice", item, f"short of {short[1]} at {books.when(short[0])}")


def events_are_supply_and_demand(books: Books) -> Iterator[Finding]:
    """The dated events are exactly what the open supply brings and takes, and what is to be shipped."""
    events = [row for row in books.events if row["status"] != "expired"]  # not a document's, but of what is left of it
    kept = {(row["item"], row["document"]): (row["time"], row["quantity"]) for row in events}
    expected = _expected_events(books)
    waiting = {(row["item"], row["document"]) for row in books.events if row["status"] == "hold"}
    for key in sorted(kept.keys() | expected.keys()):
        if kept.get(key) != expected.get(key) and key not in waiting:
            text = f"{key[0]}: the event is {kept.get(key)}, the documents say {expected.get(key)}"
            yield Finding("events", key[1], text)


def _expected_events(books: Books) -> dict[tuple[str, str], tuple[Instant, Units]]:
    found: dict[tuple[str, str], tuple[Instant, Units]] = {}
    for supply in books.supply():
        if supply.receipt:
            found[supply.item, supply.document] = supply.time, supply.receipt
        if isinstance(supply, WorkOrder) and not supply.drawn and not supply.starved:
            for item, units in supply.components:
                found[item, supply.document] = supply.start, -units
    for row in books.shipping:
        if row["status"] in _OPEN:
            found[row["item"], row["line"]] = row["ship"], -row["quantity"]
    return found


def pegs_add_up(books: Books) -> Iterator[Finding]:
    """Supply = demand pegged + stock left, for every item: the pegs of a document sum to its quantity."""
    for item, events, pegs in books.pegs():
        sums: dict[tuple[str, str], Units] = {}
        for supply, need, units in pegs.pegs:
            sums["supply", supply] = sums.get(("supply", supply), 0) + units
            sums["need", need] = sums.get(("need", need), 0) + units
        for _, units, document in events:
            pegged = sums.get(("supply" if units > 0 else "need", document), 0)
            if pegged != abs(units):
                yield Finding("pegs", document, f"{abs(units)} of {item}, of which {pegged} are pegged")
        if sums.get(("supply", STOCK), 0) > max(0, books.on_hand.get(item, 0)):
            yield Finding("pegs", item, "more is pegged to stock than is on hand")


def pegs_come_in_time(books: Books) -> Iterator[Finding]:
    """What a need is pegged to is there when it is needed."""
    for item, events, pegs in books.pegs():
        times = {document: max(time, books.now) for time, _, document in events}
        for supply, need, units in pegs.pegs:
            if times.get(supply, books.now) > times.get(need, times.get(supply, books.now)):
                text = f"{units} of {item} come at {books.when(times[supply])} for {need} at {books.when(times[need])}"
                yield Finding("late peg", supply, text)


def earmarks_are_there_and_needed(books: Books) -> Iterator[Finding]:
    """No more of an item belongs to somebody than is on the shelf, and no more to an order line than it needs."""
    needs: dict[tuple[str, str], Units] = {}
    for row in books.events:
        key = row["item"], row["document"].partition("#")[0]
        needs[key] = needs.get(key, 0) - min(0, row["quantity"])
    for item, marks in books.earmarks().items():
        on_hand, whole = books.on_hand.get(item, 0), sum(marks.shelf.values())
        if whole > max(0, on_hand):
            yield Finding("earmarks", item, f"{whole} belong to somebody, {on_hand} are on hand")
        lines = {holder: units for holder, units in marks.shelf.items() if is_line(holder)}
        for work in marks.work:
            lines[work.line] = lines.get(work.line, 0) + work.units
        for line, units in sorted(lines.items()):
            if units > needs.get((item, line), 0):
                yield Finding("earmarks", line, f"has {units} of {item}, needs {needs.get((item, line), 0)}")


def planned_supply_is_needed(books: Books) -> Iterator[Finding]:
    """Nothing stays planned that nobody needs."""
    planned = {supply.document for supply in books.supply() if supply.status == "planned"}
    for item, _, pegs in books.pegs():
        for document, needs in pegs.of_supply().items():
            if document in planned and all(need == STOCK for need, _ in needs):
                yield Finding("not needed", document, f"planned {item} that nothing asks for")


def nothing_is_planned_in_the_past(books: Books) -> Iterator[Finding]:
    """Planned supply begins now or later. What could not begin when it should is overdue until it is planned anew."""
    for supply in books.supply():
        if supply.status == "planned" and supply.begin < books.now:
            yield Finding("overdue", supply.document, f"is planned to begin in the past, {books.when(supply.begin)}")


# -- promises


def promised_is_to_be_shipped(books: Books) -> Iterator[Finding]:
    """What was promised of a line is what is to be shipped, or has been, of it."""
    promised = _promised(books)
    shipped: dict[str, Units] = {}
    for row in books.shipping:
        if row["status"] != "cancelled":
            line = row["line"].partition("#")[0]
            shipped[line] = shipped.get(line, 0) + row["quantity"]
    for line in sorted(promised.keys() | shipped.keys()):
        if promised.get(line, 0) != shipped.get(line, 0):
            yield Finding("promises", line, f"promised {promised.get(line, 0)}, to ship {shipped.get(line, 0)}")


def _promised(books: Books) -> dict[str, Units]:
    """Units promised by line."""
    names = {row["order"]: (row["source"], row["number"]) for row in books.orders}
    promised: dict[str, Units] = {}
    for row in books.promises:
        if row["status"] in _PROMISED:
            line = line_document(*names[row["order"]], row["line"])
            units = to_units(parse_decimal(row["quantity"]), books.plant.items[row["item"]].decimals)
            promised[line] = promised.get(line, 0) + units
    return promised


def promises_are_not_early(books: Books) -> Iterator[Finding]:
    """Nothing is promised earlier than it was requested."""
    for row in books.promises:
        if row["promised"] is not None and row["requested"] is not None and row["promised"] < row["requested"]:
            text = f"promised {books.when(row['promised'])}, requested {books.when(row['requested'])}"
            yield Finding("early", f"{row['order']}/{row['line']}", text)


def shipments_keep_promises(books: Books) -> Iterator[Finding]:
    """Where nothing is at risk, each shipment still to come reaches its customer at a time that was promised."""
    names = {row["order"]: (row["source"], row["number"]) for row in books.orders}
    times: dict[str, set[Instant]] = {}
    for row in books.promises:
        line = line_document(*names[row["order"]], row["line"])
        times.setdefault(line, set()).add(row["promised"] if row["status"] == "promised" else -1)
    for row in books.shipping:
        told = times.get(row["line"].partition("#")[0], set())
        customer = books.plant.customer(row["customer"])
        there = row["ship"] + int((customer.transit_days if customer else 0) * DAY)
        if row["status"] in _OPEN and row["ship"] > books.now and -1 not in told and there not in told:
            yield Finding("shipments", row["shipping_order"], f"is there at {books.when(there)}, promised otherwise")


# -- work


def work_orders_follow_their_operations(books: Books) -> Iterator[Finding]:
    """A work order starts before it finishes, its operations one after the other between the two."""
    for order in books.work_orders:
        if order.status not in _OPEN:
            continue
        times = [order.start, *(t for slot in order.operations for t in (slot.start, slot.finish)), order.finish]
        if times != sorted(times):
            yield Finding("sequence", order.document, "the operations do not follow each other from start to finish")


def machines_do_one_thing(books: Books) -> Iterator[Finding]:
    """No two operations occupy one machine at a time, and there are only as many machines as the plant has."""
    busy: dict[tuple[str, int], list[tuple[int, int, str]]] = {}
    for order in books.work_orders:
        for slot in order.operations if order.status in _OPEN else ():
            if not 1 <= slot.machine <= books.plant.work_centres[slot.work_centre].machines:
                yield Finding("machines", order.document, f"{slot.work_centre} has no machine {slot.machine}")
            if slot.start < slot.finish:
                stretch = max(slot.start, books.now), slot.finish, order.document
                busy.setdefault((slot.work_centre, slot.machine), []).append(stretch)
    for (centre, machine), stretches in sorted(busy.items()):
        for (_, end, one), (begin, _, other) in pairwise(sorted(s for s in stretches if s[0] < s[1])):
            if begin < end:
                text = f"overlaps {one} on machine {machine} of {centre} at {books.when(begin)}"
                yield Finding("machines", other, text)


def operations_lie_in_open_time(books: Books) -> Iterator[Finding]:
    """Planned operations begin and end in open time and take their minutes of it.

    Nobody looks at calendars further ahead than `HORIZON_DAYS`: what is planned for then takes its minutes.
    """
    near = books.now + (HORIZON_DAYS - _AXIS_YEAR_DAYS) * DAY
    origin = min((slot.start for order in books.planned_work_orders() for slot in order.operations), default=0) - DAY
    axes = {
        code: OpenTime(centre.calendar, origin, tuple(books.downtimes.get(code, ())))
        for code, centre in books.plant.work_centres.items()
    }
    for order in books.planned_work_orders():
        for slot in order.operations:
            if slot.finish > near:
                if slot.finish - slot.start < slot.minutes * MINUTE:
                    yield Finding(
                        "open time", order.document, f"step {slot.step} takes less than {slot.minutes} minutes"
                    )
                continue
            axis = axes[slot.work_centre]
            begin, end = axis.open_seconds(slot.start), axis.open_seconds(slot.finish)
            if end - begin != slot.minutes * 60:
                text = f"step {slot.step} takes {(end - begin) / 60:g} open minutes, not {slot.minutes}"
                yield Finding("open time", order.document, text)
            elif slot.minutes and (axis.start_at(begin) != slot.start or axis.finish_at(end) != slot.finish):
                yield Finding("open time", order.document, f"step {slot.step} begins or ends in closed time")


def work_orders_obey_lots_and_bills(books: Books) -> Iterator[Finding]:
    """Planned work orders have lot sizes of their item, and need what its bill of materials says."""
    for order in books.planned_work_orders():
        rule = books.plant.items[order.item].lot
        if rule.split(order.quantity) != [order.quantity]:
            yield Finding("lots", order.document, f"{order.quantity} of {order.item} is no lot of it")
        bom = books.plant.boms.get(order.item)
        needs: dict[str, Units] = {}
        for part in bom.components if bom else ():
            needs[part.item] = needs.get(part.item, 0) + part.need(order.quantity)
        if dict(order.components) != needs:
            yield Finding("bill", order.document, f"needs {dict(order.components)}, the bill says {needs}")


# -- purchases


def purchases_obey_offers(books: Books) -> Iterator[Finding]:
    """Planned purchases have a lot, a price and a lead time that are offered."""
    for row in books.planned_purchases():
        offer = _offer(books.plant, row)
        if offer is None:
            yield Finding("offers", row.document, f"{row.supplier} does not offer {row.item}")
            continue
        if offer.lot.raise_to(row.quantity) != row.quantity:
            yield Finding("offers", row.document, f"{row.quantity} is no lot that {row.supplier} sells")
        if offer.unit_price(row.quantity) != row.unit_price:
            yield Finding("offers", row.document, f"the price is not {row.unit_price} for {row.quantity}")
        if row.order_by > offer.lead_time.backward(row.due):
            yield Finding("offers", row.document, f"ordered {books.when(row.order_by)}, too late for its due date")


def _offer(plant: Plant, row: PurchaseRow) -> Offer | None:
    return next((o for o in plant.offers.get(row.item, ()) if o.supplier == row.supplier), None)


def suppliers_keep_their_capacity(books: Books) -> Iterator[Finding]:
    """No week holds more of an offer than its supplier can deliver in it, as far as planned supply adds to it."""
    weeks: dict[tuple[str, str, dt.date], list[PurchaseRow]] = {}
    for row in books.purchases:
        if row.status in _OPEN:
            day = local_date(row.due, books.plant.zone)
            weeks.setdefault((row.supplier, row.item, day - dt.timedelta(days=day.weekday())), []).append(row)
    for (supplier, item, monday), rows in sorted(weeks.items()):
        offer = _offer(books.plant, rows[0])
        total = sum(row.quantity for row in rows)
        limited = offer is not None and offer.capacity_per_week is not None and total > offer.capacity_per_week
        if limited and any(row.status == "planned" for row in rows):
            yield Finding("capacity", rows[-1].document, f"{total} of {item} from {supplier} in the week of {monday}")


def purchases_of_a_day_are_one_row(books: Books) -> Iterator[Finding]:
    """Planned needs of one item on one day from one supplier are one row, and rows ordered on one day one order."""
    zone = books.plant.zone
    rows: dict[tuple[object, ...], str] = {}
    numbers: dict[tuple[object, ...], str] = {}
    for row in books.planned_purchases():
        key = row.supplier, row.item, local_date(row.due, zone)
        if key in rows:
            yield Finding("purchase rows", row.document, f"buys {row.item} for the same day as {rows[key]}")
        rows[key] = row.document
        day = row.supplier, local_date(row.order_by, zone)
        if numbers.setdefault(day, row.number) != row.number:
            yield Finding("purchase rows", row.document, f"goes to {row.supplier} on one day with {numbers[day]}")


def numbers_are_given_once(books: Books) -> Iterator[Finding]:
    """No document name stands for two things."""
    seen: set[str] = {STOCK, SAFETY_STOCK}
    for name in [*(encode(o.number) for o in books.work_orders), *(row.document for row in books.purchases)]:
        if name in seen:
            yield Finding("numbers", name, "stands for two documents")
        seen.add(name)


LAWS: tuple[Law, ...] = (
    nothing_is_promised_twice,
    events_are_supply_and_demand,
    pegs_add_up,
    pegs_come_in_time,
    earmarks_are_there_and_needed,
    planned_supply_is_needed,
    nothing_is_planned_in_the_past,
    promised_is_to_be_shipped,
    promises_are_not_early,
    shipments_keep_promises,
    work_orders_follow_their_operations,
    machines_do_one_thing,
    operations_lie_in_open_time,
    work_orders_obey_lots_and_bills,
    purchases_obey_offers,
    suppliers_keep_their_capacity,
    purchases_of_a_day_are_one_row,
    numbers_are_given_once,
)
"""Every law, in the order in which it is checked."""
