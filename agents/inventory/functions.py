"""The availability functions of all items. One is made of its events in the records when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from knowledge.availability import Availability
from knowledge.instants import Instant
from knowledge.quantities import Units

Events = Mapping[str, tuple[Instant, Units]]
"""(time, units) by document."""


class Functions(dict[str, Availability]):
    """Functions by item; every item has one. `read` gives the events of an item not asked for yet, `on_hand` stock."""

    def __init__(self, read: Callable[[str], Events]) -> None:
        super().__init__()
        self.on_hand: dict[str, Units] = {}
        self._read = read

    def __missing__(self, item: str) -> Availability:
        found = self[item] = Availability(self.on_hand.pop(item, 0), self._read(item))
        return found
