"""An explanation of a running society's records, worked out in a process of its own so that it disturbs nobody."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from agents.runtime.memory import collect_seldom
from agents.society import stored_plant
from knowledge.explanation import explainer
from knowledge.explanation.values import Explanation
from knowledge.instants import MINUTE, Instant
from knowledge.plant import Plant
from knowledge.store.books import explained_books_of
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from simulations.report.why_json import explanation_json

Known = tuple[str, int, Instant, Plant, Callable[[str], Explanation]]

_known: Known | None = None


def explained(url: str, document: str, now: Instant) -> dict[str, Any]:
    """What a document waits for, what it is for, and why it is late, as `why --json` tells it.

    What was read of a database is kept for the next question, as long as nothing has been said there since and for a
    minute at most; it says itself as of when it is. Raises UnknownDocumentError.
    """
    global _known
    with closing(Store(url, reading=True)) as store:
        said = store.highest(MessageRow, "sequence")
        if _known is None or _known[:2] != (url, said) or not 0 <= now - _known[2] < MINUTE:
            collect_seldom()
            plant = stored_plant(store)
            _known = url, said, now, plant, explainer(explained_books_of(store, plant, now))
    return explanation_json(_known[4](document), _known[3])
