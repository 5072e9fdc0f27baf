"""What a plant knows of itself: items, BOMs, routes, work centres, suppliers, customers, policies. Frozen values.

Quantities are integers of the item's smallest unit, money is Decimal in the currency named beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from knowledge.calendars import OPEN_ALWAYS, Calendar, LeadTime
from knowledge.instants import DAY, UTC, Instant
from knowledge.quantities import Units, ceil_div

NO_LEAD_TIME = LeadTime(0)


class Kind(StrEnum):
    RAW = "raw"
    INTERMEDIATE = "intermediate"
    FINISHED = "finished"


class Replenishment(StrEnum):
    """How an item is supplied (column `supply` of items.csv)."""

    MAKE = "make"
    BUY = "buy"
    STOCK = "stock"
    ENGINEER = "engineer"


class SupplyStatus(StrEnum):
    PLANNED = "planned"
    FIRM = "firm"
    RELEASED = "released"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LotRule:
    """Lot sizing: raise to the minimum, then up to a multiple; cut what is above the maximum."""

    minimum: Units = 0
    maximum: Units | None = None
    multiple: Units = 1

    def split(self, need: Units) -> list[Units]:
        """The lots that cover a need: while above the maximum, the largest multiple not above it is cut off."""
        lots: list[Units] = []
        while need > 0:
            lot = self.raise_to(need)
            if self.maximum is not None and lot > self.maximum:
                lot = self.maximum - self.maximum % self.multiple
                if lot <= 0:
                    raise ValueError("the lot maximum is below the lot multiple")
            lots.append(lot)
            need -= lot
        return lots

    def raise_to(self, need: Units) -> Units:
        """A need raised to the minimum and then up to a multiple."""
        return ceil_div(max(need, self.minimum), self.multiple) * self.multiple


@dataclass(frozen=True, slots=True)
class Item:
    code: str
    description: str = ""
    uom: str = "EA"
    decimals: int = 0
    kind: Kind = Kind.FINISHED
    supply: Replenishment = Replenishment.MAKE
    group: str = ""
    lead_time: LeadTime = NO_LEAD_TIME
    safety_stock: Units = 0
    lot: LotRule = LotRule()
    unit_cost: Decimal | None = None
    shelf_life_days: int | None = None

    @property
    def life(self) -> int:
        """How many seconds a lot may be used; 0 where it keeps for ever."""
        return (self.shelf_life_days or 0) * DAY


@dataclass(frozen=True, slots=True)
class Component:
    """What one smallest unit of the parent needs of a component, as an exact fraction of its smallest units."""

    item: str
    numerator: int
    denominator: int
    quantity: Decimal
    scrap_percent: Decimal = Decimal(0)

    def need(self, parent: Units) -> Units:
        """Units needed for so many parent units, scrap included, rounded up."""
        return ceil_div(parent * self.numerator, self.denominator)


def component(item: str, quantity: Decimal, scrap_percent: Decimal, parent_decimals: int, decimals: int) -> Component:
    """A component from the contract's terms: quantity per unit of the parent and scrap in percent."""
    ratio = Fraction(quantity) * (100 + Fraction(scrap_percent)) / 100 * 10**decimals / 10**parent_decimals
    return Component(item, ratio.numerator, ratio.denominator, quantity, scrap_percent)


@dataclass(frozen=True, slots=True)
class Bom:
    parent: str
    revision: str
    components: tuple[Component, ...]


def components(bom: Bom | None, quantity: Units) -> tuple[tuple[str, Units], ...]:
    """(item, units) that an order of so much needs by a bill of materials; none without one."""
    needs: dict[str, Units] = {}
    for part in bom.components if bom else ():
        needs[part.item] = needs.get(part.item, 0) + part.need(quantity)
    return tuple(needs.items())


@dataclass(frozen=True, slots=True)
class Alternative:
    """One work centre that can do a step. Minutes; `run_minutes` is per unit (not per smallest unit).

    `learned_percent` says, of minutes that were learned from reports, how many percent of the route's own they are for
    a usual quantity.
    """

    work_centre: str
    setup_minutes: Decimal = Decimal(0)
    run_minutes: Decimal = Decimal(0)
    teardown_minutes: Decimal = Decimal(0)
    learned_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    step: str
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Route:
    item: str
    revision: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class WorkCentre:
    code: str
    machines: int = 1
    calendar: Calendar = OPEN_ALWAYS
    efficiency_percent: Decimal = Decimal(100)
    cost_per_hour: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Supplier:
    code: str
    name: str = ""
    currency: str = ""
    order_cost: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Offer:
    """What a supplier offers of an item. `breaks`: (from units, price a unit), rising, the first from 0 or more.

    `offered` is its own lead time, where another was learned from deliveries.
    """

    supplier: str
    item: str
    breaks: tuple[tuple[Units, Decimal], ...]
    lot: LotRule = LotRule()
    lead_time: LeadTime = NO_LEAD_TIME
    capacity_per_week: Units | None = None
    preference: int = 1
    offered: LeadTime | None = None

    def unit_price(self, quantity: Units) -> Decimal:
        """All-units price a whole unit (not a smallest unit) at an order quantity."""
        price = self.breaks[0][1]
        for begin, value in self.breaks:
            if quantity >= begin:
                price = value
        return price


