"""How a society begins on a database: it learns the knowledge folder, and its agents go on from their records."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from agents.planner.improving.hosting import Improver
from agents.runtime.agent import Send
from agents.runtime.dispatch import Maker
from agents.runtime.ledger import Ledger
from agents.society import DOOR, knowledge_writes, makers, opening, replanning, stored_plant
from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.reading import read_plant
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from protocols.envelope import Envelope
from protocols.notices import Listeners


class Host(Protocol):
    """What drives agents."""

    def post(self, sends: Sequence[Send], sender: str) -> None:
        """Say something to the society, now."""

    def run_until(self, time: Instant) -> None:
        """Move the clock to a time and handle everything due on the way."""

    def stop(self) -> None:
        """Leave nothing running."""


H = TypeVar("H", bound=Host)
HostMaker = Callable[[Mapping[str, Maker], Ledger, Instant, Callable[[Envelope[Any]], None]], H]


@dataclass(frozen=True, slots=True)
class Begun(Generic[H]):
    """A society that runs, at rest at `now`."""

    host: H
    ledger: Ledger
    plant: Plant
    now: Instant
    agents: tuple[str, ...]


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
) -> Begun[H]:
    """Begin, or go on from where the database stands; what was due in between happens at its own time.

    `heard` gets what the society says to the door, `improver` and `listeners` are as in `makers`. The clock
    is at `now`, or later where the society has been later. Raises KnowledgeError before anything is kept.
    """
    read_plant(dict(files))
    before = store.highest(MessageRow, "sent") or now
    now = max(now, before)
    ledger = Ledger(store)
    _learn(store, ledger, files, now)
    plant = stored_plant(store)
    agents = makers(plant, store, before, approve_all=approve_all, seed=seed, improver=improver, listeners=listeners)
    host = make_host(agents, ledger, before, heard)
    for send in opening(plant):  # or what of it a crash has left unsaid
        if not store.rows(MessageRow, "message", conversation=send.conversation):
            host.post([send], DOOR)
            host.run_until(now)
    host.run_until(now)
    return Begun(host, ledger, plant, now, tuple(agents))


def _learn(store: Store, ledger: Ledger, files: Mapping[str, str], now: Instant) -> None:
    """Keep the knowledge folder, and in the same transaction the order to plan with it where it has changed."""
    changes = knowledge_writes(store, dict(files))
    ledger.keep(changes)
    if changes and ledger.sequence:
        ledger.post([replanning(f"door.{ledger.sequence}.0")], DOOR, now)
    ledger.commit()
