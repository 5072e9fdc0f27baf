"""A supplier agent. A real supplier's offers and price breaks are held for it; it answers calls with them."""

from __future__ import annotations

from collections.abc import Collection

from agents.runtime.agent import Agent, Effects, Turn, handles
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


class SupplierAgent(Agent):
    """Answers for one supplier."""

    def __init__(self, plant: Plant, supplier: str) -> None:
        self.name = f"supplier:{supplier}"
        self.offers = [o for offers in plant.offers.values() for o in offers if o.supplier == supplier]

    @handles(QuoteItems)
    def quote(self, turn: Turn[QuoteItems]) -> Effects:
        quotes = self._offered(turn.content.items)
        if quotes:
            yield turn.reply(Performative.PROPOSE, Offers(items=turn.content.items, offers=quotes))
        else:
            yield turn.refuse(NoOffer(items=turn.content.items))

    @handles(AskOffers)
    def tell(self, turn: Turn[AskOffers]) -> Effects:
        yield turn.inform(OffersTold(items=turn.content.items, offers=self._offered(turn.content.items)))

    def _offered(self, items: Collection[str]) -> tuple[Quote, ...]:
        asked = set(items)
        return tuple(Quote.of(offer) for offer in self.offers if offer.item in asked)

    @handles(TakeOffers)
    def stand(self, turn: Turn[TakeOffers]) -> Effects:
        yield turn.inform(OffersStand(items=turn.content.items))

    @handles(IssuePurchase)
    def take_order(self, turn: Turn[IssuePurchase]) -> Effects:
        yield turn.inform(PurchaseIssued(number=turn.content.rows[0].number))
