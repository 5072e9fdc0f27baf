"""Supply and demand as the society keeps them: work orders, purchase rows, commitments, and their document names.

A document name is what pegs and availability events are keyed by: a work order's number, a row of a purchase order
(`number` for the first, `number#row` for the others), or a release of an order line
(`source/number/line`, or with `#release`). Parts are percent-encoded, so `/` and `#` only ever separate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote, unquote

from knowledge.instants import Instant
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units

STOCK = "stock"
SAFETY_STOCK = "safety_stock"


_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch


def encode(part: str) -> str:
    """A name that may stand in a document name: percent-encoded."""
    return part if _PLAIN(part) else _quoted(part)


@lru_cache(maxsize=100_000)
def _quoted(part: str) -> str:
    return quote(part, safe="")


def line_document(source: str, number: str, line: str) -> str:
    """The document name of an order line."""
    return f"{encode(source)}/{encode(number)}/{encode(line)}"


def order_document(source: str, number: str) -> str:
    """The document name of an order."""
    return f"{encode(source)}/{encode(number)}"


def base_document(document: str) -> str:
    """The document a release or purchase row belongs to: without `#…`."""
    return document.partition("#")[0]


def readable(document: str) -> str:
    """A document name as people write it."""
    return unquote(document)


@dataclass(frozen=True, slots=True)
class OperationSlot:
    """An operation on one machine (numbered from 1) of a work centre; it pauses in closed time.

    `done` is how many good pieces of it were reported, None while nothing was.
    """

    step: str
    work_centre: str
    machine: int
    start: Instant
    finish: Instant
    minutes: int
    done: Units | None = None


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """A work order. Components are needed at `start`; a `drawn` one has taken them off the shelf.

    `cause` is the document whose need it was first made for: it keeps its number as long as that need lasts.
    `made` is what reports have already brought to stock. A `starved` one waits for components that nobody can supply:
    nothing is counted on from it until they can. `kept` of what is still to come is for the custom order line
    that it was made for, and for nobody else. `key` names what a planned one is made for, down from the order line, and
    `turn` says when it was placed, where that is after others and without moving them.
    """

    number: str
    item: str
    quantity: Units
    start: Instant
    finish: Instant
    status: SupplyStatus
    components: tuple[tuple[str, Units], ...] = ()
    operations: tuple[OperationSlot, ...] = ()
    revision: str = ""
    cause: str = ""
    drawn: bool = False
    made: Units = 0
    starved: bool = False
    kept: Units = 0
    key: str = ""
    turn: int = 0
    document: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "document", encode(self.number))

    @property
    def receipt(self) -> Units:
        """What is still to come of it."""
        return 0 if self.starved else max(0, self.quantity - self.made)

    @property
    def came(self) -> Units:
        """What has come of it."""
        return self.made

    @property
    def time(self) -> Instant:
        """When it is in stock."""
        return self.finish

    @property
    def begin(self) -> Instant:
        """When it is to be released at the latest."""
        return self.start


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """One item of a purchase order, due once."""

    number: str
    row: int
    supplier: str
    item: str
    quantity: Units
    unit_price: Decimal
    currency: str
    order_by: Instant
    due: Instant
    status: SupplyStatus
    cause: str = ""
    received: Units = 0
    document: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        number = encode(self.number)
        object.__setattr__(self, "document", number if self.row == 1 else f"{number}#{self.row}")

    @property
    def receipt(self) -> Units:
        """What is still to come of it."""
        return max(0, self.quantity - self.received)

    @property
    def came(self) -> Units:
        """What has come of it."""
        return self.received

    @property
    def time(self) -> Instant:
        """When it is in stock."""
        return self.due

    @property
    def begin(self) -> Instant:
        """When it is to be ordered at the latest."""
        return self.order_by


Supply = WorkOrder | PurchaseRow


@dataclass(frozen=True, slots=True)
class Release:
    """What of one order line is to be shipped at one time.

    `ship` is what supply is planned for; `promised` is what the customer was told (a delivery time, later by the
    transit time), None while nobody was told. They differ only where a promise is at risk. `held` waits for an
    approval, `together` goes in one shipment with the rest of its order. `sequence` is the order of receipt. `ready` is
    when its supply is planned for: `ship`, or earlier where capacity is free only then. `overdue` was promised anew
    because what it waits for has not come when it should have.
    """

    document: str
    order: str
    line: str
    item: str
    quantity: Units
    ship: Instant
    promised: Instant | None
    requested: Instant | None
    sequence: int
    customer: str
    transit: int = 0
    held: bool = False
    at_risk: bool = False
    custom: bool = False
    together: bool = False
    reason: str = ""
    ready: Instant = 0
    shipped: bool = False
    overdue: bool = False

    @property
    def delivery(self) -> Instant:
        """When it would reach the customer as planned."""
        return self.ship + self.transit
