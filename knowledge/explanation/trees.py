"""Peg trees both ways: what a document waits for, down to purchases and stock; what a supply is for, up to order lines.

A supply is opened where it is met first, level by level in its own branch; met again it is shown with its share, and
referred to. So a tree has no more branches than there are pegs, and circles end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from knowledge.explanation.network import IDLE, Network, Share
from knowledge.explanation.values import PartState, Twig, Use
from knowledge.instants import Instant
from knowledge.supply import STOCK, PurchaseRow, Release, WorkOrder, base_document

MOST_TWIGS = 2000
MOST_DEPTH = 60


@dataclass
class Trees:
    """Draws trees for one explanation: what was opened once is not opened again. `binding` are causes."""

    network: Network
    state: Callable[[Release], tuple[PartState, Instant]]
    binding: frozenset[str] = frozenset()
    _opened: set[str] = field(default_factory=set)
    _size: int = 0

    # -- down

    def waits_for(self, document: str, depth: int = 0) -> tuple[Twig, ...]:
        """What a release or work order is pegged to: stock first, then supply in order of time."""
        shares = sorted(self.network.serving(document), key=self._time_of)
        twigs = [self._twig(share, depth) for share in shares]
        twigs.extend(Twig("", item, units, missing=True) for item, units in self.network.short(document))
        return tuple(twigs)

    def _time_of(self, share: Share) -> tuple[bool, Instant, str, str]:
        supply = self.network.supplies.get(share.supply)
        return supply is not None, supply.time if supply else 0, share.item, share.supply

    def _twig(self, share: Share, depth: int) -> Twig:
        supply = self.network.supplies.get(share.supply)
        self._size += 1
        if supply is None:
            return Twig(STOCK, share.item, share.units)
        opens = isinstance(supply, WorkOrder) and not supply.drawn and bool(self.network.serving(share.supply))
        repeated = share.supply in self._opened
        cut = depth >= MOST_DEPTH or self._size > MOST_TWIGS
        twigs: tuple[Twig, ...] = ()
        if opens and not repeated and not cut:
            self._opened.add(share.supply)
            twigs = self.waits_for(share.supply, depth + 1)
        return Twig(
            share.supply,
            share.item,
            share.units,
            supply,
            overdue=self.network.overdue(supply),
            binding=share.supply in self.binding,
            repeated=opens and repeated,
            cut=opens and cut and not repeated,
            twigs=twigs,
        )

    # -- up

    def serves(self, document: str, depth: int = 0) -> tuple[Use, ...]:
        """What a supply is for, the earliest need first."""
        uses = [self._use(share, depth) for share in self.network.served(document)]
        uses.sort(key=lambda use: (use.document in IDLE, use.time or 0, use.document))
        return tuple(uses)

    def _use(self, share: Share, depth: int) -> Use:
        self._size += 1
        release = self.network.releases.get(share.need)
        if release is not None:
            state, delivery = self.state(release)
            line = base_document(release.document)
            bound = release.document in self.binding
            return Use(line, share.item, share.units, release.ship, None, state, delivery, bound)
        order = self.network.supplies.get(share.need)
        if order is None or isinstance(order, PurchaseRow):
            return Use(share.need, share.item, share.units)
        repeated = share.need in self._opened
        cut = not repeated and (depth >= MOST_DEPTH or self._size > MOST_TWIGS)
        uses: tuple[Use, ...] = ()
        if not repeated and not cut:
            self._opened.add(share.need)
            uses = self.serves(share.need, depth + 1)
        return Use(share.need, share.item, share.units, order.start, order, repeated=repeated, cut=cut, uses=uses)
