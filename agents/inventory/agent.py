"""The inventory agent: holds and commits what others ask for, and tells those who watch when facts change.

A reservation is held until it is accepted, rejected or expires. It is refused where stock is not as the asker
believed, or where it would make an item's lowest balance worse than it is and negative: nothing is promised twice.
A hold that has expired holds nothing any more; accepted late, it counts if it still fits, else the commit fails.
Facts (counts, receipts) are never refused for being inconvenient.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from agents.inventory.functions import Events, Functions
from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from knowledge.availability import Availability
from knowledge.instants import HOUR, Instant
from knowledge.plant import Plant
from knowledge.quantities import Units, to_units
from knowledge.shelf_life import EXPIRED, Lot, Lots, added, counted, drawn, expiries
from knowledge.store.tables import AgentStateRow, InventoryEventRow, OnHandRow
from protocols.envelope import Envelope, Performative
from protocols.inventory import (
    HOLD_HOURS,
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

PLANNER = "planner"
"""Whose supply a receipt or a confirmation speaks of, where nobody has asked for it here."""

_ISSUED = ("firm", "released")

Undo = tuple[tuple[str, str, Instant, Units], ...]
"""(item, document, time, units) of events as they were before."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A reservation that waits for its asker. `undo` takes it back; None where it has lapsed and holds nothing."""

    asker: str
    reserve: Reserve
    until: Instant
    undo: Undo | None


