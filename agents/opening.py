"""How a society begins on a database: it learns the knowledge folder, and its agents go on from their records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from agents.loading import Load, prepared
from agents.planner.improving.hosting import Improver
from agents.purchasing.supplier import Offering
from agents.runtime.agent import Send
from agents.runtime.dispatch import Maker, Renewal
from agents.runtime.ledger import Ledger
from agents.runtime.memory import uncollected
from agents.society import DOOR, makers, opening, replanning
from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from protocols.envelope import Envelope
from protocols.notices import Listeners


class Driver(Protocol):
    """What drives agents."""

    def post(self, sends: Sequence[Send], sender: str) -> None:
        """Say something to the society, now."""

    def run_until(self, time: Instant) -> None:
        """Move the clock to a time and handle everything due on the way."""

    def stop(self) -> None:
        """Leave nothing running."""


class Host(Driver, Protocol):
    """What drives agents, and can make them anew.

    Where what is said, and done until a time, need not be `durable` at once it becomes so with what is done later.
    """

    def post(self, sends: Sequence[Send], sender: str, *, durable: bool = True) -> None:
        """Say something to the society, now."""

    def run_until(self, time: Instant, *, durable: bool = True) -> None:
        """Move the clock to a time and handle everything due on the way."""

    def renew(self, prepare: Callable[[], Renewal | None]) -> None:
        """Keep what `prepare` gives, if anything, while the society is at rest; every agent is made anew for it."""


H = TypeVar("H", bound=Host)
HostMaker = Callable[[Mapping[str, Maker], Ledger, Instant, Callable[[Envelope[Any]], None]], H]


@dataclass(frozen=True, slots=True)
class Begun(Generic[H]):
    """A society that runs, at rest at `now`."""

    host: H
    ledger: Ledger
    plant: Plant
    now: Instant
    makers_for: Callable[[Plant], Mapping[str, Maker]]

    @property
    def agents(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(self.makers_for(self.plant))

    def load(self, files: Mapping[str, str]) -> Load:
        """Bring another version of the knowledge folder into the society; what it changed.

        Messages about it are due now. Raises KnowledgeError, with everything that stands against it, and nothing is
        kept.
        """
        found: list[Load] = []

        def prepare() -> Renewal | None:
            load = prepared(self.ledger.store, files)
            found.append(load)
            if not load.writes:
                return None
            sends = replanning(f"{DOOR}.{self.ledger.sequence}.0", load.cause, load.touched)
            return Renewal(load.writes, self.makers_for(load.plant), tuple(sends), DOOR)

        self.host.renew(prepare)
        return found[0]


def begin(
    store: Store,
    files: Mapping[str, str],
    now: Instant,
    make_host: HostMaker[H],
    heard: Callable[[Envelope[Any]], None],
    *,
    approve_all: bool = False,
    seed: int = 0,
    improver: Callable[[], Improver] | None = None,
    listeners: Listeners = (),
    offering: Offering | None = None,
) -> Begun[H]:
    """Begin, or go on from where the database stands; what was due in between happens at its own time.

    `heard` gets what the society says to the door, `improver`, `listeners` and `offering` are as in `makers`. The clock
    is at `now`, or later where the society has been later. Raises KnowledgeError before anything is kept.
    """
    load = prepared(store, files)
    before = store.clock() or now
    now = max(now, before)
    ledger = Ledger(store)
    makers_for = partial(
        makers,
        store=store,
        now=before,
        approve_all=approve_all,
        seed=seed,
        improver=improver,
        listeners=listeners,
        offering=offering,
    )
    with uncollected():
        keep(ledger, load, now)
        host = make_host(makers_for(load.plant), ledger, before, heard)
    for send in opening(load.plant):  # or what of it a crash has left unsaid, once what it has left undone is done
        if not store.rows(MessageRow, "message", conversation=send.conversation):
            host.run_until(before)
            host.post([send], DOOR)
            host.run_until(before)
    host.run_until(now)
    return Begun(host, ledger, load.plant, now, makers_for)


def keep(ledger: Ledger, load: Load, now: Instant) -> None:
    """Keep a version of the knowledge folder, and in the same commit the order to plan with it where it is new."""
    ledger.keep(load.writes)
    if load.writes and ledger.sequence:
        ledger.post(replanning(f"door.{ledger.sequence}.0", load.cause, load.touched), DOOR, now)
    ledger.commit()
