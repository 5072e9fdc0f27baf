"""The shipping agent: one shipping order for what of an order goes at one time to one place.

It issues them, and takes their reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from knowledge.instants import DAY, Instant
from knowledge.plant import Plant
from knowledge.quantities import Units
from knowledge.store.database import Write
from knowledge.store.tables import AgentStateRow, ShippingOrderRow
from knowledge.supply import Release
from protocols.inventory import Event, MoveStock, StockMoved, StockRefused
from protocols.messages import Failed
from protocols.supplying import ArrangeReleases, ReleasesArranged, ReportRefused, ReportShipment, ReportTaken, Wake


@dataclass(frozen=True, slots=True)
class ShippingLine:
    """A line of a shipping order, keyed by the release that it ships."""

    shipping_order: str
    line: str  # the release's document name
    release: int
    order: str
    item: str
    quantity: Units
    customer: str
    ship_to: str
    ship: Instant
    status: str


_NAMES = tuple(f.name for f in fields(ShippingLine))
_OPEN = ("planned", "released")


class ShippingAgent(Agent):
    """Reads and writes shipping orders. One timer runs at a time: for the next planned line that is to be issued."""

    name = "shipping"

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.lines: dict[str, ShippingLine] = {}  # open ones, by release
        self.of_order: dict[str, dict[str, None]] = {}  # the releases of each order with open ones
        self.of_number: dict[str, dict[str, None]] = {}  # those of each shipping order
        self.planned: list[tuple[Instant, str]] = []  # a heap: when each planned line goes; checked when it comes up
        self.alarm: Instant | None = None
        self.last = 0

    def restore(self, records: Records) -> None:
        """Rebuild the open shipping orders; those that are closed stay in the records."""
        self.records = records
        for row in records.rows(AgentStateRow, agent=self.name):
            if row["key"] == "last":
                self.last = int(row["body"])  # numbers of shipping orders that have disappeared are not given again
            else:
                self.alarm = int(row["body"]) if row["body"] else None
        for row in records.rows(ShippingOrderRow, status=_OPEN):
            line = ShippingLine(*[row[name] for name in _NAMES])
            self._know(line)
            if line.status == "planned":
                self.planned.append((line.ship, line.line))
        heapify(self.planned)

    @handles(ArrangeReleases)
    def arrange(self, turn: Turn[ArrangeReleases]) -> Effects:
        """Make shipping orders what the releases are now: those of one order at one time to one place share one."""
        content = turn.content
        changed: dict[str, ShippingLine] = {}
        last = self.last
        for document in content.gone:
            yield from self._drop(turn, document)
        places = {release.document: content.places.get(release.line, content.ship_to) for release in content.releases}
        for release in sorted(content.releases, key=lambda r: (r.ship, r.line, r.document)):
            line = self._line(release, places)
            if self.lines.get(release.document) != line:
                yield from self._leave(turn, self.lines.get(release.document), line)
                changed[release.document] = line
                self._take(line)
        for order in {line.order for line in changed.values()}:
            changed.update(self._renumber(order, self._left(order) if content.begun else {}))
        for line in changed.values():
            yield self._save(turn, line)
        if self.last != last:
            yield turn.save(AgentStateRow, {"agent": self.name, "key": "last", "body": str(self.last)})
        yield from self._set_alarm(turn)
        yield turn.inform(ReleasesArranged())

    def _take(self, line: ShippingLine) -> None:
        """Have a line as it is now."""
        old = self.lines.get(line.line)
        if old is not None and old.shipping_order != line.shipping_order:
            self._let_go(line.line)
        self._know(line)
        if line.status == "planned":
            heappush(self.planned, (line.ship, line.line))

    def _know(self, line: ShippingLine) -> None:
        self.lines[line.line] = line
        self.of_order.setdefault(line.order, {})[line.line] = None
        self.of_number.setdefault(line.shipping_order, {})[line.line] = None

    def _let_go(self, document: str) -> ShippingLine | None:
        line = self.lines.pop(document, None)
        if line is not None:
            for lines, key in ((self.of_order, line.order), (self.of_number, line.shipping_order)):
                del lines[key][document]
                if not lines[key]:
                    del lines[key]
        return line

    def _save(self, turn: Turn[Any], line: ShippingLine) -> Write:
        return turn.save(ShippingOrderRow, {name: getattr(line, name) for name in _NAMES})

    def _closed(self, number: str) -> str:
        """What has become of a shipping order; empty where it was never closed."""
        found = {row["status"] for row in self.records.own(ShippingOrderRow, shipping_order=number)}
        return "done" if "done" in found else "cancelled" if found else ""

    @property
    def _horizon(self) -> int:
        return int(self.plant.release_horizon_days * DAY)

    def _first(self) -> ShippingLine | None:
        """The planned line that goes first."""
        while self.planned:
            ship, document = self.planned[0]
            line = self.lines.get(document)
            if line is not None and line.status == "planned" and line.ship == ship:
                return line
            heappop(self.planned)
        return None

    def _set_alarm(self, turn: Turn[Any]) -> Effects:
        """Have a timer run for the line that goes first. One that runs for later is of no harm."""
        first = self._first()
        if first is not None and (self.alarm is None or first.ship - self._horizon < self.alarm):
            self.alarm = first.ship - self._horizon
            yield self._keep_alarm(turn)
            yield turn.timer(self.alarm, self.name, Wake(what="ship", key=str(first.ship)), subject="")

    def _keep_alarm(self, turn: Turn[Any]) -> Write:
        body = "" if self.alarm is None else str(self.alarm)
        return turn.save(AgentStateRow, {"agent": self.name, "key": "alarm", "body": body})

    def _lines(self, order: str) -> list[ShippingLine]:
        """The open lines of an order."""
        return [self.lines[document] for document in self.of_order.get(order, ())]

    def _line(self, release: Release, places: Mapping[str, str]) -> ShippingLine:
        old = self.lines.get(release.document)
        number = self._number(release, old, places)
        release_number = old.release if old else 0
        status = old.status if old and old.ship == release.ship else "planned"
        return ShippingLine(
            number,
            release.document,
            release_number,
            release.order,
            release.item,
            release.quantity,
            release.customer,
            places[release.document],
            release.ship,
            status,
        )

    def _number(self, release: Release, old: ShippingLine | None, places: Mapping[str, str]) -> str:
        """The shipping order of this order that goes at this time to this place, or a new one.

        One that goes to another place as a whole keeps its number.
        """
        lines, here = self._lines(release.order), places[release.document]
        there = {line.line for line in lines if places.get(line.line, line.ship_to) == here}
        if old is not None and old.ship == release.ship:
            together = {line.line for line in lines if line.shipping_order == old.shipping_order}
            if old.ship_to == here or together <= there:
                return old.shipping_order
        for line in lines:
            if line.ship == release.ship and line.line != release.document and line.line in there:
                return line.shipping_order
        if old is not None and not any(
            line.shipping_order == old.shipping_order and line.line != old.line for line in lines
        ):
            return old.shipping_order
        self.last += 1
        return f"SH-{self.last:06d}"

    def _leave(self, turn: Turn[Any], old: ShippingLine | None, new: ShippingLine) -> Effects:
        if old is not None and old.shipping_order != new.shipping_order:
            yield turn.remove(ShippingOrderRow, {"shipping_order": old.shipping_order, "line": old.line})

    def _left(self, order: str) -> dict[Instant, int]:
        """The numbers of the releases of an order that have left, by when they were to go."""
        return {row["ship"]: row["release"] for row in self.records.own(ShippingOrderRow, order=order, status="done")}

    def _renumber(self, order: str, left: Mapping[Instant, int]) -> dict[str, ShippingLine]:
        """Releases of an order are numbered by time, and what has left keeps its number; the lines whose number that
        changes."""
        lines, taken = self._lines(order), set(left.values())
        free = (number for number in count(1) if number not in taken)
        numbers = {ship: left.get(ship) or next(free) for ship in sorted({line.ship for line in lines})}
        changed = {}
        for line in lines:
            if line.release != numbers[line.ship]:
                changed[line.line] = replace(line, release=numbers[line.ship])
                self._take(changed[line.line])
        return changed

    def _drop(self, turn: Turn[Any], document: str) -> Effects:
        """A planned line disappears; one that was issued stays as cancelled."""
        line = self._let_go(document)
        if line is None:
            return
        if line.status == "released":
            yield self._save(turn, replace(line, status="cancelled"))
        else:
            yield turn.remove(ShippingOrderRow, {"shipping_order": line.shipping_order, "line": line.line})

    @handles(Wake)
    def issue(self, turn: Turn[Wake]) -> Effects:
        """Shipping orders whose time has come go to the warehouse."""
        due: list[ShippingLine] = []
        while (line := self._first()) is not None and line.ship - self._horizon <= turn.now:
            heappop(self.planned)
            due.append(line)
        for line in sorted(due, key=lambda each: each.line):
            self._take(replace(line, status="released"))
            yield self._save(turn, self.lines[line.line])
        if self.alarm is not None and self.alarm <= turn.now:
            self.alarm = None
            yield self._keep_alarm(turn)
        yield from self._set_alarm(turn)

    @handles(ReportShipment)
    def report(self, turn: Turn[ReportShipment]) -> Effects:
        """The shipping order has left: its pieces are off the shelf."""
        number = turn.content.report.shipping_order
        lines = sorted((self.lines[document] for document in self.of_number.get(number, ())), key=lambda o: o.line)
        if not lines:
            status = self._closed(number)
            reason = f"shipping order {number} is {status}" if status else f"shipping order {number} is not known"
            yield turn.refuse(ReportRefused(reason=reason))
            return
        moves: dict[str, Units] = {}
        for line in lines:
            moves[line.item] = moves.get(line.item, 0) - line.quantity
        events = tuple(
            Event(item=line.item, document=line.line, time=line.ship, units=0, status="done") for line in lines
        )
        shipped = tuple(line.line for line in lines)
        yield turn.inform(ReportTaken())
        content = MoveStock(document=number, moves=tuple(moves.items()), events=events, shipped=shipped)
        yield turn.request("inventory", content, subject=number)
        for line in lines:
            self._let_go(line.line)
            yield self._save(turn, replace(line, status="done"))

    @handles(StockMoved, StockRefused, Failed)
    def noted(self, turn: Turn[Any]) -> Effects:
        yield from ()
