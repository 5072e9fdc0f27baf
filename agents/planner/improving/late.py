"""What is promised late in a group, and may be promised earlier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agents.planner.book import Commitment
from agents.planner.improving.posing import weight_of
from agents.planner.state import State
from knowledge.instants import HOUR, Instant
from knowledge.supply import Release

LEAST = HOUR
"""By less than this no promise is made earlier."""


@dataclass(frozen=True, slots=True)
class Late:
    """A commitment that is promised late: its releases, when it was to go at best, and what a minute costs."""

    commitment: Commitment
    begin: Instant
    weight: int

    @property
    def cost(self) -> int:
        """What its lateness costs."""
        return self.weight * (self.commitment.time - self.begin)


def late_in(state: State, group: int, asks: Callable[[str], bool]) -> list[Late]:
    """The commitments of a group that may be promised earlier, the dearest first.

    Not those that wait for an approval, are at risk, or whose promises policy `asks` about before they change.
    """
    found = []
    for commitment in state.book.commitments.get(group, {}).values():
        releases = [state.releases[d] for _, _, d in commitment.needs if d in state.releases]
        if len(releases) < len(commitment.needs) or not all(_may_move(r) for r in releases):
            continue
        if not any(r.requested is not None and r.delivery > r.requested for r in releases) or asks(releases[0].order):
            continue
        wanted = [r.requested - r.transit for r in releases if r.requested is not None]
        begin = max(state.now, *wanted)
        weight = sum(weight_of(state, r, r.quantity) for r in releases)
        if commitment.time - begin >= LEAST and weight:
            found.append(Late(commitment, begin, weight))
    return sorted(found, key=lambda late: (-late.cost, late.commitment.key))


def _may_move(release: Release) -> bool:
    return release.requested is not None and not (release.shipped or release.held or release.at_risk)