class InventoryAgent(Agent):
    """Reads and writes stock on hand and dated events."""

    name = "inventory"

    def __init__(self, plant: Plant, revise: Callable[[Plant, Any], Plant]) -> None:
        self.plant = plant
        self.revise = revise
        self.items = Functions(self._events)
        self.owners: dict[tuple[str, str], str] = {}  # of events that are not the planner's
        self.coming: set[tuple[str, str]] = set()  # firm and released receipts
        self.lots: dict[str, Lots] = {}
        self.wasted: dict[str, dict[str, tuple[Instant, Units]]] = {}  # expiries as they are in the records
        self.holds: dict[str, Hold] = {}
        self.watchers: dict[str, Envelope[Any]] = {}
        self.basis = 0

    def restore(self, records: Records) -> None:
        """Rebuild the open holds and who watches; functions are made when they are asked for."""
        self.records = records
        self.items.on_hand = {row["item"]: row["quantity"] for row in records.rows(OnHandRow)}
        kept = {row["key"]: json.loads(row["body"]) for row in records.rows(AgentStateRow, agent=self.name)}
        self.basis = kept.get("basis", 0)
        for kind, key, body in ((*name.partition(":")[::2], body) for name, body in kept.items()):
            if kind == "watcher":
                self.watchers[key] = envelope_from(body)
            elif kind == "lots":
                self.lots[key] = tuple(Lot(*lot) for lot in body)
                events = self._of(key).events.items()
                self.wasted[key] = {document: event for document, event in events if document.startswith(EXPIRED)}
        for name, body in kept.items():
            if name.startswith("hold:"):
                reserve = Reserve.model_validate(body["reserve"])
                undo = None if body["lapsed"] else self._apply(reserve, body["until"] - HOLD_HOURS * HOUR)
                self.holds[name[5:]] = Hold(body["asker"], reserve, body["until"], undo)

    def _events(self, item: str) -> Events:
        """The events of an item as they are in the records: nothing of it has been asked for until now."""
        found = {}
        for row in self.records.own(InventoryEventRow, item=item):
            document, units = row["document"], row["quantity"]
            found[document] = row["time"], units
            if row["owner"] != PLANNER:
                self.owners[item, document] = row["owner"]
            if units > 0 and row["status"] in _ISSUED:
                self.coming.add((item, document))
        return found

    # -- negotiations

    @handles(Reserve)
    def reserve(self, turn: Turn[Reserve]) -> Effects:
        yield from self._expire(turn)
        asked = turn.content
        if asked.basis != self.basis:
            yield turn.refuse(self._refusal(turn, "stock has changed since", asked))
            return
        undo, worse = self._try(asked, turn.now)
        if undo is None:
            reason = f"there is not enough of {', '.join(worse[:5])}"
            yield turn.refuse(self._refusal(turn, reason, asked, worse))
            return
        hold = Hold(turn.sender, asked, turn.now + HOLD_HOURS * HOUR, undo)
        self.holds[turn.envelope.id] = hold
        yield self._keep_hold(turn, turn.envelope.id)
        yield turn.reply(Performative.PROPOSE, Reserved(hold=turn.envelope.id, until=hold.until))

    @handles(Commit)
    def commit(self, turn: Turn[Commit]) -> Effects:
        """Make a hold final, or the part of it that is wanted; its moves of stock belong to the whole."""
        name, wanted = turn.content.hold, turn.content.documents
        hold = self.holds.pop(name)
        if hold.undo is not None and wanted is not None:
            self._undo(hold.undo, hold.reserve, turn.now)
        reserve = hold.reserve if wanted is None else _part(hold.reserve, wanted)
        if hold.undo is None or wanted is not None:
            undo, worse = self._try(reserve, turn.now)
            if undo is None:
                yield self._forget(turn, f"hold:{name}")
                reason = f"the hold has expired, and there is not enough of {', '.join(worse[:5])} any more"
                lost = {"lost": reserve.events, "lost_moves": reserve.moves}
                yield turn.reply(Performative.FAILURE, self._refusal(turn, reason, reserve).model_copy(update=lost))
                return
        for event in reserve.events:
            yield self._save_event(turn, event, hold.asker)
        for item, units in reserve.moves:
            self._shelve(item, units, turn.now)
            yield self._save_on_hand(turn, item)
        for item in _items(reserve):
            self._expire_lots_of(item, turn.now)
            yield from self._save_expiries(turn, item)
        yield self._forget(turn, f"hold:{name}")
        yield turn.inform(Committed(hold=name))

    @handles(Release)
    def release(self, turn: Turn[Release]) -> Effects:
        hold = self.holds.pop(turn.content.hold, None)
        if hold is not None:
            if hold.undo is not None:
                self._undo(hold.undo, hold.reserve, turn.now)
            yield self._forget(turn, f"hold:{turn.content.hold}")

    def _expire(self, turn: Turn[Any]) -> Effects:
        """Let go of what is held too long, before anything is answered. Its asker may still come back for it."""
        for name, hold in self.holds.items():
            if hold.undo is not None and hold.until < turn.now:
                self.holds[name] = Hold(hold.asker, hold.reserve, hold.until, None)
                self._undo(hold.undo, hold.reserve, turn.now)
                yield self._keep_hold(turn, name)

    def _try(self, asked: Reserve, now: Instant) -> tuple[Undo | None, list[str]]:
        """Take a reservation if it does no harm: how to undo it, or None and the items of which there is not enough."""
        touched = _items(asked)
        before = {item: self._of(item).lowest(now) for item in touched}
        undo = self._apply(asked, now)
        worse = sorted(i for i in touched if self._of(i).lowest(now) < min(0, before[i], self._of(i).on_hand))
        if not worse:
            return undo, []
        self._undo(undo, asked, now)
        return None, worse

    def _apply(self, reserve: Reserve, now: Instant) -> Undo:
        undo = []
        for event in reserve.events:
            function = self._of(event.item)
            time, units = function.events.get(event.document, (event.time, 0))
            undo.append((event.item, event.document, time, units))
            function.set(event.document, event.time, event.units)
        self._move(reserve.moves, 1)
        self._expire_lots(reserve, now, reserve)
        return tuple(undo)

    def _undo(self, undo: Undo, reserve: Reserve, now: Instant) -> None:
        for item, document, time, units in reversed(undo):
            self._of(item).set(document, time, units)
        self._move(reserve.moves, -1)
        self._expire_lots(reserve, now, None)

    def _move(self, moves: Iterable[tuple[str, Units]], sign: int) -> None:
        for item, units in moves:
            function = self._of(item)
            function.set_on_hand(function.on_hand + sign * units)

    def _refusal(self, turn: Turn[Any], reason: str, asked: Reserve, items: Iterable[str] = ()) -> CannotReserve:
        named = items or sorted({event.item for event in asked.events} | {item for item, _ in asked.moves})
        left = tuple(
            ShortOf(
                item=item,
                on_hand=self._of(item).on_hand,
                staircase=tuple(self._of(item).staircase(turn.now)),
                others=tuple(self._of_others(item, turn.sender)),
            )
            for item in named
        )
        return CannotReserve(reason=reason, basis=self.basis, left=left)

    def _of_others(self, item: str, asker: str) -> list[tuple[Instant, Units]]:
        """(time, units) of the events of an item that somebody else asked for, or holds."""
        held = {
            (event.item, event.document): hold.asker
            for hold in self.holds.values()
            if hold.undo is not None
            for event in hold.reserve.events
        }

        def owner(document: str) -> str:
            return held.get((item, document)) or self.owners.get((item, document), PLANNER)

        events = self._of(item).events.items()
        return sorted(event for d, event in events if owner(d) != asker and not d.startswith(EXPIRED))

    # -- facts

    @handles(OpeningBalance)
    def open_with(self, turn: Turn[OpeningBalance]) -> Effects:
        for item, units in turn.content.stock:
            self._set_on_hand(item, units, turn.now)
            yield self._save_on_hand(turn, item)
            yield from self._save_expiries(turn, item)
        yield turn.inform(StockMoved(basis=self.basis))
        items = [item for item, _ in turn.content.stock]
        yield from self._changed(turn, items, "opening balance", reserved=turn.content.reserved)

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
        self._set_on_hand(item.code, units, turn.now)
        yield self._save_on_hand(turn, item.code)
        yield from self._save_expiries(turn, item.code)
        yield turn.inform(ReportTaken())
        yield from self._changed(turn, [item.code], f"stock count of {item.code}")

    @handles(MoveStock)
    def move(self, turn: Turn[MoveStock]) -> Effects:
        moved = turn.content
        for item, units in moved.moves:
            function = self._of(item)
            function.set_on_hand(max(function.on_hand + units, min(function.on_hand, 0, -self._coming(item))))
            self._shelve(item, units, turn.now)
        for event in moved.events:
            self._of(event.item).set(event.document, event.time, event.units)
            owner = self.owners.get((event.item, event.document), PLANNER)
            yield self._save_event(turn, event, owner)
        for item, _ in moved.moves:
            yield self._save_on_hand(turn, item)
        for item in dict.fromkeys([item for item, _ in moved.moves] + [event.item for event in moved.events]):
            self._expire_lots_of(item, turn.now)
            yield from self._save_expiries(turn, item)
        yield turn.inform(StockMoved(basis=self.basis + 1))
        items = [item for item, _ in moved.moves]
        yield from self._changed(turn, items, moved.document, moved)

    def _coming(self, item: str) -> Units:
        """What is still to come of an item.

        What leaves the shelf without having been booked in must have come of that: it is owed. Where nothing is to
        come, the shelf held more than was known.
        """
        events = self._of(item).events.items()
        return sum(units for document, (_, units) in events if (item, document) in self.coming)

    def _save_event(self, turn: Turn[Any], event: Event, owner: str) -> Any:
        key = {"item": event.item, "document": event.document}
        if event.units > 0 and event.status in _ISSUED:
            self.coming.add((event.item, event.document))
        else:
            self.coming.discard((event.item, event.document))
        if not event.units:
            self.owners.pop((event.item, event.document), None)
            return turn.remove(InventoryEventRow, key)
        if owner == PLANNER:
            self.owners.pop((event.item, event.document), None)
        else:
            self.owners[event.item, event.document] = owner
        row = {**key, "time": event.time, "quantity": event.units, "status": event.status, "owner": owner}
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

    def _changed(
        self,
        turn: Turn[Any],
        items: list[str],
        document: str,
        moved: MoveStock | None = None,
        reserved: tuple[tuple[str, str, Units], ...] = (),
    ) -> Effects:
        """A fact changed: reservations made on the old one are refused from now on, and those who watch are told."""
        self.basis += 1
        yield self._keep(turn, "basis", self.basis)
        news = StockChanged(
            basis=self.basis,
            on_hand=tuple((item, self._of(item).on_hand) for item in items),
            lots=tuple((item, self.lots.get(item, ())) for item in items if self._life(item)),
            document=document,
            supply=moved.supply if moved else (),
            was=moved.was if moved else (),
            shipped=moved.shipped if moved else (),
            reserved=reserved,
        )
        for watcher in self.watchers.values():
            yield turn.reply_to(watcher, Performative.INFORM, news)

    # -- what does not keep

    def _life(self, item: str) -> int:
        known = self.plant.items.get(item)
        return known.life if known else 0

    def _set_on_hand(self, item: str, units: Units, now: Instant) -> None:
        self._of(item).set_on_hand(units)
        if life := self._life(item):
            self.lots[item] = counted(self.lots.get(item, ()), units, now + life)
            self._expire_lots_of(item, now)

    def _shelve(self, item: str, units: Units, now: Instant) -> None:
        """A lot has come to the shelf, or something was used of those that are there."""
        if life := self._life(item):
            lots = self.lots.get(item, ())
            self.lots[item] = added(lots, Lot(now + life, units)) if units > 0 else drawn(lots, -units, now)

    def _expire_lots(self, reserve: Reserve, now: Instant, pending: Reserve | None) -> None:
        """Reckon anew what will expire of the items of a reservation that is being made (`pending`) or undone."""
        for item in _items(reserve):
            self._expire_lots_of(item, now, pending)

    def _expire_lots_of(self, item: str, now: Instant, pending: Reserve | None = None) -> None:
        life = self._life(item)
        if not life:
            return
        function = self._of(item)
        events = [event for document, event in function.events.items() if not document.startswith(EXPIRED)]
        held = [hold.reserve for hold in self.holds.values() if hold.undo is not None]
        held += [pending] if pending is not None else []
        events += [(now, units) for reserve in held for moved, units in reserve.moves if moved == item]
        found = {f"{EXPIRED}{time}": (time, -u) for time, u in expiries(self.lots.get(item, ()), events, life, now)}
        for document in [d for d in function.events if d.startswith(EXPIRED) and d not in found]:
            function.remove(document)
        for document, (time, units) in found.items():
            function.set(document, time, units)

    def _save_expiries(self, turn: Turn[Any], item: str) -> Effects:
        """Keep the lots of an item that does not keep, and what of them will expire."""
        if not self._life(item):
            return
        yield self._keep(turn, f"lots:{item}", self.lots.get(item, ()))
        old = self.wasted.get(item, {})
        new = {d: e for d, e in self._of(item).events.items() if d.startswith(EXPIRED)}
        for document in old.keys() - new.keys():
            yield turn.remove(InventoryEventRow, {"item": item, "document": document})
        for document, (time, units) in new.items():
            if old.get(document) != (time, units):
                event = Event(item=item, document=document, time=time, units=units, status="expired")
                yield self._save_event(turn, event, self.name)
        self.wasted[item] = new

    def _of(self, item: str) -> Availability:
        return self.items[item]

    def _save_on_hand(self, turn: Turn[Any], item: str) -> Any:
        return turn.save(OnHandRow, {"item": item, "quantity": self._of(item).on_hand})

    def _keep_hold(self, turn: Turn[Any], name: str) -> Any:
        hold = self.holds[name]
        rest = json.dumps({"asker": hold.asker, "until": hold.until, "lapsed": hold.undo is None})
        body = f'{rest[:-1]}, "reserve": {hold.reserve.model_dump_json()}}}'
        return turn.save(AgentStateRow, {"agent": self.name, "key": f"hold:{name}", "body": body})

    def _keep(self, turn: Turn[Any], key: str, body: object) -> Any:
        return turn.save(AgentStateRow, {"agent": self.name, "key": key, "body": json.dumps(body)})

    def _forget(self, turn: Turn[Any], key: str) -> Any:
        return turn.remove(AgentStateRow, {"agent": self.name, "key": key})


def _items(reserve: Reserve) -> list[str]:
    """Every item that a reservation touches."""
    return list(dict.fromkeys([event.item for event in reserve.events] + [item for item, _ in reserve.moves]))


def _part(reserve: Reserve, documents: Iterable[str]) -> Reserve:
    """Only the events of some documents."""
    wanted = set(documents)
    return reserve.model_copy(update={"events": tuple(e for e in reserve.events if e.document in wanted), "moves": ()})
