"""The availability functions of all items. One is made of its events when it is first asked for."""

from __future__ import annotations

from knowledge.availability import Availability
from knowledge.instants import Instant
from knowledge.quantities import Units


class Functions(dict[str, Availability]):
    """Functions by item; every item has one. `events` are (time, units) by document of items not asked for yet."""

    def __init__(self) -> None:
        super().__init__()
        self.on_hand: dict[str, Units] = {}
        self.events: dict[str, dict[str, tuple[Instant, Units]]] = {}

    def __missing__(self, item: str) -> Availability:
        found = self[item] = Availability(self.on_hand.pop(item, 0), self.events.pop(item, None))
        return found
