"""What the planner keeps of orders and of what people should know: plain values, and the list of what is due."""

from __future__ import annotations

from dataclasses import dataclass, field
from heapq import heappop, heappush

from knowledge.instants import DAY, Instant
from knowledge.quantities import Units, ceil_div
from knowledge.supply import Release, Supply
from protocols.orders import LineClass, OrderFacts


@dataclass(frozen=True, slots=True)
class Missing:
    """A part of a line that cannot be supplied at all."""

    line: str
    item: str
    classified_as: str
    quantity: Units
    requested: Instant | None
    reason: str
    status: str = "infeasible"
    supply: bool = True
    """Whether it is for want of supply, not because a person rejected it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """An order as the planner knows it: its lines and classes, what is missing of it, what it waits for."""

    facts: OrderFacts
    classes: tuple[LineClass, ...]
    missing: tuple[Missing, ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """An action message."""

    key: str
    action: str
    document: str
    item: str
    quantity: Units
    time: Instant
    reason: str


@dataclass(slots=True)
class Departures:
    """When to look whether what a release waits for has come. Entries are checked when they come up."""

    heap: list[tuple[Instant, str]] = field(default_factory=list)

    def push(self, release: Release, looked: Instant) -> None:
        """Look when it is to leave, and from then on once a day; `looked` is when everything was looked at last.

        Once it was overdue, that begins a day later, so that nobody is told every minute.
        """
        first = release.ship + (DAY if release.overdue else 0)
        days = max(0, ceil_div(looked - first, DAY))
        heappush(self.heap, (first + days * DAY, release.document))

    def pop_until(self, now: Instant) -> list[str]:
        """Documents to be looked at, each once."""
        found: dict[str, None] = {}
        while self.heap and self.heap[0][0] < now:
            found[heappop(self.heap)[1]] = None
        return list(found)


@dataclass(slots=True)
class DueList:
    """Planned and firm supply by when it is to be issued. Entries are checked when they come up, never removed."""

    heap: list[tuple[Instant, str, str]] = field(default_factory=list)
    stuck: dict[str, str] = field(default_factory=dict)

    def push(self, supply: Supply, lead: int) -> None:
        """Note when a supply is to be issued, `lead` seconds ahead of its start."""
        heappush(self.heap, (supply.begin - lead, supply.document, supply.item))

    def pop_until(self, now: Instant) -> list[tuple[str, str]]:
        """(document, item) of everything due by now, and of what could not be issued before."""
        found = dict(self.stuck)
        self.stuck = {}
        while self.heap and self.heap[0][0] <= now:
            _, document, item = heappop(self.heap)
            found[document] = item
        return sorted(found.items())

    def next(self) -> Instant | None:
        """When the next is due."""
        return self.heap[0][0] if self.heap else None
