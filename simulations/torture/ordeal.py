"""One case put to the society: every step with its faults, and every law after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from agents.runtime.dispatch import Outside
from agents.runtime.ledger import Ledger
from agents.runtime.simulated import SimulatedHost
from agents.society import stored_files
from agents.sources.reading import Read
from knowledge.documents import DOCUMENT
from knowledge.errors import KnowledgeError
from knowledge.instants import Instant, from_datetime
from knowledge.store.export import Rows, export
from knowledge.store.tables import MessageRow
from protocols.orders import Acknowledged
from protocols.publishing import Subscription, Topic
from simulations.processing import Outcome, Processing
from simulations.torture.case import Case, Kind, Step
from simulations.torture.documents import START
from simulations.torture.faults import OUTSIDE, Faults, Killed, MortalStore, World
from simulations.torture.moments import Kept, Moment, instant, minutes_of, moment
from simulations.torture.watching import Watch, rebuilt

REBUILT_EVERY = 8
"""After so many steps it is looked whether agents made anew would be as those that run."""

AFTERWARDS_S = 60
"""How long systems outside have in the end to take what they have not taken yet."""

_SUBSCRIPTIONS = (Subscription("shop", frozenset(Topic)),)

Next = Callable[[Moment], Step | None]


_LEFT: list[MortalStore] = []
"""Databases that nobody needs any more: to empty one is less work than to make one."""


def _store(faults: Faults) -> MortalStore:
    if not _LEFT:
        return MortalStore(faults)
    store = _LEFT.pop()
    store.begin_anew(faults)
    return store


@lru_cache(maxsize=1024)
def _outcome(body: str) -> str:
    return Acknowledged.model_validate_json(body).outcome


class BrokenError(Exception):
    """A law does not hold, after so many steps."""

    def __init__(self, step: int, what: list[str]) -> None:
        super().__init__(f"step {step}: {what[0]}")
        self.step = step
        self.what = what


@dataclass
class Ordeal:
    """A society on a plant, going through what `following` says happens next. `steps` are those that were taken."""

    files: dict[str, str]
    following: Next
    disturbed: bool = True
    steps: list[Step] = field(default_factory=list)
    orders: int = 0

    def __post_init__(self) -> None:
        self.faults = Faults()
        self.world = World(self.faults)
        self.store = _store(self.faults)
        self.kept = Kept(self.store)
        self.sent: dict[str, int] = {}
        self.names: dict[str, dict[str, Any]] = {}
        self._begin(from_datetime(START))

    def close(self) -> None:
        """Leave the database to the next one."""
        _LEFT.append(self.store)

    @property
    def case(self) -> Case:
        """What was done, as data."""
        return Case(self.files, tuple(self.steps))

    def run(self) -> dict[str, Rows]:
        """Go through all of it; the tables in the end. Raises BrokenError where a law does not hold.

        Where nothing goes wrong the laws of each step are not looked at: the same happens as where something does.
        """
        watch = Watch(self._moment(), self.kept)
        while (step := self.following(watch.now)) is not None:
            self.steps.append(step)
            self._take(step)
            if self.disturbed:
                self._demand(watch.after(self.host, self._moment(), step))
            if len(self.steps) % REBUILT_EVERY == 0:
                self._demand(rebuilt(self.host))
        self.faults.disarm()
        self._until(self.host.now + AFTERWARDS_S)
        if self.disturbed:
            self._demand(watch.after(self.host, self._moment(), Step(0)))
        self._demand(rebuilt(self.host))
        self._demand(list(self._outside()))
        return export(self.store, self.processing.plant_now(), self.processing.now)

    # -- a society that may end at any moment

    def _begin(self, now: int) -> None:
        """Make a society on the database, as often as that is disturbed."""
        files = stored_files(self.store) or self.files
        while True:
            self.faults.begin_anew()
            try:
                self.processing = Processing(self.store, files, now, make_host=self._host)
            except Killed:
                continue
            return

    def _host(self, makers: Any, ledger: Ledger, now: Instant, outside: Outside) -> SimulatedHost:
        self.host = SimulatedHost(
            makers,
            ledger,
            now,
            outside,
            dict.fromkeys(OUTSIDE, self.world),
            subscriptions=_SUBSCRIPTIONS,
            disturbance=self.faults if self.disturbed else None,
        )
        return self.host

    def _go(self, action: Callable[[], object]) -> None:
        """Do something, and again with a new process where it ends meanwhile."""
        while True:
            try:
                action()
            except Killed:
                self._begin(max(self.processing.now, self.host.now))
            else:
                return

    def _until(self, time: int) -> None:
        """Let time pass, at least until nothing is held back."""

        def pass_time() -> None:
            processing = self.processing
            processing.now = max(processing.now, self.host.now, time, self.faults.latest)
            processing.host.run_until(processing.now)

        self._go(pass_time)
        while self.faults.latest > self.host.now:
            self._go(pass_time)

    def _take(self, step: Step) -> None:
        """Let a step happen. Whoever sent documents sends those again of which nothing is known after a crash."""
        if self.disturbed:
            self.faults.arm(step.faults)
        self._until(instant(step.minutes))
        for fault in self.faults.due(Kind.CLOCK):
            self.host.now += fault.amount
            self.processing.now = self.host.now
        if step.files is not None:
            self._load(dict(step.files))
        reads = [self._read(document) for document in step.documents]
        self._go(lambda: self._send(reads))
        self._until(self.processing.now)

    def _load(self, files: dict[str, str]) -> None:
        with suppress(KnowledgeError):  # what stands against it is the plant as it is: then nothing has changed
            self._go(lambda: self.processing.load(files))

    def _read(self, document: dict[str, Any]) -> Read:
        name = f"{len(self.names) + 1} {document['type']}"
        self.names[name] = document
        self.orders += document["type"] == "customer_order"
        return Read(name, DOCUMENT.validate_python(document), "", "")

    def _send(self, reads: list[Read]) -> None:
        answered = self._outcomes() if reads else {}
        for _ in self.processing.run([read for read in reads if read.name not in answered]):
            pass

    def _outcomes(self) -> dict[str, list[str]]:
        """What was said of each document, as far as it is on the disk."""
        found: dict[str, list[str]] = {}
        for row in self._tables().rows(MessageRow, "subject", "body", receiver="door", kind=Acknowledged.__name__):
            found.setdefault(row["subject"], []).append(_outcome(row["body"]))
        return found

    def _tables(self) -> Kept:
        """What is on the disk, read again where something was written since."""
        self.kept.written(self.store.written)
        self.store.written.clear()
        return self.kept

    # -- what is to hold

    def _moment(self) -> Moment:
        outcomes, outcome = self._outcomes(), Outcome()
        for said in outcomes.values():
            kind = next((one for one in said if one != "duplicate"), "duplicate")
            setattr(outcome, kind, getattr(outcome, kind) + 1)
        self.processing.outcome = outcome
        return moment(self.processing, minutes_of(self.processing.now), self._tables())

    def _demand(self, problems: list[str]) -> None:
        if problems:
            raise BrokenError(len(self.steps), problems)

    def _outside(self) -> Iterator[str]:
        """Documents without exactly one outcome; messages to systems outside that did not come, or by several keys."""
        outcomes = self._outcomes()
        for name in self.names:
            said = outcomes.get(name, [])
            if not said or sum(one != "duplicate" for one in said) > 1:
                yield f"outcome: {name}: {said or 'none'}"
        keys: dict[str, str] = {}
        for receiver in OUTSIDE:
            for row in self._tables().rows(MessageRow, "message", "kind", "status", receiver=receiver):
                told = set(self.world.told.get(row["message"], ()))
                if row["status"] != "handled" or len(told) != 1:
                    yield f"outside: {row['kind']} {row['message']} is {row['status']}, told by {len(told)} keys"
                for key in told:
                    if keys.setdefault(key, row["message"]) != row["message"]:
                        yield f"outside: one key for {keys[key]} and {row['message']}"
        for message in self.world.told.keys() - set(keys.values()):
            yield f"outside: {message} was told, and is not in the records"
