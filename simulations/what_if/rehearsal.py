"""A rehearsal: the very society of a database, on copies in memory, once with documents and once without."""

from __future__ import annotations

from collections.abc import Sequence

from agents.society import stored_files
from agents.sources.reading import Read
from knowledge.instants import Instant
from knowledge.store.books import explained_books_of
from knowledge.store.copying import private_copy
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from simulations.processing import Processing, earliest
from simulations.report.reading import read_tables
from simulations.what_if.compare import compare
from simulations.what_if.values import Difference, State


class Rehearsal:
    """Copies the rows of a database once, and never touches it again: nothing that happens from then on changes it.

    `trial` takes the documents; the society without them is then moved to the same time, so that what time alone brings
    (an order that is issued, an answer that is overdue) is no difference. The clock starts where the database stands,
    or later at `now`; where the society has never run, at the earliest document.
    """

    def __init__(
        self,
        store: Store,
        reads: Sequence[Read],
        now: Instant | None = None,
        *,
        approve_all: bool = False,
        seed: int = 0,
    ) -> None:
        self._without = private_copy(store)
        self._approve_all, self._seed = approve_all, seed
        start = self._without.clock() or earliest(reads) if now is None else now
        self.trial = self._society(private_copy(self._without), start)

    def _society(self, store: Store, now: Instant) -> Processing:
        return Processing(store, stored_files(store), now, approve_all=self._approve_all, seed=self._seed)

    def tables(self) -> dict[str, Rows]:
        """The tables as they would be."""
        return _tables(self.trial)

    def difference(self) -> Difference:
        """What the documents that `trial` has taken would change."""
        without = self._society(self._without, self.trial.now)
        return compare(state_of(without), state_of(self.trial))


def _tables(processing: Processing) -> dict[str, Rows]:
    return export(processing.store, processing.plant_now(), processing.now)


def state_of(processing: Processing) -> State:
    """How a society stands, to be compared."""
    books = explained_books_of(processing.store, processing.plant_now(), processing.now)
    return State(read_tables(_tables(processing)), books)
