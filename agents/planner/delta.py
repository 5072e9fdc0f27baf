"""What a decision changed, read from the journal: for inventory's events, the records, and everybody concerned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agents.planner.book import Shelf
from agents.planner.kept import Message, Planned
from agents.planner.state import State
from knowledge.instants import Instant
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.shelf_life import Lots
from knowledge.supply import PurchaseRow, Release, Supply, WorkOrder
from protocols.inventory import Event


@dataclass(slots=True)
class Delta:
    """Before and after of everything touched; None where it was not, or is no longer, there."""

    supply: dict[str, tuple[Supply | None, Supply | None]] = field(default_factory=dict)
    releases: dict[str, tuple[Release | None, Release | None]] = field(default_factory=dict)
    orders: dict[str, tuple[Planned | None, Planned | None]] = field(default_factory=dict)
    messages: dict[str, Message | None] = field(default_factory=dict)
    used: dict[str, Units] = field(default_factory=dict)
    needed: dict[str, Instant] = field(default_factory=dict)
    on_hand: dict[str, Units] = field(default_factory=dict)
    downtimes: dict[str, tuple[tuple[Instant, Instant], ...]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    adopted_at: dict[str, Instant] = field(default_factory=dict)
    lots: dict[str, Lots] = field(default_factory=dict)
    earmarks: dict[tuple[str, str], Units] = field(default_factory=dict)
    """Units on the shelf by item and holder; 0 for a holder that has nothing any more."""
    moves: list[tuple[str, Units]] = field(default_factory=list)

    def events(self) -> list[Event]:
        """The availability events to be set; 0 units where one is to go."""
        found: dict[tuple[str, str], _Dated] = {}
        for before, after in self.supply.values():
            for item, document, (time, _, status) in _supply_events(before):
                found[item, document] = time, 0, status
            for item, document, dated in _supply_events(after):
                found[item, document] = dated
        for old, new in self.releases.values():
            for event in release_events(old):
                found[event.item, event.document] = event.time, 0, event.status
            for event in release_events(new):
                found[event.item, event.document] = event.time, event.units, event.status
        return [_event(item, document, *dated) for (item, document), dated in found.items()]

    def purchases(self) -> tuple[list[PurchaseRow], list[tuple[str, int]]]:
        """Purchase rows as they are now, and those that are gone."""
        rows, gone = [], []
        for before, after in self.supply.values():
            if isinstance(after, PurchaseRow):
                rows.append(after)
            elif isinstance(before, PurchaseRow):
                gone.append((before.number, before.row))
        return rows, gone

    def moved(self) -> Iterator[str]:
        """Orders that go, or of which a line goes, to another place than before."""
        for order, (before, after) in self.orders.items():
            if before is not None and after is not None:
                old, new = before.facts, after.facts
                if (old.ship_to, old.places) != (new.ship_to, new.places):
                    yield order

    def work_orders(self) -> Iterator[tuple[WorkOrder | None, WorkOrder | None]]:
        """Work orders before and after."""
        for before, after in self.supply.values():
            if isinstance(after, WorkOrder) or isinstance(before, WorkOrder):
                yield (
                    before if isinstance(before, WorkOrder) else None,
                    after if isinstance(after, WorkOrder) else None,
                )


_Dated: TypeAlias = tuple[Instant, Units, str]
"""(time, units, status)"""


def supply_events(supply: Supply | None) -> Iterator[Event]:
    """The receipt of a supply, and a work order's requirements while it has not drawn them."""
    return (_event(item, document, *dated) for item, document, dated in _supply_events(supply))


def _supply_events(supply: Supply | None) -> Iterator[tuple[str, str, _Dated]]:
    if supply is None or supply.status in _OVER:
        return
    status, receipt = supply.status.value, supply.receipt
    if receipt:
        yield supply.item, supply.document, (supply.time, receipt, status)
    if isinstance(supply, WorkOrder) and not supply.drawn and not supply.starved:
        for item, units in supply.components:
            yield item, supply.document, (supply.start, -units, status)


_OVER = (SupplyStatus.DONE, SupplyStatus.CANCELLED)


def release_events(release: Release | None) -> Iterator[Event]:
    """The requirement of a release."""
    if release is not None and not release.shipped:
        status = "hold" if release.held else "firm"
        yield _event(release.item, release.document, release.ship, -release.quantity, status)


def _event(item: str, document: str, time: int, units: int, status: str) -> Event:
    return Event.model_construct(item=item, document=document, time=time, units=units, status=status)


def delta_of(state: State) -> Delta:
    """What the state's journal says has changed since the decision began."""
    delta = Delta()
    earlier: dict[str, Supply | None] = {}
    places: dict[str, list[dict[str, Supply]]] = {}
    before: dict[int, dict[Any, Any]] = {id(d): {} for d in _kept(state)}
    for where, key, value in state.journal.log:
        old = value if _real(value) else None
        if isinstance(where, Shelf):
            places.setdefault(key, []).append(where)
            earlier.setdefault(key, old)  # what leaves one shelf for another is dropped there first
        elif id(where) in before:
            before[id(where)].setdefault(key, old)
    for document, shelf in places.items():
        now = next((where[document] for where in shelf if document in where), state.closed.get(document))
        if now != earlier[document]:
            delta.supply[document] = earlier[document], now
    for document, release in before[id(state.releases)].items():
        current = state.releases.get(document)
        if current != release:
            delta.releases[document] = release, current
    delta.orders = {order: (planned, state.orders.get(order)) for order, planned in before[id(state.orders)].items()}
    delta.messages = _now(state.messages, before)
    delta.used = _now(state.used, before)
    delta.needed = _now(state.needed, before)
    delta.downtimes = _now(state.downtimes, before)
    delta.answers = _now(state.release_answers, before)
    delta.adopted_at = _now(state.adopted_at, before)
    delta.lots = _now(state.book.lots, before)
    delta.on_hand = _now(state.book.on_hand, before)
    for item, marks in before[id(state.book.earmarks)].items():
        marked = state.book.earmarks.get(item, {})
        delta.earmarks |= {(item, holder): marked.get(holder, 0) for holder in {**(marks or {}), **marked}}
    delta.moves = [(item, units) for item, units in state.moved.items() if units]
    return delta


def _kept(state: State) -> tuple[dict[str, Any], ...]:
    """The dictionaries whose changes are told or stored, besides supply."""
    told = state.releases, state.orders, state.messages
    facts = state.book.on_hand, state.book.lots, state.book.earmarks, state.downtimes
    return *told, state.used, state.needed, state.adopted_at, *facts, state.release_answers


def _now(where: dict[str, Any], before: dict[int, dict[Any, Any]]) -> dict[str, Any]:
    """What the touched keys of a dictionary hold now."""
    return {key: where.get(key) for key in before[id(where)]}


def _real(value: object) -> bool:
    return isinstance(value, (WorkOrder, PurchaseRow, Release, Planned, Message, int, dict))
