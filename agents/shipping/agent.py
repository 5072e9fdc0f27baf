"""The shipping agent: one shipping order for what of an order goes at one time; issues it, and takes its report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from knowledge.instants import DAY, Instant
from knowledge.plant import Plant
from knowledge.quantities import Units
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


class ShippingAgent(Agent):
    """Reads and writes shipping orders."""

    name = "shipping"

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.lines: dict[str, ShippingLine] = {}  # open ones, by release
        self.of_order: dict[str, dict[str, None]] = {}  # the releases of each order with open ones
        self.closed: dict[str, str] = {}  # shipping order → done or cancelled
        self.last = 0

    def restore(self, store: Records) -> None:
        """Rebuild the shipping orders."""
        for row in store.rows(ShippingOrderRow):
            line = ShippingLine(**row)
            if line.status in ("planned", "released"):
                self._take(line)
            else:
                self.closed[line.shipping_order] = line.status
        for row in store.rows(AgentStateRow, agent=self.name, key="last"):
            self.last = int(row["body"])  # numbers of shipping orders that have disappeared are not given again

    @handles(ArrangeReleases)
    def arrange(self, turn: Turn[ArrangeReleases]) -> Effects:
        """Make shipping orders what the releases are now: those of one order at one time share one."""
        content = turn.content
        changed: dict[str, ShippingLine] = {}
        last = self.last
        for document in content.gone:
            yield from self._drop(turn, document)
        for release in sorted(content.releases, key=lambda r: (r.ship, r.line, r.document)):
            line = self._line(release, content.ship_to)
            if self.lines.get(release.document) != line:
                yield from self._leave(turn, self.lines.get(release.document), line)
                changed[release.document] = line
                self._take(line)
        for order in {line.order for line in changed.values()}:
            changed.update(self._renumber(order))
        for line in changed.values():
            yield turn.save(ShippingOrderRow, asdict(line))
        if self.last != last:
            yield turn.save(AgentStateRow, {"agent": self.name, "key": "last", "body": str(self.last)})
        for ship in sorted({line.ship for line in changed.values()}):
            at = ship - int(self.plant.release_horizon_days * DAY)
            yield turn.timer(at, self.name, Wake(what="ship", key=str(ship)), subject="")
        yield turn.inform(ReleasesArranged())

    def _take(self, line: ShippingLine) -> None:
        self.lines[line.line] = line
        self.of_order.setdefault(line.order, {})[line.line] = None

    def _let_go(self, document: str) -> ShippingLine | None:
        line = self.lines.pop(document, None)
        if line is not None:
            del self.of_order[line.order][document]
        return line

    def _lines(self, order: str) -> list[ShippingLine]:
        """The open lines of an order."""
        return [self.lines[document] for document in self.of_order.get(order, ())]

    def _line(self, release: Release, ship_to: str) -> ShippingLine:
        old = self.lines.get(release.document)
        number = self._number(release, old)
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
            ship_to,
            release.ship,
            status,
        )

    def _number(self, release: Release, old: ShippingLine | None) -> str:
        """The shipping order of this order that goes at this time, or a new one."""
        if old is not None and old.ship == release.ship:
            return old.shipping_order
        lines = self._lines(release.order)
        for line in lines:
            if line.ship == release.ship and line.line != release.document:
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

    def _renumber(self, order: str) -> dict[str, ShippingLine]:
        """Releases of an order are numbered by time; the lines whose number that changes."""
        lines = self._lines(order)
        numbers = {ship: n for n, ship in enumerate(sorted({line.ship for line in lines}), 1)}
        changed = {}
        for line in lines:
            if line.release != numbers[line.ship]:
                self.lines[line.line] = changed[line.line] = replace(line, release=numbers[line.ship])
        return changed

    def _drop(self, turn: Turn[Any], document: str) -> Effects:
        """A planned line disappears; one that was issued stays as cancelled."""
        line = self._let_go(document)
        if line is None:
            return
        if line.status == "released":
            self.closed[line.shipping_order] = "cancelled"
            yield turn.save(ShippingOrderRow, asdict(replace(line, status="cancelled")))
        else:
            yield turn.remove(ShippingOrderRow, {"shipping_order": line.shipping_order, "line": line.line})

    @handles(Wake)
    def issue(self, turn: Turn[Wake]) -> Effects:
        """Shipping orders whose time has come go to the warehouse."""
        horizon = int(self.plant.release_horizon_days * DAY)
        for document, line in sorted(self.lines.items()):
            if line.status == "planned" and line.ship - horizon <= turn.now:
                self.lines[document] = replace(line, status="released")
                yield turn.save(ShippingOrderRow, asdict(self.lines[document]))

    @handles(ReportShipment)
    def report(self, turn: Turn[ReportShipment]) -> Effects:
        """The shipping order has left: its pieces are off the shelf."""
        number = turn.content.report.shipping_order
        lines = sorted((line for line in self.lines.values() if line.shipping_order == number), key=lambda o: o.line)
        if not lines:
            status = self.closed.get(number)
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
            yield turn.save(ShippingOrderRow, asdict(replace(line, status="done")))
        self.closed[number] = "done"

    @handles(StockMoved, StockRefused, Failed)
    def noted(self, turn: Turn[Any]) -> Effects:
        yield from ()
