"""What of a late release could go in time, where its causes are materials that come late.

It is what can be made without those materials, if the work on so much of it is done in time from now on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from knowledge.explanation.early import ISSUED, Course, Granted
from knowledge.explanation.network import Network, Share
from knowledge.instants import Instant
from knowledge.quantities import Units
from knowledge.supply import Release, WorkOrder


@dataclass
class Splitter:
    """Counts what does not need any of the `late` supply."""

    network: Network
    late: frozenset[str]
    _covered: dict[str, Units] = field(default_factory=dict)

    def in_time(self, release: Release, wanted: Instant) -> Units:
        """Units of a release that could go at the time when it is wanted; nothing where that is not sure."""
        units = sum(self._share(share) for share in self.network.serving(release.document))
        without = Granted(there=self.late, lot=self._covered)
        course = Course(self.network, release, self.network.now)
        return units if units and course.run(without).time <= wanted else 0

    def _share(self, share: Share) -> Units:
        if share.supply in self.late:
            return 0
        supply = self.network.supplies.get(share.supply)
        if not isinstance(supply, WorkOrder):
            return share.units
        return min(share.units, self._of(supply))

    def _of(self, order: WorkOrder) -> Units:
        """What of a work order could be made of the material that is there in time, in lots that may be made."""
        found = self._covered.get(order.document)
        if found is None:
            self._covered[order.document] = 0  # for a circle of pegs
            found = self._covered[order.document] = self._count(order)
        return found

    def _count(self, order: WorkOrder) -> Units:
        if order.drawn:
            return order.quantity
        most = order.quantity
        for item, needed in order.components:
            shares = [share for share in self.network.serving(order.document) if share.item == item]
            there = sum(self._share(share) for share in shares)
            if needed:
                most = min(most, there * order.quantity // needed)
        if most == order.quantity or order.status in ISSUED:
            return most if most == order.quantity else 0
        lot = self.network.plant.items[order.item].lot
        most -= most % lot.multiple
        return most if most >= lot.minimum else 0
