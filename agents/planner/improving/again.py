"""Promising again, each by itself, what is late: without any sequence, where others have made room meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agents.planner.improving.late import LEAST, Late, late_in
from agents.planner.promise import Promiser
from agents.planner.state import State
from knowledge.instants import MINUTE, Instant


@dataclass(slots=True)
class Again:
    """The late commitments of a group, the dearest first, in as many decisions as it takes: orders that arrive come in
    between. Nothing of a decision depends on another having been made, only what is looked at.
    """

    seen: set[str] = field(default_factory=set)
    """Those that were promised again, whether they gained or not."""
    search: tuple[str, Instant, Instant] | None = None
    """The one under way: its key, between which times its earliest is looked for; the later one could be kept."""
    more: bool = False
    """Whether some are left."""

    def step(self, state: State, group: int, asks: Callable[[str], bool], over: Callable[[], bool]) -> list[str]:
        """Go on until all are seen, or time is `over`; the keys of those that have gained.

        One that could not go an hour earlier, or a part of its lateness that is worth it, is not looked at closer.
        """
        found: list[str] = []
        tested = False
        for late in late_in(state, group, asks):
            key = late.commitment.key
            if key in self.seen:
                continue
            if tested and over():
                self.more = True
                return found
            tested = True
            promiser = Promiser(state.book, state.plans, state.live)
            time = self._earliest(promiser, late, over)
            if self.search is not None:
                self.more = True
                return found
            self.seen.add(key)
            if time is not None:
                promiser.keep(late.commitment.at(time))
                state.promise_earlier(key, time, time)
                found.append(key)
        self.more = False
        return found

    def _earliest(self, promiser: Promiser, late: Late, over: Callable[[], bool]) -> Instant | None:
        """The earliest time, None where it gains too little; not known yet where `search` says how far it is."""
        old, (low, high) = late.commitment, self._begin(promiser, late)
        if high is None:
            return None
        while high - low > MINUTE:
            middle = (low + high) // 2 // MINUTE * MINUTE
            if middle <= low or not promiser.feasible(old.at(middle)):
                low = max(middle, low + 1)
            else:
                high = middle
            if high - low > MINUTE and over():
                self.search = old.key, low, high
                break
        return high

    def _begin(self, promiser: Promiser, late: Late) -> tuple[Instant, Instant | None]:
        """Between which times to look: as far as it was, where that still holds."""
        old, (search, self.search) = late.commitment, (self.search, None)
        if search is not None and search[0] == old.key:
            _, low, high = search
            if late.begin <= low < high < old.time and promiser.feasible(old.at(high)):
                return low, high
        high = max(late.begin, old.time - max(LEAST, (old.time - late.begin) // 32))
        if not promiser.feasible(old.at(high)):
            return late.begin, None
        return late.begin, late.begin if promiser.feasible(old.at(late.begin)) else high
