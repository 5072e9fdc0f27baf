"""The inventory agent: holds and commits what others ask for, and tells those who watch when facts change.

A reservation is held until it is accepted, rejected or expires. It is refused where stock is not as the asker
believed, or where it would make an item's lowest balance worse than it is and negative: nothing is promised twice.
Facts (counts, receipts) are never refused for being inconvenient.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from knowledge.availability import Availability, availability_of
from knowledge.instants import HOUR, Instant
from knowledge.plant import Plant
from knowledge.quantities import Units, to_units
from knowledge.store.tables import AgentStateRow, InventoryEventRow, OnHandRow
from protocols.envelope import Envelope, Performative
from protocols.inventory import (
    CannotReserve,
    Commit,
    Committed,
    CountStock,
    Event,
    MoveStock,
    OpeningBalance,
    Release,
    Reserve,
    Reserved,
    ShortOf,
    StockChanged,
    StockMoved,
    StockRefused,
    WatchStock,
)
from protocols.messages import envelope_body, envelope_from
from protocols.orders import KnowledgeChanged, WatchAgreed
from protocols.supplying import ReportTaken

HOLD_HOURS = 1


@dataclass(frozen=True, slots=True)
class Hold:
    """A reservation that waits for its asker. `undo` are the events and moves that take it back."""

    reserve: Reserve
    until: Instant
    undo: tuple[tuple[str, str, Instant, Units], ...]


class InventoryAgent(Agent):
    """Reads and writes stock on hand and dated events."""

    name = "inventory"

    def __init__(self, plant: Plant, revise: Callable[[Plant, Any], Plant]) -> None:
        self.plant = plant
        self.revise = revise
        self.items: dict[str, Availability] = {}
        self.holds: dict[str, Hold] = {}
        self.watchers: dict[str, Envelope[Any]] = {}
        self.basis = 0

    def restore(self, store: Records) -> None:
        """Rebuild the functions, the open holds and who watches."""
        on_hand = {row["item"]: row["quantity"] for row in store.rows(OnHandRow)}
        self.items = availability_of(on_hand, store.rows(InventoryEventRow))
        for row in store.rows(AgentStateRow, agent=self.name):
            key, body = row["key"], json.loads(row["body"])
            if key == "basis":
                self.basis = body
            elif key.startswith("watcher:"):
                self.watchers[key[8:]] = envelope_from(body)
            elif key.startswith("hold:"):
                reserve = Reserve.model_validate(body["reserve"])
                self.holds[key[5:]] = Hold(reserve, body["until"], self._apply(reserve))

    # -- negotiations

    @handles(Reserve)
    def reserve(self, turn: Turn[Reserve]) -> Effects:
        yield from self._expire(turn)
        asked = turn.content
        if asked.basis != self.basis:
            yield turn.refuse(self._refusal("stock has changed since", asked))
            return
        touched = {event.item for event in asked.events} | {item for item, _ in asked.moves}
        before = {item: self._of(item).lowest(turn.now) for item in touched}
        undo = self._apply(asked)
        worse = sorted(i for i in touched if self._of(i).lowest(turn.now) < min(0, before[i]))
        if worse:
            self._undo(undo, asked)
            yield turn.refuse(self._refusal(f"there is not enough of {', '.join(worse[:5])}", asked, worse))
            return
        hold, until = turn.envelope.id, turn.now + HOLD_HOURS * HOUR
        self.holds[hold] = Hold(asked, until, undo)
        body = {"reserve": asked.model_dump(mode="json"), "until": until}
        yield self._keep(turn, f"hold:{hold}", body)
        yield turn.reply(Performative.PROPOSE, Reserved(hold=hold, until=until))

    @handles(Commit)
    def commit(self, turn: Turn[Commit]) -> Effects:
        hold = self.holds.pop(turn.content.hold)
        for event in hold.reserve.events:
            key = {"item": event.item, "document": event.document}
            if event.units:
                row = {**key, "time": event.time, "quantity": event.units, "status": event.status}
                yield turn.save(InventoryEventRow, row)
            else:
                yield turn.remove(InventoryEventRow, key)
        for item, _ in hold.reserve.moves:
            yield self._save_on_hand(turn, item)
        yield self._forget(turn, f"hold:{turn.content.hold}")
        yield turn.inform(Committed(hold=turn.content.hold))

    @handles(Release)
    def release(self, turn: Turn[Release]) -> Effects:
        yield from self._let_go(turn, turn.content.hold)

    def _expire(self, turn: Turn[Any]) -> Effects:
        for name in [n for n, hold in self.holds.items() if hold.until < turn.now]:
            yield from self._let_go(turn, name)

    def _let_go(self, turn: Turn[Any], name: str) -> Effects:
        hold = self.holds.pop(name, None)
        if hold is not None:
            self._undo(hold.undo, hold.reserve)
            yield self._forget(turn, f"hold:{name}")

    def _apply(self, reserve: Reserve) -> tuple[tuple[str, str, Instant, Units], ...]:
        undo = []
        for event in reserve.events:
            function = self._of(event.item)
            time, units = function.events.get(event.document, (event.time, 0))
            undo.append((event.item, event.document, time, units))
            function.set(event.document, event.time, event.units)
        self._move(reserve.moves, 1)
        return tuple(undo)

    def _undo(self, undo: Iterable[tuple[str, str, Instant, Units]], reserve: Reserve) -> None:
        for item, document, time, units in reversed(list(undo)):
            self._of(item).set(document, time, units)
        self._move(reserve.moves, -1)

    def _move(self, moves: Iterable[tuple[str, Units]], sign: int) -> None:
        for item, units in moves:
            function = self._of(item)
            function.set_on_hand(function.on_hand + sign * units)

    def _refusal(self, reason: str, asked: Reserve, items: Iterable[str] = ()) -> CannotReserve:
        named = items or sorted({event.item for event in asked.events} | {item for item, _ in asked.moves})
        left = tuple(
            ShortOf(item=i, on_hand=self._of(i).on_hand, staircase=tuple(self._of(i).staircase(0))) for i in named
        )
        return CannotReserve(reason=reason, basis=self.basis, left=left)

    # -- facts

    @handles(OpeningBalance)
    def open_with(self, turn: Turn[OpeningBalance]) -> Effects:
        for item, units in turn.content.stock:
            self._of(item).set_on_hand(units)
            yield self._save_on_hand(turn, item)
        yield turn.inform(StockMoved(basis=self.basis))
        yield from self._changed(turn, [item for item, _ in turn.content.stock], "opening balance")

    @handles(CountStock)
    def count(self, turn: Turn[CountStock]) -> Effects:
        """A count is taken as it is: what was on the shelf until now was an error, or has gone."""
        count = turn.content.count
        item = self.plant.items.get(count.item)
        if item is None:
            yield turn.refuse(StockRefused(reason=f"item {count.item} is not known"))
            return
        try:
            units = to_units(count.quantity, item.decimals)
        except ValueError as error:
            yield turn.refuse(StockRefused(reason=f"quantity: {error}"))
            return
        self._of(item.code).set_on_hand(units)
        yield self._save_on_hand(turn, item.code)
        yield turn.inform(ReportTaken())
        yield from self._changed(turn, [item.code], f"stock count of {item.code}")

    @handles(MoveStock)
    def move(self, turn: Turn[MoveStock]) -> Effects:
        moved = turn.content
        for item, units in moved.moves:
            left = self._of(item).on_hand + units
            if left < 0:
                reason = f"only {self._of(item).on_hand} of {item} are on hand, not {-units}: count the shelf first"
                yield turn.refuse(StockRefused(reason=reason))
                return
        self._move(moved.moves, 1)
        for event in moved.events:
            self._of(event.item).set(event.document, event.time, event.units)
            yield self._event(turn, event)
        for item, _ in moved.moves:
            yield self._save_on_hand(turn, item)
        yield turn.inform(StockMoved(basis=self.basis + 1))
        items = [item for item, _ in moved.moves]
        yield from self._changed(turn, items, moved.document, moved)

    def _event(self, turn: Turn[Any], event: Event) -> Any:
        key = {"item": event.item, "document": event.document}
        if not event.units:
            return turn.remove(InventoryEventRow, key)
        row = {**key, "time": event.time, "quantity": event.units, "status": event.status}
        return turn.save(InventoryEventRow, row)

    @handles(WatchStock)
    def watch(self, turn: Turn[WatchStock]) -> Effects:
        envelope = turn.envelope
        self.watchers[turn.sender] = envelope
        yield self._keep(turn, f"watcher:{turn.sender}", envelope_body(envelope))
        yield turn.reply(Performative.AGREE, WatchAgreed())

    @handles(KnowledgeChanged)
    def learn(self, turn: Turn[KnowledgeChanged]) -> Effects:
        self.plant = self.revise(self.plant, turn.content.release)
        yield turn.inform(ReportTaken())

    def _changed(self, turn: Turn[Any], items: list[str], document: str, moved: MoveStock | None = None) -> Effects:
        """A fact changed: reservations made on the old one are refused from now on, and those who watch are told."""
        self.basis += 1
        yield self._keep(turn, "basis", self.basis)
        news = StockChanged(
            basis=self.basis,
            on_hand=tuple((item, self._of(item).on_hand) for item in items),
            document=document,
            supply=moved.supply if moved else (),
            shipped=moved.shipped if moved else (),
        )
        for watcher in self.watchers.values():
            yield turn.reply_to(watcher, Performative.INFORM, news)

    def _of(self, item: str) -> Availability:
        return self.items.setdefault(item, Availability())

    def _save_on_hand(self, turn: Turn[Any], item: str) -> Any:
        return turn.save(OnHandRow, {"item": item, "quantity": self._of(item).on_hand})

    def _keep(self, turn: Turn[Any], key: str, body: object) -> Any:
        return turn.save(AgentStateRow, {"agent": self.name, "key": key, "body": json.dumps(body)})

    def _forget(self, turn: Turn[Any], key: str) -> Any:
        return turn.remove(AgentStateRow, {"agent": self.name, "key": key})
