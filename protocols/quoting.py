"""What is asked before an order is entered: door → intake → classifier, planner → purchasing → suppliers.

All of it is said in the query protocol: nothing is promised, and nothing is kept.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from knowledge.documents import CustomerOrder, OrderCancel, OrderChange
from knowledge.quantities import Units
from protocols.envelope import Content
from protocols.orders import PartState, PlanOrder
from protocols.supplying import Alternative, Quote

Quotable = CustomerOrder | OrderChange | OrderCancel
"""What can be asked about before it is brought."""


class QuoteDocuments(Content):
    """What would be promised for orders, were these entered, changed or cancelled now, one after the other? At `at`,
    where that is later than now. With `alternatives`, and what else could be answered to the one order?"""

    orders: tuple[Annotated[Quotable, Field(discriminator="type")], ...]
    at: int | None = None
    alternatives: bool = False


class ProspectivePart(PartState):
    """A part of an order line as it would be planned; `delivery` is told also where a person would have to agree."""

    delivery: int | None = None


class QuotedPart(Content):
    """The same in the terms of the promises table: `quantity` in the item's unit, or as ordered where none is known."""

    line: str
    item: str
    classified_as: str
    quantity: str
    requested: int | None
    promised: int | None
    status: str
    reason: str = ""
    delivery: int | None = None


class QuotedOrder(Content):
    """What would become of an order: `accepted`, `duplicate` or `quarantined` with the reason; and of its lines."""

    order: str
    outcome: str
    reason: str = ""
    parts: tuple[QuotedPart, ...] = ()


class PromiseMoved(Content):
    """What was promised to another order, and what it would be then; None where there is none."""

    order: str
    before: PartState | None
    after: PartState | None


class QuotedPurchase(Content):
    """A purchase that is not planned yet, or so much more of one that is."""

    supplier: str
    item: str
    quantity: Units
    unit_price: Decimal
    currency: str
    order_by: int
    due: int


class QuotedApproval(Content):
    """What a person would be asked."""

    decision: str
    subject: str
    text: str


class QuotedMessage(Content):
    """What a person would be told to do about supply that the society does not change by itself."""

    action: str
    document: str
    item: str
    quantity: Units
    reason: str


class QuotedSupply(Content):
    """What else orders would change: what would be bought for how much more in all, in the plant's currency, the number
    of work orders that are not planned yet, what people would be asked and told, and what becomes of other promises."""

    purchases: tuple[QuotedPurchase, ...] = ()
    outlay: Decimal = Decimal(0)
    work_orders: int = 0
    approvals: tuple[QuotedApproval, ...] = ()
    messages: tuple[QuotedMessage, ...] = ()
    moved: tuple[PromiseMoved, ...] = ()


class DocumentsQuoted(Content):
    """What would become of these orders."""

    orders: tuple[QuotedOrder, ...]
    supply: QuotedSupply = QuotedSupply()
    alternatives: tuple[Alternative, ...] = ()


class QuoteOrders(Content):
    """What would be promised for these lines of orders? With `alternatives`, and what else to the one order?"""

    orders: tuple[PlanOrder, ...]
    at: int | None = None
    alternatives: bool = False


class OrdersQuoted(Content):
    """The parts that orders would have, by order, and what else they would change.

    `alternatives` are other answers, after the one that is planned; none where there are no others.
    """

    parts: tuple[tuple[str, tuple[ProspectivePart, ...]], ...]
    supply: QuotedSupply
    alternatives: tuple[Alternative, ...] = ()


class AskOffers(Content):
    """What do suppliers offer of these items? Nobody takes it up."""

    items: tuple[str, ...]


class OffersTold(Content):
    """What is offered of these items."""

    items: tuple[str, ...]
    offers: tuple[Quote, ...]
