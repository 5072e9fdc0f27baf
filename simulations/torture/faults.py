"""Faults at counted points: in a host, at the commits of a database, and in the systems outside."""

from __future__ import annotations

import sqlite3
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from random import Random
from typing import Any

from sqlalchemy import Select
from sqlmodel import SQLModel

from agents.runtime.agent import Effects
from agents.runtime.dispatch import query, timer
from knowledge.instants import Instant
from knowledge.store.database import Store, Values, Write
from protocols.envelope import Envelope
from simulations.torture.case import Fault, Kind
from simulations.torture.questions import Questions

OUTSIDE = ("door", "shop")
"""The systems outside: who sends documents, and one that is told of everything."""


class Killed(BaseException):
    """The process ends, here and now."""


class StumbledError(Exception):
    """An agent crashes."""


class Faults:
    """What is armed waits for its occasion. `fired` counts what went wrong, `latest` is when the last message that was
    held back arrives, `held` until when timers are, by their ids."""

    def __init__(self) -> None:
        self.fired: Counter[Kind] = Counter()
        self.latest: Instant = 0
        self.held: dict[str, Instant] = {}
        self._armed: list[tuple[int, Fault]] = []
        self._until: dict[tuple[str, str], Instant] = {}

    def arm(self, faults: Iterable[Fault]) -> None:
        """Let these happen, each at its occasion from now on."""
        self._armed += [(fault.count, fault) for fault in faults]

    def disarm(self) -> None:
        """Nothing more goes wrong."""
        self._armed = []

    def begin_anew(self) -> None:
        """What was on its way is lost with the process."""
        self.latest = 0
        self.held = {}
        self._until = {}

    def due(self, *kinds: Kind) -> Iterator[Fault]:
        """An occasion for some kinds of faults: those whose turn it is."""
        if not any(fault.kind in kinds for _, fault in self._armed):
            return
        counted = [(left - (fault.kind in kinds), fault) for left, fault in self._armed]
        self._armed = [(left, fault) for left, fault in counted if left > 0]
        for left, fault in counted:
            if left <= 0:
                self.fired[fault.kind] += 1
                yield fault

    # -- what a host asks

    def arrivals(self, envelope: Envelope[Any], due: Instant) -> Sequence[Instant]:
        """See `Disturbance`."""
        if timer(envelope):
            for fault in self.due(Kind.TIMER) if due > envelope.sent else ():
                due += fault.amount
                self.held[envelope.id] = due
            return (due,)
        if envelope.receiver in OUTSIDE or query(envelope):
            return (due,)
        pair = envelope.sender, envelope.receiver
        due = max(due, self._until.get(pair, due))
        for fault in self.due(Kind.LATE):
            due += fault.amount
            self._until[pair] = self.latest = max(self.latest, due)
        return due, *(due + fault.amount for fault in self.due(Kind.TWICE))

    def sorted(self, wave: list[Envelope[Any]]) -> list[Envelope[Any]]:
        """See `Disturbance`."""
        queues: dict[tuple[str, str], deque[Envelope[Any]]] = {}
        for envelope in wave:
            queues.setdefault((envelope.sender, envelope.receiver), deque()).append(envelope)
        if len(queues) < 2:
            return wave
        for fault in self.due(Kind.SHUFFLED):
            dice = Random(fault.amount)
            pairs = [pair for pair, queue in queues.items() for _ in queue]
            dice.shuffle(pairs)
            return [queues[pair].popleft() for pair in pairs]
        return wave

    def interrupted(self, effects: Effects) -> Effects:
        """See `Disturbance`."""
        for effect in effects:
            yield effect
            for fault in self.due(Kind.AGENT, Kind.PROCESS):
                if fault.kind is Kind.PROCESS:
                    raise Killed
                raise StumbledError


class MortalStore(Store):
    """A database in memory, whose process may end at a commit; what was committed is there for the next one.

    It is read from the driver, with SQLAlchemy's statements: there is no connection that could be lost.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.written: set[type[SQLModel]] = set()
        """The tables that were written into, until somebody takes note of it."""
        super().__init__()
        with closing(self.engine.raw_connection()) as pooled:  # there is one connection, in which the database lives
            driver = pooled.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        self._driver = driver
        self._empty = sqlite3.connect(":memory:")
        self._driver.backup(self._empty)
        self._questions = Questions(self.engine)

    def begin_anew(self, faults: Faults) -> None:
        """Be as new, but for what is known of statements by now."""
        self.faults = faults
        self.written.clear()
        self._empty.backup(self._driver)

    def _rows(self, statement: Select[Any], given: Mapping[str, object] | None = None) -> list[Values]:
        if given is None:  # it is made for this time only
            return super()._rows(statement)
        asked = self._questions.of(statement, given)
        return super()._rows(statement, given) if asked is None else asked.answer(self._driver, given)

    def write(self, writes: Sequence[Write]) -> None:
        """See `Store`."""
        if writes and any(self.faults.due(Kind.BEFORE_COMMIT)):
            raise Killed
        self.written.update(write.table for write in writes)
        super().write(writes)
        if writes and any(self.faults.due(Kind.AFTER_COMMIT)):
            raise Killed


class World:
    """The systems outside: `told` are the keys under which each message was taken, by its id."""

    def __init__(self, faults: Faults) -> None:
        self.told: dict[str, list[str]] = {}
        self._faults = faults
        self._down = 0
        self._mute = 0

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        """See `Sink`."""
        for fault in self._faults.due(Kind.SINK):
            self._down = fault.amount
        if self._down:
            self._down -= 1
            raise ConnectionError("nobody answers")
        self.told.setdefault(envelope.id, []).append(key)
        for fault in self._faults.due(Kind.UNACKNOWLEDGED):
            self._mute = fault.amount
        if self._mute:
            self._mute -= 1
            raise TimeoutError("no answer in time")
        for _ in self._faults.due(Kind.TOLD):
            raise Killed
