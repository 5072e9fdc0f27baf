"""Customer orders as their customers see them: what was wanted, promised and delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from knowledge.instants import DAY, Instant
from knowledge.quantities import Units


@dataclass(slots=True)
class Line:
    """A line of an order. `like` is the item that a custom one resembles."""

    item: str
    quantity: Units
    price: float
    """Of a smallest unit, in the plant's currency."""
    like: str = ""
    delivered: Units = 0
    at: Instant | None = None
    """When the last piece came."""

    @property
    def complete(self) -> bool:
        """Whether all of it has come."""
        return self.delivered >= self.quantity


@dataclass(slots=True)
class Order:
    """An order. `requested` is the end of the day for which it is wanted."""

    document: str
    """source/number, as the society writes it."""
    source: str
    number: str
    customer: str
    received: Instant
    requested: Instant
    lines: dict[str, Line]
    weight: float = 1
    transit: int = 0
    penalty_percent: float = 0
    """A day, of the value of what is late."""
    most_days: float | None = None
    """For so many days penalties count."""
    cancelled: Instant | None = None
    promised_first: Instant | None = None
    """What was promised first, or first after the customer changed it: when the last piece comes."""
    promised: Instant | None = None
    moved: int = 0
    """How often a promise was moved without the customer's wish."""
    changed: bool = False
    """The customer has changed it, and the next promise answers that."""

    @property
    def complete(self) -> bool:
        """Whether all of it has come."""
        return all(line.complete for line in self.lines.values())

    @property
    def begun(self) -> bool:
        """Whether anything of it has left."""
        return any(line.delivered for line in self.lines.values())

    @property
    def completed(self) -> Instant | None:
        """When the last piece came, where all of it has."""
        if not self.complete:
            return None
        return max((line.at for line in self.lines.values() if line.at is not None), default=None)

    def came_by(self, time: Instant) -> bool:
        """Whether all of it had come by then."""
        return self.completed is not None and self.completed <= time

    def wanted_at(self, time: Instant) -> bool:
        """Whether its customer still wanted it then; what is given up later is given up as late."""
        return self.cancelled is None or self.cancelled >= time

    def days_after(self, time: Instant, now: Instant) -> float:
        """Days after a time until all had come, or until it was given up, or until now."""
        came = self.cancelled if self.completed is None else self.completed
        return max(0, (now if came is None else came) - time) / DAY

    def days_late(self, now: Instant) -> float:
        """Days after the requested time until all had come, or until it was given up, or until now."""
        return self.days_after(self.requested, now)

    def penalty(self, now: Instant) -> float:
        """What its lateness costs, by the value of each line and its days late."""
        total = 0.0
        for line in self.lines.values():
            until = line.at if line.complete and line.at is not None else min(now, self.cancelled or now)
            days = max(0, until - self.requested) / DAY
            if self.most_days is not None:
                days = min(days, self.most_days)
            total += days * self.penalty_percent / 100 * line.price * line.quantity
        return total


@dataclass(slots=True)
class OrderBook:
    """All orders there were."""

    orders: dict[str, Order] = field(default_factory=dict)
    open: dict[str, Order] = field(default_factory=dict)

    def add(self, order: Order) -> None:
        """An order comes."""
        self.orders[order.document] = order
        self.open[order.document] = order

    def deliver(self, document: str, pieces: Mapping[str, Units], at: Instant) -> None:
        """Pieces of some lines arrive at the customer."""
        order = self.orders.get(document)
        if order is None:
            return
        for name, units in pieces.items():
            line = order.lines[name]
            line.delivered += units
            line.at = at if line.at is None else max(line.at, at)
        if order.complete:
            self.open.pop(document, None)

    def cancel(self, order: Order, now: Instant) -> None:
        """Its customer does not want it any more."""
        order.cancelled = now
        self.open.pop(order.document, None)
