"""A quote: what documents would change, worked out in a process of its own so that it disturbs nobody."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from agents.runtime.memory import collect_seldom
from agents.sources.reading import Read
from knowledge.store.database import Store
from simulations.report.what_if_json import difference_json
from simulations.what_if import Rehearsal


def quote(url: str, reads: Sequence[Read], seed: int) -> dict[str, Any]:
    """The difference as `what-if --json` tells it, of the database of a running service as it is at this moment.

    The documents are taken at the time at which the society last said anything, or at their own where that is later.
    """
    collect_seldom()
    with closing(Store(url, reading=True)) as store:
        rehearsal = Rehearsal(store, reads, seed=seed)
    for _ in rehearsal.trial.run(reads):
        pass
    outcome = rehearsal.trial.outcome
    counts = {name: getattr(outcome, name) for name in ("accepted", "duplicate", "quarantined")}
    return {"documents": counts, **difference_json(rehearsal.difference(), rehearsal.trial.plant_now())}
