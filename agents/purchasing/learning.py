"""What suppliers have taught: their latest deliveries, and the lead times that are to be reckoned with by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from typing import Any

from agents.runtime.agent import Records
from knowledge.learning import Brought, expected, remembered, said_of
from knowledge.plant import Offer, Plant
from knowledge.store.tables import AgentStateRow, DeliveryRow, PurchaseOrderRow
from knowledge.supply import PurchaseRow
from protocols.supplying import OffersChanged, Quote

KEY = "brought:"
"""How the records of deliveries are kept: by supplier, the latest."""


@dataclass(slots=True)
class LeadTimes:
    """The latest deliveries of each supplier, where the plant is to learn from them; else nothing."""

    plant: Plant
    brought: dict[str, tuple[Brought, ...]] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether lead times are to be learned."""
        return self.plant.learning is not None and self.plant.learning.lead_time_quantile is not None

    def restore(self, agent: str, records: Records) -> None:
        """Remember what was kept; of suppliers of which nothing was, what the records of their orders say."""
        if not self.wanted:
            return
        for row in records.starting(AgentStateRow, "key", KEY, agent=agent):
            self.brought[row["key"].removeprefix(KEY)] = tuple(Brought(*each) for each in json.loads(row["body"]))
        unknown = set(records.different(DeliveryRow, "supplier")) - self.brought.keys()
        for supplier in sorted(unknown):
            came = {(r["purchase_order"], r["row"]): r for r in records.rows(DeliveryRow, supplier=supplier)}
            for row in records.rows(PurchaseOrderRow, supplier=supplier):
                delivery = came.get((row["purchase_order"], row["row"]))
                if delivery is not None and delivery["came"] is not None:
                    self._remember(supplier, Brought(row["item"], row["order_by"], delivery["came"]))

    def kept(self, supplier: str) -> str:
        """The deliveries of a supplier as they are stored."""
        return json.dumps([astuple(each) for each in self.brought[supplier]])

    def learn(self, row: PurchaseRow, came: int) -> Iterator[OffersChanged]:
        """Take a row that has come whole; what that teaches, where it moves a lead time."""
        offers = [o for some in self.plant.offers.values() for o in some if o.supplier == row.supplier]
        before = [self.expected(offer) for offer in offers]
        self._remember(row.supplier, Brought(row.item, row.order_by, came))
        after = [self.expected(offer) for offer in offers]
        moved = [new for old, new in zip(before, after, strict=True) if old != new]
        if moved:
            yield OffersChanged(items=tuple(sorted({o.item for o in moved})), reason="; ".join(map(_said, moved[:3])))

    def expected(self, offer: Offer) -> Offer:
        """The offer with the lead time that is to be reckoned with."""
        return expected(self.plant, offer, self.brought.get(offer.supplier, ()))

    def quote(self, quote: Quote) -> Quote:
        """The quote with the lead time that is to be reckoned with."""
        if not self.brought.get(quote.supplier):
            return quote
        expected = Quote.of(self.expected(quote.offer(self.plant)))
        return expected.model_copy(update={"valid_until": quote.valid_until})

    def _remember(self, supplier: str, brought: Brought) -> None:
        self.brought[supplier] = remembered(self.brought.get(supplier, ()), brought)


def _said(offer: Offer) -> str:
    return said_of(offer) or f"{offer.supplier} brings {offer.item} in the time that it offers"


def row_of(agent: str, supplier: str, times: LeadTimes) -> dict[str, Any]:
    """The row that keeps a supplier's deliveries."""
    return {"agent": agent, "key": f"{KEY}{supplier}", "body": times.kept(supplier)}
