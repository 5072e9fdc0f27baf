"""What is said about purchases, shipments, the floor, and decisions: planner ↔ purchasing, shipping, approvals."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from knowledge.calendars import LeadTime
from knowledge.deliveries import Delivery
from knowledge.documents import (
    ApprovalAnswer,
    ApprovalDelegation,
    GoodsReceipt,
    MachineDowntime,
    OperationReport,
    ShipmentReport,
    SupplierConfirmation,
)
from knowledge.instants import Instant
from knowledge.plant import LotRule, Offer, Plant
from knowledge.policy import Facts
from knowledge.quantities import Units
from knowledge.supply import PurchaseRow, Release, WorkOrder
from protocols.envelope import Content


class Quote(Content):
    """What a supplier offers of an item, with its calendar by name. Units are smallest units of the item."""

    supplier: str
    item: str
    breaks: tuple[tuple[Units, Decimal], ...]
    minimum: Units
    multiple: Units
    lead_time_days: int
    lead_time_calendar: str | None
    capacity_per_week: Units | None
    preference: int
    offered_days: int | None = None
    """What the supplier itself says, where its deliveries have taught that it takes `lead_time_days`."""
    valid_until: Instant | None = None
    """From then on it has to be asked for anew; None: it holds until it is revised."""

    @classmethod
    def of(cls, offer: Offer) -> Quote:
        """The quote that says what an offer says."""
        return cls(
            supplier=offer.supplier,
            item=offer.item,
            breaks=offer.breaks,
            minimum=offer.lot.minimum,
            multiple=offer.lot.multiple,
            lead_time_days=offer.lead_time.days,
            lead_time_calendar=offer.lead_time.calendar.name if offer.lead_time.calendar else None,
            capacity_per_week=offer.capacity_per_week,
            preference=offer.preference,
            offered_days=offer.offered.days if offer.offered else None,
        )

    def offer(self, plant: Plant) -> Offer:
        """The offer that a quote stands for at a plant."""
        calendar = plant.calendars[self.lead_time_calendar] if self.lead_time_calendar else None
        return Offer(
            self.supplier,
            self.item,
            self.breaks,
            LotRule(self.minimum, None, self.multiple),
            LeadTime(self.lead_time_days, calendar),
            self.capacity_per_week,
            self.preference,
            None if self.offered_days is None else LeadTime(self.offered_days, calendar),
        )


class QuoteItems(Content):
    """What do suppliers offer of these items?"""

    items: tuple[str, ...]


class Offers(Content):
    """A supplier's standing offers of some items."""

    items: tuple[str, ...]
    offers: tuple[Quote, ...]


class NoOffer(Content):
    """Nothing of the kind is offered."""

    items: tuple[str, ...]


class TakeOffers(Content):
    """The offers stand until they are revised, or run out."""

    items: tuple[str, ...]


class OffersStand(Content):
    """Confirmed."""

    items: tuple[str, ...]


class Quotes(Content):
    """Everything that is offered of the items asked for."""

    items: tuple[str, ...]
    offers: tuple[Quote, ...]


class PlacePurchases(Content):
    """Purchase rows as planned now; `gone` are (number, row) no longer needed."""

    rows: tuple[PurchaseRow, ...]
    gone: tuple[tuple[str, int], ...] = ()
    known: bool = False
    """Their suppliers have these orders already."""


class PurchasesPlaced(Content):
    """Recorded; what is released has gone out."""


class TakeOpenOrders(Content):
    """Work and purchase orders that existed before the society began."""

    work_orders: tuple[WorkOrder, ...]
    purchases: tuple[PurchaseRow, ...]


class IssuePurchase(Content):
    """Deliver this."""

    rows: tuple[PurchaseRow, ...]


class PurchaseIssued(Content):
    """The supplier has the order."""

    number: str


class SupplierReport(Content):
    """A confirmation or receipt for a purchase order has arrived."""

    report: Annotated[SupplierConfirmation | GoodsReceipt, Field(discriminator="type")]


class WatchDeliveries(Content):
    """Tell me of every purchase row that comes whole."""


class DeliveriesWatched(Content):
    """You will be told of deliveries."""


class Delivered(Content):
    """A purchase row has come whole: when it was asked for, what its supplier had confirmed, and when it came."""

    delivery: Delivery


class OffersChanged(Content):
    """Some items are offered otherwise than was reckoned with, or their offers have run out; `reason` says so."""

    items: tuple[str, ...]
    reason: str


