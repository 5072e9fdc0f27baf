"""What is said to and by inventory, the only owner of availability."""

from __future__ import annotations

from knowledge.documents import StockCount
from knowledge.quantities import Units
from knowledge.supply import PurchaseRow, WorkOrder
from protocols.envelope import Content

HOLD_HOURS = 1
"""How long inventory holds what it has proposed, and how long its answer is waited for."""


class Event(Content):
    """A dated receipt (units above 0) or requirement (below 0) of an item, by document. 0 removes it."""

    item: str
    document: str
    time: int
    units: Units
    status: str = "planned"


class Reserve(Content):
    """Can you hold all of this? Events to be set; `basis` is the state of stock that the planner reckoned with."""

    basis: int
    events: tuple[Event, ...]
    moves: tuple[tuple[str, Units], ...] = ()
    """(item, units) that leave the shelf (negative) for work orders released, or come from the floor."""


class Reserved(Content):
    """Held for you until you accept or reject."""

    hold: str
    until: int


class ShortOf(Content):
    """What is left of an item: on hand, and (time, promisable from then on).

    `others` are (time, units) of every event of the item that is not the asker's own: what to reckon with besides.
    """

    item: str
    on_hand: Units
    staircase: tuple[tuple[int, Units], ...]
    others: tuple[tuple[int, Units], ...] = ()


class CannotReserve(Content):
    """Refused, with what is left of the items concerned and the state of stock to reckon with.

    As a failure it answers a commit: the hold had lapsed and somebody else has what it held. `lost` and `lost_moves`
    are what the asker counted on.
    """

    reason: str
    basis: int
    left: tuple[ShortOf, ...] = ()
    lost: tuple[Event, ...] = ()
    lost_moves: tuple[tuple[str, Units], ...] = ()


class Commit(Content):
    """Make the hold final: all of it, or only the events of some documents; the rest is let go."""

    hold: str
    documents: tuple[str, ...] | None = None


class Release(Content):
    """Let the hold go."""

    hold: str


class Committed(Content):
    """Done."""

    hold: str


class WatchStock(Content):
    """Tell me whenever stock, or firm supply, changes by itself."""


class StockChanged(Content):
    """Facts have changed: new stock of items, supply as it is now, releases that left. `document` reported it.

    `was` is the supply as it was: who was made anew before it heard of the change knows it so. `reserved` are (item,
    customer, units) of the opening balance.
    """

    basis: int
    on_hand: tuple[tuple[str, Units], ...]
    document: str
    lots: tuple[tuple[str, tuple[tuple[int, Units], ...]], ...] = ()
    """(expires, units) by item, of those of them that do not keep."""
    supply: tuple[PurchaseRow | WorkOrder, ...] = ()
    was: tuple[PurchaseRow, ...] = ()
    shipped: tuple[str, ...] = ()
    reserved: tuple[tuple[str, str, Units], ...] = ()


class OpeningBalance(Content):
    """Stock as the society begins; (item, customer, units) of it are reserved for one customer's orders."""

    stock: tuple[tuple[str, Units], ...]
    reserved: tuple[tuple[str, str, Units], ...] = ()


class CountStock(Content):
    """The shelf was counted."""

    count: StockCount


class MoveStock(Content):
    """Stock has moved: (item, units; negative leaves). Sets events, too: what was received is no longer to come.

    `supply`, as it is and as it `was`, and `shipped` are passed on to those who watch, so that they learn of both sides
    at once.
    """

    document: str
    moves: tuple[tuple[str, Units], ...]
    events: tuple[Event, ...] = ()
    supply: tuple[PurchaseRow | WorkOrder, ...] = ()
    was: tuple[PurchaseRow, ...] = ()
    shipped: tuple[str, ...] = ()


class StockMoved(Content):
    """Done."""

    basis: int


class StockRefused(Content):
    """The report cannot be taken, and why."""

    reason: str
