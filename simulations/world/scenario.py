"""What a scenario says: the plant, who orders what, and how suppliers, floor, warehouse, engineers, managers behave.

Rates are a day, chances between 0 and 1. Whatever is not named does not happen: no breakdowns, nobody late, no scrap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, TypeAlias, TypeVar

from pydantic import Field, model_validator

from simulations.world.chance import Constant, Distribution, Model

Chance: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Rate: TypeAlias = Annotated[float, Field(ge=0)]
ONE = Constant(value=1)
NONE = Constant(value=0)

M = TypeVar("M", bound=Model)


class Bursts(Model):
    """Orders come in bursts: so many at a time on average, all within some minutes."""

    mean_size: float = Field(ge=1)
    minutes: Rate = 60


class Walk(Model):
    """A market whose demand drifts: each day's rate is the last one times a trend, and the trend is a random walk.

    The rate stays between `low` and `high`, and where it is held there the trend begins anew at 1. The trend changes by
    at most `step` a day and stays between `least_trend` and its inverse.
    """

    low: float = Field(gt=0)
    high: float = Field(gt=0)
    step: Rate = 0.01
    least_trend: float = Field(default=0.95, gt=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> Walk:
        if self.high < self.low:
            raise ValueError(f"high is {self.high:g}, below low, which is {self.low:g}")
        return self


class Changes(Model):
    """Some orders change once: after a time, to another quantity or by so many days."""

    chance: Chance = 0
    after_days: Distribution = ONE
    quantity_factor: Distribution = ONE
    days: Distribution = NONE


class Cancels(Model):
    """Some orders are cancelled after a time, unless all has left."""

    chance: Chance = 0
    after_days: Distribution = ONE


class Stream(Model):
    """A stream of orders of one or several customers."""

    customers: tuple[str, ...] = Field(min_length=1)
    """Codes of customers.csv; each order is one of theirs, equally likely."""
    rate: Rate = 1
    """Orders on a mean day of those on which orders come."""
    weekdays: tuple[Rate, Rate, Rate, Rate, Rate, Rate, Rate] = (1, 1, 1, 1, 1, 0, 0)
    """What the rate is multiplied by, from Monday on."""
    months: tuple[Rate, ...] = Field(default=(1,) * 12, min_length=12, max_length=12)
    """What the rate is multiplied by, from January on."""
    trend_percent_per_year: float = Field(default=0, gt=-100)
    hours: tuple[Annotated[float, Field(ge=0, le=24)], Annotated[float, Field(ge=0, le=24)]] = (8, 17)
    """Between which hours of the day they come."""
    bursts: Bursts | None = None
    walk: Walk | None = None
    """Instead of `rate`."""
    share: Chance = 1
    """How much of the market's demand is ours."""
    items: Mapping[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """What is ordered, and how likely each is; of those named together."""
    custom_share: Chance = 0
    """How many lines are for something that has to be engineered first."""
    custom_like: tuple[str, ...] = ()
    """Items whose bills and routes custom ones resemble."""
    lines: Distribution = ONE
    quantity: Distribution = ONE
    lead_days: Distribution = Constant(value=10)
    """How long after the order it is wanted."""
    price_factor: Distribution = ONE
    """The price, of the item's unit cost."""
    change: Changes = Changes()
    cancel: Cancels = Cancels()
    penalty_percent_per_day: Distribution | None = None
    """Of the value of what is late; without it, what customers.csv says."""
    void_days_late: float | None = Field(default=None, gt=0)
    """An order that is later than that is cancelled by its customer; the penalty stays."""

    @model_validator(mode="after")
    def _something(self) -> Stream:
        if self.custom_share < 1 and not any(self.items.values()):
            raise ValueError("items names nothing that could be ordered")
        if self.custom_share and not self.custom_like:
            raise ValueError("custom_like has to name the items that custom ones resemble")
        if self.hours[1] < self.hours[0]:
            raise ValueError("hours end before they begin")
        return self


class Late(Model):
    """Some deliveries are late. With the chance `known` the supplier knows and says so when it confirms."""

    chance: Chance = 0
    days: Distribution = ONE
    known: Chance = 0.5


class Confirm(Model):
    """Some orders are confirmed, after some hours."""

    chance: Chance = 0
    hours: Distribution = Constant(value=24)


class Partial(Model):
    """Some deliveries come in two: a share at the time, the rest some days later."""

    chance: Chance = 0
    share: Chance = 0.5
    days: Distribution = Constant(value=3)


class SupplierRules(Model):
    """How a supplier delivers what is ordered of it."""

    confirm: Confirm = Confirm()
    late: Late = Late()
    partial: Partial = Partial()
    chased_after_hours: float = Field(default=24, gt=0)
    """How long after the day a buyer waits before the supplier is asked, and names the new day."""


class SupplierMarket(Model):
    """Suppliers whose free capacity and offers move. Each day's capacity of an item is a random walk around its mean;
    what was ordered of it is not free, and the price is base × (1 − discount × free ÷ capacity).

    They answer calls for offers themselves; an offer holds for `every_days`, then the society calls again.
    """

    every_days: int = Field(default=7, ge=1)
    capacity_per_day: float = Field(gt=0)
    step_percent: Rate = 1
    """The deviation of a day's step, of the mean capacity."""
    pull: Chance = 0.01
    """How much of its distance from the mean the walk loses a day."""
    discount: Chance = 0.5
    others: Distribution = Constant(value=0)
    """The share of the capacity that others order, drawn each day."""
    slower_days: float = Field(default=0, ge=0)
    """By how many days an item takes longer where nothing is free; in between by its share."""
    limits: bool = False
    """Whether offers are limited to what is free in a week."""


class Suppliers(SupplierRules):
    """How suppliers deliver; `each` says what is different for one, `market` makes offers move."""

    each: Mapping[str, SupplierRules] = Field(default_factory=dict)
    market: SupplierMarket | None = None

    def rules(self, supplier: str) -> SupplierRules:
        """The rules of one supplier."""
        return _with(SupplierRules(**{n: getattr(self, n) for n in SupplierRules.model_fields}), self.each, supplier)


class Breakdowns(Model):
    """A machine runs for some hours of the clock, then it is down for some."""

    hours_between: Distribution
    hours_down: Distribution


class Rework(Model):
    """Some operations have to be done again in part."""

    chance: Chance = 0
    share: Distribution = Constant(value=0.5)
    """Of the operation's time."""


class CentreRules(Model):
    """How work goes at a work centre."""

    time_factor: Distribution = ONE
    """Real minutes over standard ones, drawn for each operation."""
    breakdowns: Breakdowns | None = None
    absence: Chance = 0
    """That a machine has nobody for a day."""
    scrap: Chance = 0
    """Of each piece, in each operation."""
    rework: Rework = Rework()


class Floor(CentreRules):
    """How work goes; `each` says what is different at one work centre."""

    each: Mapping[str, CentreRules] = Field(default_factory=dict)
    report_steps: bool = True
    """Whether each operation is reported, or only the whole order."""

    def rules(self, centre: str) -> CentreRules:
        """The rules of one work centre."""
        return _with(CentreRules(**{n: getattr(self, n) for n in CentreRules.model_fields}), self.each, centre)


class Warehouse(Model):
    """Pieces vanish, and are missed at the next count of their item."""

    losses_per_year: Rate = 0
    """How often an item loses some."""
    loss_percent: Distribution = Constant(value=1)
    """Of what is there."""
    count_days: float = Field(default=30, gt=0)
    """How often each item is counted, where there are losses."""


class Engineering(Model):
    """Engineers design custom lines, in order of receipt."""

    engineers: int = Field(default=1, ge=1)
    hours: Distribution = Constant(value=8)
    """Working hours for a line."""
    calendar: str = ""
    """When they work; the plant's calendar where none is named."""


class Managers(Model):
    """Managers answer what policy puts to them."""

    hours: Distribution = Constant(value=2)
    approve: Chance = 1


class Scenario(Model):
    """A scenario. `plant` is a knowledge folder, relative to the scenario's file."""

    title: str = Field(min_length=1)
    about: str = ""
    plant: str
    start: dt.date
    days: int = Field(ge=1, le=3650)
    warm_up_days: int = Field(default=30, ge=0)
    """Orders received and days passed in this time count in no measure."""
    listen_minutes: int = Field(default=30, ge=1, le=1440)
    """How often floor, warehouse and suppliers look at what they were told."""
    customers: Mapping[str, Stream] = Field(default_factory=dict)
    documents: str = ""
    """A file of customer orders that come besides, each when it says; relative to the scenario's file."""
    suppliers: Suppliers = Suppliers()
    floor: Floor = Floor()
    warehouse: Warehouse = Warehouse()
    engineering: Engineering = Engineering()
    managers: Managers = Managers()

    @model_validator(mode="after")
    def _somebody_orders(self) -> Scenario:
        if not self.customers and not self.documents:
            raise ValueError("nobody orders anything: name customers, or documents")
        return self


def _with(base: M, each: Mapping[str, M], name: str) -> M:
    """The rules with what is said of one in particular; a table in it replaces the whole table."""
    own = each.get(name)
    return base if own is None else base.model_copy(update={n: getattr(own, n) for n in own.model_fields_set})
