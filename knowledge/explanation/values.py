"""What an explanation is made of: peg trees both ways, binding causes, and what would cure them. Frozen values.

Quantities are units of the item, times instants. `delivery` times are at the customer, all others in the plant.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from knowledge.awards import Award
from knowledge.calendars import LeadTime
from knowledge.deliveries import OnTime
from knowledge.instants import Instant
from knowledge.quantities import Units
from knowledge.supply import Supply


class DocumentKind(StrEnum):
    ORDER = "order"
    LINE = "line"
    WORK_ORDER = "work_order"
    PURCHASE_ORDER = "purchase_order"
    SHIPPING_ORDER = "shipping_order"


class PartState(StrEnum):
    """How a part of an order line stands; the worst first."""

    INFEASIBLE = "infeasible"
    QUESTION = "question"
    AWAITING_ENGINEERING = "awaiting_engineering"
    AWAITING_APPROVAL = "awaiting_approval"
    AT_RISK = "at_risk"
    LATE = "late"
    ON_TIME = "on_time"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class CauseKind(StrEnum):
    """Why something is not there earlier, or not at all."""

    LEAD_TIME = "lead_time"  # bought; even ordered at once it takes that long
    SUPPLIER_DATE = "supplier_date"  # the supplier named a later date than its lead time
    SUPPLIER_FULL = "supplier_full"  # its weeks are full before that
    ON_ORDER = "on_order"  # ordered or begun before the line was planned, and its date stands
    OVERDUE = "overdue"  # should have come, and has not
    BUSY = "busy"  # the work centre does other work first
    DOWN = "down"  # its machines stand
    CLOSED = "closed"  # it is closed for more of the time than the work takes
    RUN_TIME = "run_time"  # the work takes that long, even begun at once
    LOT = "lot"  # the lot that has to be made is larger than what is needed
    TRANSIT = "transit"  # even off the shelf it would have had to leave before it was ordered
    TOGETHER = "together"  # goes in one shipment with another line
    NO_OFFER = "no_offer"
    STOCK_ONLY = "stock_only"
    UNSELLABLE = "unsellable"  # no week of any offer holds the least that it sells
    TOO_LITTLE = "too_little"  # suppliers do not deliver so much within a year
    TOO_LONG = "too_long"  # it takes longer to come, or to make, than anybody promises for
    TOO_MANY = "too_many"  # it would take too many orders, its largest lot being so small
    NOT_OPEN = "not_open"  # its work centre is not open for so long within reach
    ENGINEERING = "engineering"
    QUESTION = "question"
    APPROVAL = "approval"
    REJECTED = "rejected"
    SAID = "said"  # only the reason that was given with the promise is known


MATERIAL = frozenset(
    {CauseKind.LEAD_TIME, CauseKind.SUPPLIER_DATE, CauseKind.SUPPLIER_FULL, CauseKind.ON_ORDER, CauseKind.OVERDUE}
)
"""Causes that are supply which comes late."""


class CureKind(StrEnum):
    EXPEDITE = "expedite"
    EXPEDITE_OTHER = "expedite_other"  # supply of the same item that its supplier has put off
    OTHER_SUPPLIER = "other_supplier"
    OVERTIME = "overtime"
    MACHINE = "machine"  # one more machine
    SPLIT = "split"
    SHIP_APART = "ship_apart"
    APPROVE = "approve"
    ALL = "all"  # the first cure of each cause together
    ACCEPT = "accept"
    LATER = "later"  # the customer agrees to the date that is promised
    RELEASE_DESIGN = "release_design"
    ANSWER = "answer"
    OFFER = "offer"
    OPEN = "open"  # a work centre open for longer
    LOT = "lot"  # a larger lot
    STOCK = "stock"
    REDUCE = "reduce"


@dataclass(frozen=True, slots=True)
class Cure:
    """Something that a person could do. What is not known of it is None or empty.

    `seconds` is how much earlier the document has to come than it could by itself, or how much overtime is worked;
    `time` is when it then comes; `delivery` is when the line could then be there, the other causes being cured as far
    as they have to be; `cost` is in the plant's currency, below 0 where it is cheaper. `hours` are when overtime is
    worked. `replanned` is when the line is there in a plan that was made anew with this cure alone: None where no
    plan was made, so that the rest is an estimate.
    """

    kind: CureKind
    document: str = ""
    item: str = ""
    quantity: Units | None = None
    supplier: str = ""
    work_centre: str = ""
    seconds: int | None = None
    time: Instant | None = None
    delivery: Instant | None = None
    on_time: bool = False
    cost: Decimal | None = None
    text: str = ""
    hours: tuple[tuple[Instant, Instant], ...] = ()
    replanned: Instant | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """Work that stands before something on its work centre, and the order lines that it is for."""

    document: str
    item: str
    start: Instant
    finish: Instant
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that keeps a line from being there when it is wanted.

    `documents` are the supply that is concerned, `quantity` what of it is for the line, `through` the work orders from
    there up to the line, the lowest first. `since` and `until` are when the waiting begins and ends; `possible` is how
    early a purchase could have come, ordered at once, when the line was promised. `earliest` is what the line could be
    promised for as far as this cause lets it, those named before it being cured; `without` what it could be with this
    cured, too. `before` is the first of the work that stands before it, `ahead` how much there is. `elsewhere` are
    other lines that have what would be there in time. What is there only `by_now` did not bind when the line was
    promised.
    """

    kind: CauseKind
    documents: tuple[str, ...] = ()
    item: str = ""
    quantity: Units | None = None
    needed: Units | None = None
    supplier: str = ""
    work_centre: str = ""
    step: str = ""
    since: Instant | None = None
    until: Instant | None = None
    possible: Instant | None = None
    lead_time: LeadTime | None = None
    seconds: int | None = None
    earliest: Instant | None = None
    without: Instant | None = None
    before: tuple[Before, ...] = ()
    ahead: int = 0
    through: tuple[str, ...] = ()
    elsewhere: tuple[tuple[str, Units], ...] = ()
    line: str = ""
    text: str = ""
    by_now: bool = False
    cures: tuple[Cure, ...] = ()


