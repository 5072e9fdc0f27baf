"""One run of improving: group by group, those whose lateness costs most first, each posed, improved and taken back.

Where there are several groups, a first pass only tells for which of them a better sequence can be found. What is then
found is taken back, and a last pass goes on from there: not every sequence can be taken back. A run lives in memory
only. What is taken back is judged by the plan as it is then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from agents.planner.improving.again import Again
from agents.planner.improving.hosting import Improver, patience
from agents.planner.improving.late import late_in
from agents.planner.improving.posing import Posed, posed
from agents.planner.improving.taking import Taking
from agents.planner.sequencing import Improved, Schedule, cost
from agents.planner.state import State

_EFFORT = (Fraction(1, 6), Fraction(1, 2), Fraction(1, 3))
"""The share of the effort that each pass gets. With a single group the first is no use: the second gets both shares."""

Asks = Callable[[str], bool]


@dataclass(slots=True)
class Running:
    """The groups still to be improved, and the one that is. `found` is what is to be taken back of it."""

    improver: Improver
    groups: list[str]
    """An item of each: groups are numbered anew when the plant changes."""
    shares: dict[str, Fraction]
    """The share of the effort that each of them gets."""
    gains: dict[str, int] = field(default_factory=dict)
    """What the groups gain for which this pass has found a better sequence."""
    passes: int = 0
    posed: Posed | None = None
    found: Schedule | None = None
    again: Again = field(default_factory=Again)
    """What of the group is promised again by itself."""
    waits: bool = False
    """Whether it has to be looked at once the planner has nothing else to do."""

    def poll(self, state: State) -> bool:
        """Go on as far as is possible without waiting; whether there is something to take back."""
        if self.again.more:
            return True
        if self.posed is None:
            group = state.book.shop.group_of.get(self.groups[0])
            self.posed = None if group is None else posed(state, group)
            if self.posed is None:
                return True  # there is nothing to sequence; what is late may still be tried again
            self.improver.start(self.posed.problem, self.shares[self.groups[0]])
            if self.improver.wait_seconds:
                return False
        result = self.improver.poll()
        if isinstance(result, Improved) and not result.missed:
            self.found = result.schedule
            gain = self._gain(result)
            if gain > 0:
                self.gains[self.groups[0]] = gain
        return result is not None

    def _gain(self, result: Improved) -> int:
        """By how much less a schedule costs than the plan in force."""
        assert self.posed is not None
        incumbent = self.posed.problem.incumbent
        before = result.dispatched if incumbent is None else cost(self.posed.problem, incumbent.schedule)
        return before.objective - result.cost.objective

    def take(self, state: State, asks: Asks) -> None:
        """Take back what was found for the group under way, in the decision under way, and try what is late again."""
        group = state.book.shop.group_of.get(self.groups[0])
        if group is None:  # the plant has changed meanwhile
            self.again = Again()
            return
        over = patience(self.improver.hold_ms)
        keys: list[str] = []
        if self.passes and self.posed is not None and self.found is not None:
            keys = Taking(state, group, self.posed, self.found, asks).run()
            if keys:
                state.adopt([group])
        again = self.again.step(state, group, asks, over)
        if again:
            state.adopt([group])
        for key in dict.fromkeys((*keys, *again)):
            commitment = state.book.find(key)
            for _, _, document in commitment.needs if commitment else ():
                state.hurry(state.releases[document])

    def next(self) -> bool:
        """Be done with the group under way, unless more of it is to be promised again; whether anything is left."""
        self.posed = self.found = None
        if self.again.more:
            return True
        self.again = Again()
        del self.groups[:1]
        if not self.groups and self.passes + 1 < len(_EFFORT):
            gains, self.gains = self.gains, {}
            self.passes, self.groups = self.passes + 1, sorted(gains, key=lambda item: (-gains[item], item))
            total = sum(gains.values())
            self.shares = {item: _EFFORT[self.passes] * gain / total for item, gain in gains.items()}
        return bool(self.groups)


def begun(state: State, improver: Improver, asks: Asks) -> Running:
    """A run over every group in which something is promised late."""
    costs = {}
    for group, items in state.book.shop.groups.items():
        late = late_in(state, group, asks) if group in state.book.commitments else []
        if late:
            costs[items[0]] = sum(one.cost for one in late)
    groups = sorted(costs, key=lambda item: (-costs[item], item))
    if len(groups) == 1:
        return Running(improver, groups, {groups[0]: _EFFORT[0] + _EFFORT[1]}, passes=1)
    return Running(improver, groups, dict.fromkeys(groups, _EFFORT[0] / max(1, len(groups))))
