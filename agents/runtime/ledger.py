"""The ledger: store and forward. What a handler did, and that it was done, is durable before anybody hears of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from agents.runtime.agent import Effect, Send
from agents.runtime.recorded import Recorded
from knowledge.instants import Instant
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, MessageRow
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.messages import CONTENTS

NOTED_EVERY: Final = 20_000
"""After so many messages it is noted anew which conversations are going on."""

REPLAYED: Final = 20_000
"""So many messages before that note are looked at, too: some conversations that are over are still known as such."""

_NOTE: Final = {"agent": "ledger", "key": "conversations"}
_SAID: Final = ("conversation", "protocol", "performative", "sender", "receiver", "sent", "reply_by")

WAITING, HANDLED, DEAD, RESENT = "waiting", "handled", "dead", "resent"


class Ledger:
    """Numbers messages, buffers effects, and commits them together.

    The host calls `record` after a handler, `commit` when it wants what was recorded to become durable, and only
    then delivers the envelopes that `commit` returns. One thread does all of it.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.records = Recorded(store)
        self.sequence = store.highest(MessageRow, "sequence")
        self.buried = 0
        self._writes: list[Write] = []
        self._outgoing: list[tuple[Envelope[Any], Instant]] = []
        self._rows: dict[str, dict[str, Any]] = {}
        found = store.rows(AgentStateRow, "body", **_NOTE)
        self._noted, self._going_on = json.loads(found[0]["body"]) if found else (0, [])

    def keep(self, writes: Iterable[Write]) -> None:
        """Record rows that come from outside any handler."""
        self._writes.extend(writes)

    def post(self, sends: Iterable[Send], sender: str, now: Instant, causation: str = "") -> None:
        """Record messages that come from outside any handler."""
        for send in sends:
            self._send(send, sender, now, causation)

    def record(self, envelope: Envelope[Any], effects: Iterable[Effect], now: Instant) -> None:
        """Record what handling a message did, and that it is handled."""
        self.follow(envelope, effects, now)
        self._mark(envelope, HANDLED)

    def follow(self, envelope: Envelope[Any], effects: Iterable[Effect], now: Instant) -> None:
        """Record what an agent does because of a message."""
        for effect in effects:
            if isinstance(effect, Write):
                self._writes.append(effect)
            else:
                self._send(effect, envelope.receiver, now, envelope.id)

    def bury(self, envelope: Envelope[Any], attempts: int, error: str) -> None:
        """Record that a message was given up, with the traceback."""
        self.buried += 1
        self._mark(envelope, DEAD, attempts=attempts, error=error)

    def ignore(self, envelope: Envelope[Any], reason: str) -> None:
        """Record that a message was not delivered because it came out of sequence."""
        self._mark(envelope, HANDLED, error=reason)

    def acknowledge(self, envelope: Envelope[Any]) -> None:
        """Record that a sink has a message."""
        row = self._rows.get(envelope.id)
        self._mark(envelope, HANDLED, attempts=1 if row is None else row["attempts"] + 1)

    def postpone(self, envelope: Envelope[Any], due: Instant, error: str) -> None:
        """Record that a sink did not take a message, why, and when it is to be tried again."""
        row = self._rows[envelope.id]
        changed = {**row, "attempts": row["attempts"] + 1, "due": due, "error": error}
        self._rows[envelope.id] = changed
        self._writes.append(Write(MessageRow, changed))

    def attempts(self, envelope: Envelope[Any]) -> int:
        """How often a waiting message was tried in vain."""
        return int(self._rows[envelope.id]["attempts"])

    def reopen(self, row: dict[str, Any], content: Content) -> str:
        """Let a dead letter wait again under its own id, with what it is to say now."""
        again = {**row, "status": WAITING, "attempts": 0, "error": "", "body": content.model_dump_json()}
        envelope = envelope_of(again)
        self._rows[envelope.id] = again
        self._writes.append(Write(MessageRow, again))
        self._outgoing.append((envelope, again["due"]))
        return envelope.id

    def replace(self, row: dict[str, Any], send: Send, now: Instant) -> str:
        """Say a dead letter anew, and note under which id; the id."""
        self._send(send, row["sender"], now, row["message"])
        new = f"m{self.sequence:08d}"
        error = f"{row['error']}\nsent again as {new}".strip()
        self._writes.append(Write(MessageRow, {**row, "status": RESENT, "error": error}))
        return new

    def flush(self) -> None:
        """Make everything recorded durable, without delivering anything yet."""
        writes, self._writes = self._writes, []
        self.store.write(writes)
        self.records.durable(writes)

    def recorded(self) -> list[tuple[Envelope[Any], Instant]]:
        """What was said since, each with its time, before it is durable: for those who stop with this ledger."""
        outgoing, self._outgoing = self._outgoing, []
        return outgoing

    @property
    def behind(self) -> int:
        """How many changes of rows are recorded and not durable yet."""
        return len(self._writes)

    def commit(self) -> list[tuple[Envelope[Any], Instant]]:
        """Make everything recorded durable; the envelopes that may now be delivered, each with its time."""
        self.flush()
        return self.recorded()

    def open(self, envelope: Envelope[Any]) -> bool:
        """Whether a message still waits to be handled; one that does not has been delivered a second time."""
        return envelope.id in self._rows

    def waiting(self) -> list[tuple[Envelope[Any], Instant]]:
        """Messages that were durable and not handled when the society last stopped, in their order."""
        found = []
        for row in self.store.rows(MessageRow, status=WAITING):
            envelope = envelope_of(row)
            self._rows[envelope.id] = row
            found.append((envelope, row["due"]))
        return found

    def note(self, going_on: Iterable[str]) -> None:
        """Record from time to time which conversations are going on, so that a start need not look at all there were.

        One of which a message still waits counts, too, whether it has begun or not.
        """
        if self.sequence - self._noted < NOTED_EVERY:
            return
        waiting = (row["conversation"] for row in self._rows.values() if row["protocol"] != ProtocolName.TIMER.value)
        self._noted, self._going_on = self.sequence, sorted({*going_on, *waiting})
        body = json.dumps([self._noted, self._going_on])
        self._writes.append(Write(AgentStateRow, {**_NOTE, "body": body}))

    def delivered(self) -> Iterator[Envelope[Any]]:
        """The messages that were delivered, in order and without their content, to replay conversations from.

        All of those conversations that are not known to be over, and of some that are. Timers change none.
        """
        columns, begin = ("sequence", "status", *_SAID), max(0, self._noted - REPLAYED)
        rows = self.store.after(MessageRow, "sequence", begin, *columns)
        if begin:
            names = {row["conversation"] for row in rows if row["protocol"] != ProtocolName.TIMER.value}
            earlier = self.store.among(MessageRow, "conversation", sorted(names.union(self._going_on)), *columns)
            rows = [*sorted((r for r in earlier if r["sequence"] <= begin), key=lambda r: r["sequence"]), *rows]
        for row in rows:
            if row.pop("status") != WAITING and row["protocol"] != ProtocolName.TIMER.value:
                del row["sequence"]
                protocol, performative = ProtocolName(row.pop("protocol")), Performative(row.pop("performative"))
                yield Envelope.model_construct(protocol=protocol, performative=performative, **row)

    def _send(self, send: Send, sender: str, now: Instant, causation: str) -> None:
        self.sequence += 1
        envelope = send.envelope(f"m{self.sequence:08d}", sender, now, causation)
        due = now if send.at is None else send.at
        row = {
            "sequence": self.sequence,
            "message": envelope.id,
            "conversation": send.conversation,
            "causation": causation,
            "protocol": send.protocol.value,
            "performative": send.performative.value,
            "sender": sender,
            "receiver": send.receiver,
            "kind": type(send.content).__name__,
            "subject": send.subject,
            "sent": now,
            "due": due,
            "reply_by": send.reply_by,
            "body": send.content.model_dump_json(),
            "status": WAITING,
            "attempts": 0,
            "error": "",
        }
        self._rows[envelope.id] = row
        self._writes.append(Write(MessageRow, row))
        self._outgoing.append((envelope, due))

    def _mark(self, envelope: Envelope[Any], status: str, attempts: int = 1, error: str = "") -> None:
        row = self._rows.pop(envelope.id, None)
        if row is not None:
            changed = {**row, "status": status, "attempts": attempts, "error": error}
            self._writes.append(Write(MessageRow, changed))


def envelope_of(row: dict[str, Any]) -> Envelope[Any]:
    """The envelope that a stored message was."""
    content: Content = CONTENTS[row["kind"]].model_validate_json(row["body"])
    return Envelope.model_construct(
        id=row["message"],
        conversation=row["conversation"],
        causation=row["causation"],
        protocol=ProtocolName(row["protocol"]),
        version=1,
        performative=Performative(row["performative"]),
        sender=row["sender"],
        receiver=row["receiver"],
        sent=row["sent"],
        reply_by=row["reply_by"],
        subject=row["subject"],
        content=content,
    )
