"""What an observer sees in the records, where nobody in the world may look: promises, planned starts, messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import SQLModel

from knowledge.instants import Instant
from knowledge.store.database import Store, Write
from knowledge.store.tables import MessageRow, PromiseRow, WorkOrderRow
from protocols.envelope import ProtocolName
from simulations.world.hearing import NAME
from simulations.world.orders import OrderBook

_TOLD = ("promised", "at_risk")


class WatchedStore(Store):
    """A store in memory that notes which rows were written since somebody looked.

    Messages are counted and not kept: nobody goes on from here after a crash, and they are most of what is written.
    """

    def __init__(self) -> None:
        super().__init__("sqlite://")
        self.messages = 0
        """Messages of agents to agents, and of the world to them; without timers and what is told to the world."""
        self.promises: dict[tuple[str, str, int], Mapping[str, Any] | None] = {}
        self.work_orders: dict[str, Mapping[str, Any] | None] = {}
        self._sequence = 0

    def write(self, writes: Sequence[Write]) -> None:
        """Store rows, and note those that are watched."""
        kept = [write for write in writes if write.table is not MessageRow]
        if kept:
            super().write(kept)
        for write in writes:
            table: type[SQLModel] = write.table
            row = write.row
            if table is MessageRow:
                self._message(row)
            elif table is PromiseRow:
                self.promises[row["order"], row["line"], row["part"]] = None if write.remove else row
            elif table is WorkOrderRow:
                self.work_orders[row["work_order"]] = None if write.remove else row

    def _message(self, row: Mapping[str, Any]) -> None:
        if row["sequence"] > self._sequence:
            self._sequence = row["sequence"]
            if row["receiver"] != NAME and row["protocol"] != ProtocolName.TIMER.value:
                self.messages += 1


class Promises:
    """Notes in the order book what customers are told, each time the society is at rest."""

    def __init__(self, store: WatchedStore, book: OrderBook) -> None:
        self.store, self.book = store, book
        self.parts: dict[str, dict[tuple[str, int], Mapping[str, Any]]] = {}
        self.questions: set[tuple[str, str]] = set()
        """Order lines about which a person was asked something."""

    def look(self) -> int:
        """What changed since; how many promises moved that no customer had asked to move."""
        touched, self.store.promises = self.store.promises, {}
        orders: dict[str, None] = {}
        for (order, line, part), row in touched.items():
            parts = self.parts.setdefault(order, {})
            if row is None:
                parts.pop((line, part), None)
            else:
                parts[line, part] = row
                if row["status"] == "question":
                    self.questions.add((order, line))
            orders[order] = None
        return sum(map(self._told, orders))

    def _told(self, document: str) -> bool:
        """An order is promised for when the last part of it is; whether that moved."""
        order = self.book.orders.get(document)
        if order is None or order.cancelled is not None:
            return False
        rows = [row for row in self.parts[document].values() if row["status"] != "cancelled"]
        if not rows or any(row["status"] not in _TOLD or row["promised"] is None for row in rows):
            return False
        last: Instant = max(row["promised"] for row in rows)
        if order.promised is None or order.changed:
            order.promised_first, order.changed = last, False
        moved = order.promised is not None and order.promised_first != last and order.promised != last
        order.moved += moved
        order.promised = last
        return moved


class Starts:
    """Counts how often the planned start of a work order moves."""

    def __init__(self, store: WatchedStore) -> None:
        self.store = store
        self.planned: dict[str, Instant] = {}
        self.made = 0
        """Work orders that were planned at all."""

    def look(self) -> int:
        """How many planned starts moved since."""
        touched, self.store.work_orders = self.store.work_orders, {}
        moved = 0
        for number, row in touched.items():
            if row is None or row["status"] != "planned":
                self.planned.pop(number, None)
                continue
            known = self.planned.get(number)
            self.made += known is None
            moved += known is not None and known != row["start"]
            self.planned[number] = row["start"]
        return moved
