"""The books as a net: which supply serves which need, which work stands on which machine, when a line was promised."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from knowledge.auditor import Books, Row
from knowledge.calendars import OPEN_ALWAYS, OpenTime
from knowledge.instants import DAY, MINUTE, Instant, local_date
from knowledge.pegging import OWED
from knowledge.plant import Offer, Plant, SupplyStatus
from knowledge.quantities import Units, from_units
from knowledge.supply import (
    SAFETY_STOCK,
    STOCK,
    OperationSlot,
    PurchaseRow,
    Release,
    Supply,
    WorkOrder,
    base_document,
    line_document,
)

_ISSUED = (SupplyStatus.FIRM, SupplyStatus.RELEASED)
_OPEN = (SupplyStatus.PLANNED, *_ISSUED)
_MOST_LINES = 200

IDLE = (OWED, SAFETY_STOCK, STOCK)
"""What a supply may be for besides documents."""


class Share(NamedTuple):
    """So many units of an item that a supply (or `stock`) brings for a need (or `stock`, `safety_stock`)."""

    supply: str
    need: str
    item: str
    units: Units


@dataclass
class Network:
    """What explanations are read from. Built once from the books, each index when it is first asked for."""

    books: Books
    _axes: dict[tuple[str, bool, bool], OpenTime] = field(default_factory=dict)

    @property
    def plant(self) -> Plant:
        return self.books.plant

    @property
    def now(self) -> Instant:
        return self.books.now

    # -- documents

    @cached_property
    def every_supply(self) -> dict[str, Supply]:
        """Every work order and purchase row by document, closed ones included."""
        found: dict[str, Supply] = {order.document: order for order in self.books.work_orders}
        found.update((row.document, row) for row in self.books.purchases)
        return found

    @cached_property
    def supplies(self) -> dict[str, Supply]:
        """Open supply by document."""
        return {document: s for document, s in self.every_supply.items() if s.status in _OPEN}

    @cached_property
    def releases(self) -> dict[str, Release]:
        """What is planned to go out, or has gone, by document."""
        return {release.document: release for release in self.books.releases}

    @cached_property
    def of_line(self) -> dict[str, list[Release]]:
        """The releases of each order line, in order of time."""
        found: dict[str, list[Release]] = {}
        for release in sorted(self.books.releases, key=lambda r: (r.ship, r.document)):
            found.setdefault(base_document(release.document), []).append(release)
        return found

    @cached_property
    def orders(self) -> dict[str, Row]:
        """Customer orders by document."""
        return {row["order"]: row for row in self.books.orders}

    def line_of(self, row: Row) -> str:
        """The line that a promise row is of."""
        order = self.orders[row["order"]]
        return line_document(order["source"], order["number"], row["line"])

    # -- pegs

    @cached_property
    def _shares(self) -> tuple[dict[str, list[Share]], dict[str, list[Share]], dict[str, list[tuple[str, Units]]]]:
        of_need: dict[str, list[Share]] = {}
        of_supply: dict[str, list[Share]] = {}
        short: dict[str, list[tuple[str, Units]]] = {}
        for item, _, pegs in self.books.pegs():
            for supply, need, units in pegs.pegs:
                share = Share(supply, need, item, units)
                if need not in IDLE:
                    of_need.setdefault(need, []).append(share)
                if supply != STOCK:
                    of_supply.setdefault(supply, []).append(share)
            for need, units in pegs.short:
                short.setdefault(need, []).append((item, units))
        return of_need, of_supply, short

    def serving(self, need: str) -> list[Share]:
        """What serves a need: a release or a work order."""
        return self._shares[0].get(need, [])

    def served(self, supply: str) -> list[Share]:
        """What a supply serves."""
        return self._shares[1].get(supply, [])

    def short(self, need: str) -> list[tuple[str, Units]]:
        """(item, units) of a need that nothing covers."""
        return self._shares[2].get(need, [])

    @cached_property
    def stocked(self) -> dict[str, list[Share]]:
        """What the stock of each item is for."""
        found: dict[str, list[Share]] = {}
        for shares in self._shares[0].values():
            for share in shares:
                if share.supply == STOCK:
                    found.setdefault(share.item, []).append(share)
        return found

    def of_item(self, item: str) -> list[Supply]:
        """Open supply of an item, the earliest first."""
        return sorted((s for s in self.supplies.values() if s.item == item), key=lambda s: (s.time, s.document))

    def lines_for(self, needs: Iterable[str]) -> list[str]:
        """The order lines that needs go back to, through whatever work orders, each once; in a stable order."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        waiting = list(needs)
        while waiting and len(found) < _MOST_LINES:
            document = waiting.pop(0)
            if document in seen:
                continue
            seen.add(document)
            if document in self.releases:
                found[base_document(document)] = None
            waiting.extend(share.need for share in self.served(document))
        return list(found)

    # -- times

    def overdue(self, supply: Supply) -> bool:
        """Whether it should have come, or begun, by now."""
        late = supply.time < self.now and supply.receipt > 0
        return supply.status in _OPEN and (late or (supply.status not in _ISSUED[1:] and supply.begin < self.now))

    def decided(self, release: Release) -> Instant:
        """When a release was promised as it is: the society has said the same of it ever since."""
        time: Instant | None = None
        status = "at_risk" if release.at_risk else "promised"
        for told in reversed(self._told.get(release.order, [])):
            if release.held:
                return int(told["time"])
            if (release.line, release.promised, status) not in told["parts"]:
                break
            time = told["time"]
        return self.received(release) if time is None else time

    def received(self, release: Release) -> Instant:
        """When the order of a release was received."""
        order = self.orders.get(release.order)
        return int(order["received"]) if order else self.now

    def unit_price(self, release: Release) -> Decimal | None:
        """What a unit of a release was ordered at, in the plant's currency; None where that is not known."""
        order = self.orders.get(release.order)
        if order is None:
            return None
        body = json.loads(order["document"])["document"]
        prices = [line.get("unit_price") for line in body["lines"] if line["line"] == release.line]
        rate = self.plant.rate(body.get("currency") or "")
        return Decimal(prices[0]) * rate if prices and prices[0] is not None and rate is not None else None

    @cached_property
    def _told(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self.books.told:
            found.setdefault(row["order"], []).append(row)
        return found

    def offer(self, row: PurchaseRow) -> Offer | None:
        """The offer that a purchase is made by; None where its supplier offers nothing of the kind now."""
        return next((o for o in self.plant.offers.get(row.item, ()) if o.supplier == row.supplier), None)

    def deferred(self, row: PurchaseRow) -> bool:
        """Whether an issued row is due later than its lead time says: its supplier named another date."""
        offer = self.offer(row)
        issued = row.status in _ISSUED and offer is not None
        return issued and offer is not None and offer.lead_time.backward(row.due) > row.order_by + MINUTE

    @cached_property
    def given(self) -> frozenset[str]:
        """Numbers of orders that existed before the society began."""
        return frozenset(order.number for order in self.plant.open_orders)

    # -- work centres

    def axis(self, work_centre: str, *, up: bool = False, always: bool = False) -> OpenTime:
        """The open time of a work centre; `up` leaves its downtimes out, `always` takes it as never closed."""
        key = work_centre, up, always
        found = self._axes.get(key)
        if found is None:
            centre = self.plant.work_centres[work_centre]
            calendar = OPEN_ALWAYS if always else centre.calendar
            down = () if up or always else tuple(self.books.downtimes.get(work_centre, ()))
            found = self._axes[key] = OpenTime(calendar, self._origin, down)
        return found

    def closed(self, work_centre: str, begin: Instant, end: Instant) -> tuple[int, str, Instant, Instant]:
        """(length, work centre, since, until) of the longest time between two instants in which it is closed."""
        centre = self.plant.work_centres.get(work_centre)
        if centre is None or centre.calendar.always_open or end <= begin:
            return 0, work_centre, begin, begin
        zone = centre.calendar.zone
        last = local_date(end, zone) + dt.timedelta(days=1)
        edges = [begin]
        for start, finish in centre.calendar.intervals(local_date(begin, zone), last):
            edges.extend(min(max(edge, begin), end) for edge in (start, finish))
        edges.append(end)
        return max(
            (until - since, work_centre, since, until) for since, until in zip(edges[::2], edges[1::2], strict=True)
        )

    @cached_property
    def _origin(self) -> Instant:
        times = [slot.start for order in self.books.work_orders for slot in order.operations]
        times.extend(order["received"] for order in self.books.orders)
        return min([self.now, *times]) - DAY

    @cached_property
    def work(self) -> dict[str, list[tuple[OperationSlot, WorkOrder]]]:
        """The operations on each work centre in order of time, what is done included."""
        found: dict[str, list[tuple[OperationSlot, WorkOrder]]] = {}
        for order in self.books.work_orders:
            if order.status is not SupplyStatus.CANCELLED:
                for slot in order.operations:
                    if slot.work_centre in self.plant.work_centres:
                        found.setdefault(slot.work_centre, []).append((slot, order))
        for rows in found.values():
            rows.sort(key=lambda entry: (entry[0].start, entry[0].machine, entry[1].number))
        return found

    def minutes(self, order: WorkOrder, slot: OperationSlot, quantity: Units) -> int:
        """Minutes of an operation for another quantity of its order; its own where the route does not say."""
        route = self.plant.routes.get(order.item)
        ways = [
            way
            for step in (route.steps if route else ())
            for way in step.alternatives
            if step.step == slot.step and way.work_centre == slot.work_centre
        ]
        if not ways or quantity >= order.quantity:
            return slot.minutes
        pieces = Fraction(from_units(order.quantity - quantity, self.plant.items[order.item].decimals))
        saved = Fraction(ways[0].run_minutes) * pieces * 100
        saved /= Fraction(self.plant.work_centres[slot.work_centre].efficiency_percent)
        return slot.minutes - saved.numerator // saved.denominator

    # -- people

    def waiting(self, order: str, subjects: Iterable[str] = ()) -> Iterator[dict[str, Any]]:
        """Approvals that the promises of an order wait for: asked for it, or for one of these subjects.

        One that intake has asked for is of a change that was not taken yet, and holds no promise.
        """
        wanted = set(subjects)
        for row in self.books.approvals:
            meant = row["order"] == order or row["subject"] in wanted
            if meant and row["status"] == "pending" and row["asker"] == "planner":
                yield dict(row)
