"""The events of one item, kept so that a change is taken and judged at the cost of a logarithm.

What is usual shows at once: nothing is ever short, and the last of what is planned is needed. Only where that does not
show is the item looked at by definition.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.planner.validator.ordered import Ordered
from knowledge.instants import Instant
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.steps import Steps
from knowledge.supply import Supply, WorkOrder


@dataclass(slots=True)
class Balance:
    """Receipts and needs by document. `net` sums both by time, `firm` only firm receipts; `planned` lists the others.

    `kept` counts the receipts that are in part for a custom order line alone. `moves` is what has changed since the
    sums were brought up to date.
    """

    supply: dict[str, Supply] = field(default_factory=dict)
    needs: dict[str, tuple[Instant, Units, str]] = field(default_factory=dict)
    net: Steps = field(default_factory=Steps)
    total: Units = 0
    firm: Steps = field(default_factory=Steps)
    fixed: Units = 0
    planned: Ordered[tuple[Instant, str, Units]] = field(default_factory=Ordered)
    kept: int = 0
    moves: dict[Instant, Units] = field(default_factory=dict)

    @classmethod
    def of(cls, supply: Iterable[Supply], needs: Iterable[tuple[Instant, Units, str]]) -> Balance:
        """The balance of many documents at once, settled. A document needs an item once, all that it needs of it."""
        balance = cls()
        balance.supply = {each.document: each for each in supply}
        for time, units, document in needs:
            if units:
                balance.needs[document] = time, units, document
        changes = [(time, -units) for time, units, _ in balance.needs.values()]
        changes += [(each.time, each.receipt) for each in balance.supply.values()]
        fixed = [each for each in balance.supply.values() if each.status is not SupplyStatus.PLANNED]
        planned = [each for each in balance.supply.values() if each.status is SupplyStatus.PLANNED]
        balance.net, balance.total = Steps.of(changes), sum(units for _, units in changes)
        balance.firm = Steps.of((each.time, each.receipt) for each in fixed)
        balance.fixed = sum(each.receipt for each in fixed)
        balance.planned = Ordered((each.time, each.document, each.receipt) for each in planned)
        balance.kept = sum(1 for each in balance.supply.values() if isinstance(each, WorkOrder) and each.kept)
        return balance

    def need(self, document: str, time: Instant, units: Units) -> None:
        """Set what a document needs; 0 units where it needs nothing any more."""
        moves, before = self.moves, self.needs.get(document)
        if before is not None:
            moves[before[0]] = moves.get(before[0], 0) + before[1]
        if units:
            self.needs[document] = time, units, document
            moves[time] = moves.get(time, 0) - units
        elif before is not None:
            del self.needs[document]

    def receive(self, document: str, supply: Supply | None) -> None:
        """Set the supply of a document; None where there is none any more."""
        before = self.supply.get(document)
        if supply is not None:
            self.supply[document] = supply
        elif before is not None:
            del self.supply[document]
        if before is not None and supply is not None and _same_receipt(before, supply):
            return
        if before is not None:
            self._list(before, -1)
        if supply is not None:
            self._list(supply, 1)

    def _list(self, supply: Supply, sign: int) -> None:
        time, units = supply.time, supply.receipt
        self.moves[time] = self.moves.get(time, 0) + sign * units
        if supply.status is not SupplyStatus.PLANNED:
            self.firm.add(time, sign * units)
            self.fixed += sign * units
        elif sign > 0:
            self.planned.add((time, supply.document, units))
        else:
            self.planned.discard((time, supply.document, units))
        if isinstance(supply, WorkOrder) and supply.kept:
            self.kept += sign

    def settle(self) -> None:
        """Bring the sums up to date."""
        for time, units in self.moves.items():
            if units:
                self.net.add(time, units)
                self.total += units
        self.moves.clear()

    def is_sound(self, now: Instant, on_hand: Units, safety_stock: Units) -> bool:
        """Whether it shows at once that every need is met and all that is planned is needed.

        Planned supply is needed where what is left in the end, safety stock aside, is less than the last of it and
        the firm receipts after it together: what comes first is used first.
        """
        if on_hand + self.net.lowest_from(now) < 0:
            return False
        last = self.planned.last()
        spare = on_hand + self.total - max(0, safety_stock)
        if last is None or spare <= 0:
            return True
        begin = last[0]
        spare -= self.fixed - self.firm.until(begin)
        while last is not None and last[0] == begin:
            if spare >= last[2]:
                return False
            last = self.planned.before(last)
        return True


def _same_receipt(one: Supply, other: Supply) -> bool:
    """Whether two states of a supply bring as much at one time, of which none is anybody's own."""
    return (
        one.time == other.time
        and one.status is other.status
        and one.receipt == other.receipt
        and not (isinstance(one, WorkOrder) and one.kept)
        and not (isinstance(other, WorkOrder) and other.kept)
    )
