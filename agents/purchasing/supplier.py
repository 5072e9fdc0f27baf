"""A supplier agent. A real supplier's offers and price breaks are held for it; it answers calls with them."""

from __future__ import annotations

from agents.runtime.agent import Agent, Effects, Turn, handles
from knowledge.plant import Plant
from protocols.envelope import Performative
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
        asked = set(turn.content.items)
        quotes = tuple(Quote.of(offer) for offer in self.offers if offer.item in asked)
        if quotes:
            yield turn.reply(Performative.PROPOSE, Offers(items=turn.content.items, offers=quotes))
        else:
            yield turn.refuse(NoOffer(items=turn.content.items))

    @handles(TakeOffers)
    def stand(self, turn: Turn[TakeOffers]) -> Effects:
        yield turn.inform(OffersStand(items=turn.content.items))

    @handles(IssuePurchase)
    def take_order(self, turn: Turn[IssuePurchase]) -> Effects:
        yield turn.inform(PurchaseIssued(number=turn.content.rows[0].number))