@dataclass(frozen=True, slots=True)
class Twig:
    """So many units that something waits for, with what they wait for in turn.

    `supply` is None for stock, and for what nothing covers (`missing`). One whose branches were shown before is
    `repeated`, one that the tree has no room for is `cut`. `binding` names it as a cause.
    """

    document: str
    item: str
    units: Units
    supply: Supply | None = None
    missing: bool = False
    overdue: bool = False
    binding: bool = False
    repeated: bool = False
    cut: bool = False
    twigs: tuple[Twig, ...] = ()


@dataclass(frozen=True, slots=True)
class Use:
    """So many units that are for something, with what that is for in turn. `document` may be `stock`,
    `safety_stock`, or `owed` for what left the shelf before it was booked in.

    `time` is when they are needed. For an order line, `state` and `delivery` say how it stands, and `binding` that
    it would be earlier if the supply were. One whose branches were shown before is `repeated`.
    """

    document: str
    item: str
    units: Units
    time: Instant | None = None
    supply: Supply | None = None
    state: PartState | None = None
    delivery: Instant | None = None
    binding: bool = False
    repeated: bool = False
    cut: bool = False
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Slack:
    """How much later the tightest place of a plan could be without a promise breaking; below 0 it breaks already.

    `supply` is that place, None for the shelf. It is to be ordered or begun in time, or to come where that is `done`.
    """

    seconds: int
    supply: Supply | None = None
    done: bool = False

    @property
    def time(self) -> Instant | None:
        """When it is to be ordered or begun, or to come."""
        if self.supply is None:
            return None
        return self.supply.time if self.done else self.supply.begin


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an order line that stands in one way: a release with its tree, or what is not planned.

    `decided` is when it was promised as it is, `planned` when it will be delivered as planned now, which is later
    than `promised` where it is at risk. `rest` is how much of the delay no cause explains, in seconds, where
    it is much.
    """

    item: str
    units: Units | None
    quantity: Decimal
    state: PartState
    requested: Instant | None
    promised: Instant | None
    planned: Instant | None = None
    ship: Instant | None = None
    decided: Instant | None = None
    reason: str = ""
    causes: tuple[Cause, ...] = ()
    cures: tuple[Cure, ...] = ()
    rest: int | None = None
    slack: Slack | None = None
    twigs: tuple[Twig, ...] = ()


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """An order line, part by part."""

    document: str
    item: str
    customer: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class SupplyAnswer:
    """A work order or a row of a purchase order: what it is for, and what it waits for.

    A purchase row that was planned has the `award` by which its supplier was chosen; `record` is how punctual that is.
    `learned` says what of how long it takes was learned, and not taken from the knowledge folder.
    """

    supply: Supply
    overdue: bool
    uses: tuple[Use, ...]
    twigs: tuple[Twig, ...]
    award: Award | None = None
    record: OnTime | None = None
    learned: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is said about one document at a time."""

    document: str
    kind: DocumentKind
    now: Instant
    lines: tuple[LineAnswer, ...] = ()
    supplies: tuple[SupplyAnswer, ...] = ()
    status: str = ""
