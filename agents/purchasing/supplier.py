"""A supplier agent. A real supplier's offers and price breaks are held for it; it answers calls with them.

One that answers by itself, in a simulation, is asked what it offers now.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from agents.runtime.agent import Agent, Effects, Turn, handles
from knowledge.instants import Instant
from knowledge.plant import Plant
from protocols.envelope import Performative
from protocols.quoting import AskOffers, OffersTold
from protocols.supplying import (
    IssuePurchase,
    NoOffer,
    Offers,
    OffersStand,
    PurchaseIssued,
    Quote,
    QuoteItems,
    TakeOffers,
)

Offering = Callable[[str, Instant], Iterable[Quote]]
"""What a supplier offers at a time. Asked again at that time, it has to say the same.

What nobody offers is not asked for again before the plant changes.
"""


class SupplierAgent(Agent):
    """Answers for one supplier: with what is held for it, or by what `offering` says that it offers at a time."""

    def __init__(self, plant: Plant, supplier: str, offering: Offering | None = None) -> None:
        self.name = f"supplier:{supplier}"
        self.supplier, self.offering = supplier, offering
        self.quotes = [Quote.of(o) for offers in plant.offers.values() for o in offers if o.supplier == supplier]

    @handles(QuoteItems)
    def quote(self, turn: Turn[QuoteItems]) -> Effects:
        quotes = self._offered(turn.content.items, turn.now)
        if quotes:
            yield turn.reply(Performative.PROPOSE, Offers(items=turn.content.items, offers=quotes))
        else:
            yield turn.refuse(NoOffer(items=turn.content.items))

    @handles(AskOffers)
    def tell(self, turn: Turn[AskOffers]) -> Effects:
        yield turn.inform(OffersTold(items=turn.content.items, offers=self._offered(turn.content.items, turn.now)))

    def _offered(self, items: Collection[str], now: Instant) -> tuple[Quote, ...]:
        asked = set(items)
        quotes = self.offering(self.supplier, now) if self.offering else self.quotes
        return tuple(quote for quote in quotes if quote.item in asked)

    @handles(TakeOffers)
    def stand(self, turn: Turn[TakeOffers]) -> Effects:
        yield turn.inform(OffersStand(items=turn.content.items))

    @handles(IssuePurchase)
    def take_order(self, turn: Turn[IssuePurchase]) -> Effects:
        yield turn.inform(PurchaseIssued(number=turn.content.rows[0].number))