class ReportTaken(Content):
    """The report is recorded."""


class ReportRefused(Content):
    """The report cannot be taken, and why."""

    reason: str


class FloorReport(Content):
    """A report from the shop floor."""

    report: Annotated[OperationReport | MachineDowntime, Field(discriminator="type")]


class ArrangeReleases(Content):
    """Releases of an order as promised now; `gone` are the documents of those no longer to go.

    They go to `ship_to`, but for the lines that `places` says another place of. `begun` says that some of the order has
    left already.
    """

    releases: tuple[Release, ...]
    gone: tuple[str, ...] = ()
    begun: bool = False
    ship_to: str = ""
    places: dict[str, str] = Field(default_factory=dict)


class ReleasesArranged(Content):
    """Shipping orders are as asked."""


class ReportShipment(Content):
    """A shipment report has arrived."""

    report: ShipmentReport


class AlternativeRelease(Content):
    """A quantity of an order line that would go at `ship` and be there at `delivery`. Times are instants."""

    line: str
    item: str
    quantity: Units
    ship: int
    delivery: int
    requested: int | None


class Alternative(Content):
    """An answer that could be given to an order, with what it costs. A person chooses it by its name or a label.

    Money is in the plant's currency: what is bought for the order, of whom in `suppliers`, what its shipments cost, and
    its lateness (None where the order's value is not known). `moved` counts the planned orders of others that it moves.
    """

    name: str
    labels: tuple[str, ...]
    releases: tuple[AlternativeRelease, ...]
    delivery: int
    shipments: int
    purchases: Decimal
    shipping: Decimal
    late_cost: Decimal | None
    moved: int
    suppliers: tuple[str, ...]
    text: str
    automatic: bool = False
    """Whether policy would let it pass: the promise that it makes, and what is bought for that."""

    def answers_to(self, name: str) -> bool:
        """Whether a person means this one."""
        return name.strip().lower() in (self.name, *self.labels)


class DecisionFacts(Content):
    """What policy held against its rules, besides the value (see `knowledge.policy.Facts`)."""

    late_days: Decimal = Decimal(0)
    customer: str = ""
    items: tuple[str, ...] = ()
    suppliers: tuple[str, ...] = ()
    new_supplier: bool = False


class Decision(Content):
    """A decision that policy wants a person to take, or to know of. `subject` is the document it is about.

    Of the `alternatives` the first is what is planned, and what approval without a word of them means. What it would
    take for a late order to be there on its date is in `on_the_date`: each is a way.
    """

    decision: str
    subject: str
    order: str
    text: str
    rule: int
    value: Decimal | None = None
    alternatives: tuple[Alternative, ...] = ()
    on_the_date: tuple[str, ...] = ()
    facts: DecisionFacts = DecisionFacts()

    @classmethod
    def about(cls, facts: Facts, *, subject: str, order: str, text: str, rule: int) -> Decision:
        """The decision that a rule puts before a person because of these facts."""
        held = DecisionFacts(
            late_days=facts.late_days,
            customer=facts.customer,
            items=tuple(sorted(facts.items)),
            suppliers=tuple(sorted(facts.suppliers)),
            new_supplier=facts.new_supplier,
        )
        return cls(
            decision=facts.decision, subject=subject, order=order, text=text, rule=rule, value=facts.value, facts=held
        )

    @property
    def policy_facts(self) -> Facts:
        """What policy held against its rules."""
        held = self.facts
        return Facts(
            self.decision,
            self.value,
            held.late_days,
            held.customer,
            frozenset(held.items),
            frozenset(held.suppliers),
            held.new_supplier,
        )

    def first_automatic(self) -> Alternative | None:
        """The first alternative to what is planned that policy would let pass by itself."""
        return next((each for each in self.alternatives[1:] if each.automatic), None)


class Approved(Content):
    """Go on; with another answer to the order than was planned, where one was chosen."""

    subject: str
    by: str
    note: str = ""
    chosen: Alternative | None = None
    order: str = ""


class Rejected(Content):
    """Do not."""

    subject: str
    by: str
    note: str = ""


class AnswerDecision(Content):
    """A person's answer has arrived."""

    answer: ApprovalAnswer


class HandOver(Content):
    """A person stands in for a role for a time."""

    delegation: ApprovalDelegation


class Wake(Content):
    """A timer: something is due. `what` says what, `key` of which thing, `items` of which items; none: of all."""

    what: str
    key: str = ""
    items: tuple[str, ...] = ()