@dataclass(frozen=True, slots=True)
class Customer:
    code: str
    name: str = ""
    priority: int = 5
    lateness_weight: Decimal = Decimal(1)
    partial_shipments: bool = True
    most_releases: int | None = None
    minimum_release_percent: Decimal = Decimal(0)
    cost_per_shipment: Decimal = Decimal(0)
    transit_days: Decimal = Decimal(0)
    late_cost_per_day_percent: Decimal = Decimal(0)


class OpenOrderKind(StrEnum):
    WORK_ORDER = "work_order"
    PURCHASE_ORDER = "purchase_order"


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """A work or purchase order that existed before the society began."""

    kind: OpenOrderKind
    number: str
    item: str
    quantity: Units
    due: Instant
    start: Instant | None = None
    supplier: str | None = None
    status: SupplyStatus = SupplyStatus.RELEASED


class Action(StrEnum):
    AUTO = "auto"
    ASK = "ask"
    ADVISE = "advise"


class Silence(StrEnum):
    """What it means that nobody answers in time (`on_silence`)."""

    APPROVE = "approve"
    REJECT = "reject"
    ESCALATE = "escalate"
    """Ask `escalate_to`, the same deadline once more, then reject."""
    ALTERNATIVE = "alternative"
    """Take the first alternative that policy lets pass by itself; reject where there is none."""
    WAIT = "wait"
    """Keep asking."""


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """One `[[approvals]]` rule of plant.toml; of the conditions in `when`, all that are given must hold."""

    decision: str
    action: Action
    value_over: Decimal | None = None
    new_supplier: bool | None = None
    late_over_days: Decimal | None = None
    customer: str | None = None
    item: str | None = None
    supplier: str | None = None
    role: str = "manager"
    deadline_hours: Decimal | None = None
    on_silence: Silence = Silence.REJECT
    escalate_to: str | None = None
    remind_hours: tuple[Decimal, ...] = ()
    four_eyes: bool = False
    """Nobody approves what they have entered or changed themselves."""
    """How long before each deadline its role is reminded, the longest first."""


@dataclass(frozen=True, slots=True)
class Learning:
    """What promises reckon with, of what deliveries and work really took: the quantile of each, and from how many on.

    None: as the supplier offers, and as the route says.
    """

    lead_time_quantile: Decimal | None = None
    operation_quantile: Decimal | None = None
    least: int = 5


@dataclass(frozen=True, slots=True)
class Alias:
    """Somebody else's number for an item; one foreign unit is `factor` of ours."""

    item: str
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Plant:
    """Everything a knowledge folder says. Mappings are keyed by code and never changed in place.

    `customers` is None where the folder has no customers.csv: then any customer is taken with the defaults.
    `aliases` is keyed by (source, foreign item), `uom_conversions` by (item, uom): units of the item's own unit
    in one of that one, `setups` by (work centre, from group, to group): minutes, `rates` by currency: of the
    plant's currency for one of it. `stock` is all there is of an item, `reserved` what of it is for the orders of one
    customer only, by (item, customer).
    """

    name: str = "plant"
    zone: dt.tzinfo = UTC
    currency: str = "EUR"
    release_horizon_days: Decimal = Decimal(0)
    frozen_horizon_days: Decimal = Decimal(0)
    sourcing: str = "cost"
    approvals: tuple[ApprovalRule, ...] = ()
    learning: Learning | None = None
    items: Mapping[str, Item] = field(default_factory=dict)
    boms: Mapping[str, Bom] = field(default_factory=dict)
    routes: Mapping[str, Route] = field(default_factory=dict)
    work_centres: Mapping[str, WorkCentre] = field(default_factory=dict)
    setups: Mapping[tuple[str, str, str], Decimal] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    suppliers: Mapping[str, Supplier] = field(default_factory=dict)
    offers: Mapping[str, tuple[Offer, ...]] = field(default_factory=dict)
    customers: Mapping[str, Customer] | None = None
    stock: Mapping[str, Units] = field(default_factory=dict)
    reserved: Mapping[tuple[str, str], Units] = field(default_factory=dict)
    open_orders: tuple[OpenOrder, ...] = ()
    aliases: Mapping[tuple[str, str], Alias] = field(default_factory=dict)
    uom_conversions: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)

    def customer(self, code: str) -> Customer | None:
        """The customer's rules; None where the folder lists customers and this is not one of them."""
        if self.customers is None:
            return Customer(code)
        return self.customers.get(code)

    def rate(self, currency: str) -> Decimal | None:
        """Of the plant's currency for one of `currency`; None where it is not known."""
        if not currency or currency == self.currency:
            return Decimal(1)
        return self.rates.get(currency)
