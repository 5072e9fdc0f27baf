"""What the planner keeps of orders and of what people should know: plain values, and the list of what is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from pydantic import TypeAdapter

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


_PLANNED = TypeAdapter(Planned)


class Orders(dict[str, Planned]):
    """Orders by document name. One that comes from the records stays a text until somebody looks at it."""

    def restore(self, order: str, text: str) -> None:
        """Take an order from the records."""
        super().__setitem__(order, text)  # type: ignore[assignment]

    def __getitem__(self, order: str) -> Planned:
        found: Any = super().__getitem__(order)
        return self._read(order, found) if isinstance(found, str) else found

    def get(self, order: str, default: Any = None) -> Any:
        """An order, if it is there."""
        found: Any = super().get(order, default)
        return self._read(order, found) if isinstance(found, str) else found

    def pop(self, order: str, *default: Any) -> Any:
        """Take an order out."""
        found = self.get(order, *default)
        super().pop(order, None)
        return found

    def values(self) -> Any:
        """Every order."""
        return [self[order] for order in self]

    def items(self) -> Any:
        """Every order, with its name."""
        return [(order, self[order]) for order in self]

    def _read(self, order: str, text: str) -> Planned:
        found = self[order] = _PLANNED.validate_json(text)
        return found


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


def look_at(release: Release, looked: Instant) -> Instant:
    """When to look whether what a release waits for has come, after `looked`: when it is to leave, and from then on
    once a day.

    Once it was overdue, that begins a day later, so that nobody is told every minute.
    """
    first = release.ship + (DAY if release.overdue else 0)
    return first + max(0, ceil_div(looked - first, DAY)) * DAY


@dataclass(slots=True)
class Departures:
    """The times of `look_at` of all that is to leave. Entries are checked when they come up."""

    heap: list[tuple[Instant, str]] = field(default_factory=list)

    def push(self, release: Release, looked: Instant) -> None:
        """Note when to look at a release; `looked` is when everything was looked at last."""
        heappush(self.heap, (look_at(release, looked), release.document))

    @classmethod
    def of(cls, releases: Iterable[Release], looked: Instant) -> Departures:
        """When to look for many releases."""
        heap = [(look_at(release, looked), release.document) for release in releases]
        heapify(heap)
        return cls(heap)

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
