"""The feed: what each commit changed, told to whoever waits for an answer, to the metrics and to streams of events."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlmodel import SQLModel

from agents.runtime.ledger import DEAD
from agents.service.desk import Outcome, Ticket
from agents.service.metrics import Metrics
from knowledge.store.database import Store, Write
from knowledge.store.rows import GAVE_WAY
from knowledge.store.tables import (
    ActionMessageRow,
    AgentStateRow,
    ApprovalRow,
    InventoryEventRow,
    KnowledgeFile,
    MessageRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    QuarantineRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import readable
from protocols.envelope import Envelope
from protocols.orders import Acknowledged

KEPT = 4096
"""Events that a stream which was cut off can still catch up with."""

LINES = 20_000
"""Lines of which it is known how they stood last. Another one is told of though it may be as it was."""

_STANDING = ("item", "quantity", "requested", "promised", "status")

_TOPICS: Mapping[type[SQLModel], str] = {
    WorkOrderRow: "work_orders",
    OperationRow: "work_orders",
    PurchaseOrderRow: "purchases",
    ShippingOrderRow: "shipments",
    InventoryEventRow: "stock",
    OnHandRow: "stock",
    ActionMessageRow: "actions",
    KnowledgeFile: "knowledge",
}
"""What else of the plan a commit may change; too much of it to tell row by row."""

log = structlog.get_logger("feed")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed, in plain values; numbered from 1 since the service started."""

    number: int
    kind: str
    body: Mapping[str, Any]


class Feed:
    """Told of every commit once it is on the disk, by one thread; `tickets` are those of the desk, by conversation."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.tickets: Mapping[str, Ticket] = {}
        self.last = 0
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._lines: OrderedDict[tuple[str, str, int], tuple[Any, ...]] = OrderedDict()
        self._pending: set[str] = set()
        self._guard = threading.Lock()

    def load(self, store: Store) -> None:
        """Know how things stand, so that only what changes from now on is an event."""
        newest = store.highest(PromiseRow, "sequence") - LINES
        for row in store.after(PromiseRow, "sequence", newest, "order", "line", "part", *_STANDING):
            self._stand((row["order"], row["line"], row["part"]), _standing(row))
        self._pending = {row["approval"] for row in store.rows(ApprovalRow, "approval", status="pending")}
        self.metrics.approvals_waiting.set(len(self._pending))

    def committed(self, writes: Sequence[Write], seconds: float) -> None:
        """A commit is durable. A fault in here must not keep others from hearing."""
        self.metrics.commit_seconds.observe(seconds)
        self.metrics.rows.inc(len(writes))
        try:
            self._note(writes)
        except Exception:
            log.exception("the feed failed")

    def heard(self, envelope: Envelope[Any]) -> None:
        """The society says something to the door, and it is durable."""
        content = envelope.content
        if isinstance(content, Acknowledged):
            outcome = Outcome(content.outcome)
            self.metrics.documents.labels(outcome.value).inc()
            log.info(
                "document",
                outcome=outcome.value,
                reason=content.reason,
                document=content.name,
                conversation=envelope.conversation,
            )
            if (ticket := self.tickets.get(envelope.conversation)) is not None:
                ticket.acknowledge(outcome, content.reason)

    def since(self, number: int) -> Iterator[Event]:
        """Events after a number, as far as they are kept."""
        with self._guard:
            found = [event for event in self._events if event.number > number]
        yield from found

    def kept_since(self, number: int) -> bool:
        """Whether every event after a number is kept."""
        with self._guard:
            first = self._events[0].number if self._events else self.last + 1
            return first - 1 <= number <= self.last

    def _note(self, writes: Sequence[Write]) -> None:
        orders: dict[str, Ticket] = {}
        if any(write.table is PromiseRow for write in writes):
            orders = {ticket.order: ticket for ticket in list(self.tickets.values()) if ticket.unanswered is not None}
        topics = sorted({topic for write in writes if (topic := _TOPICS.get(write.table)) is not None})
        if topics:
            self._tell("plan", topics=topics)
        for write in writes:
            row = write.row
            if write.table is PromiseRow:
                self._promise(write, orders)
            elif write.table is ApprovalRow:
                self._approval(row)
            elif write.table is QuarantineRow:
                self._quarantine(write)
            elif write.table is AgentStateRow and row["key"] == GAVE_WAY:
                self.metrics.gave_way.inc()
            elif write.table is MessageRow and row["status"] == DEAD:
                self.metrics.dead_letters.inc()
                self._tell("dead_letter", message=row["message"], receiver=row["receiver"], subject=row["subject"])

    def _promise(self, write: Write, orders: Mapping[str, Ticket]) -> None:
        row = write.row
        key = (row["order"], row["line"], row["part"])
        if write.remove:
            self._lines.pop(key, None)
            if (ticket := orders.get(row["order"])) is not None:
                ticket.answers.pop(key[1:], None)
            return
        if (ticket := orders.get(row["order"])) is not None and ticket.answered(row):
            self.metrics.promise_seconds.observe(time.monotonic() - ticket.since)
        standing = _standing(row)
        if self._lines.get(key) == standing:
            return
        self._stand(key, standing)
        columns = ("line", "part", "item", "quantity", "requested", "promised", "status", "reason")
        self._tell("line", order=readable(row["order"]), **{name: row[name] for name in columns})
        log.info("line", order=readable(row["order"]), line=row["line"], status=row["status"], promised=row["promised"])

    def _stand(self, key: tuple[str, str, int], standing: tuple[Any, ...]) -> None:
        self._lines[key] = standing
        self._lines.move_to_end(key)
        while len(self._lines) > LINES:
            self._lines.popitem(last=False)

    def _approval(self, row: Mapping[str, Any]) -> None:
        if row["status"] == "pending":
            self._pending.add(row["approval"])
        else:
            self._pending.discard(row["approval"])
        self.metrics.approvals_waiting.set(len(self._pending))
        self._tell("approval", **{name: row[name] for name in ("approval", "decision", "subject", "status", "by")})

    def _quarantine(self, write: Write) -> None:
        """A report may be taken by intake, and then refused by whom it concerns: its document is named in the row."""
        row = write.row
        if write.remove:
            self._tell("quarantine", sequence=row["sequence"], dealt_with=True)
            return
        for ticket in list(self.tickets.values()):
            if ticket.read.name == row["document"] and ticket.outcome is Outcome.ACCEPTED:
                ticket.outcome, ticket.reason = Outcome.QUARANTINED, row["reason"]
        self._tell("quarantine", sequence=row["sequence"], document=row["document"], reason=row["reason"])

    def _tell(self, kind: str, **body: Any) -> None:
        with self._guard:
            self.last += 1
            self._events.append(Event(self.last, kind, body))


def _standing(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple([row[name] for name in _STANDING])
