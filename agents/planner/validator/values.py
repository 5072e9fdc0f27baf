"""What is validated, a whole plan or a change of one, and what is found: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias, TypeVar

from knowledge.instants import Instant
from knowledge.plant import Plant, SupplyStatus
from knowledge.quantities import Units
from knowledge.shelf_life import Lots
from knowledge.supply import Release, Supply, WorkOrder

Stretches: TypeAlias = tuple[tuple[Instant, Instant], ...]
"""Times, each from its begin until its end."""

V = TypeVar("V")

Dates: TypeAlias = tuple[tuple[Instant, Units], ...]
"""(time, units) of receipts (above 0) and requirements (below 0)."""


class Law(StrEnum):
    """What a plan has to keep."""

    PAST = "past"
    LOT = "lot"
    BILL = "bill"
    ROUTE = "route"
    MINUTES = "minutes"
    SEQUENCE = "sequence"
    OPEN_TIME = "open time"
    MACHINE = "machine"
    OVERLAP = "overlap"
    LEAD_TIME = "lead time"
    OFFER = "offer"
    WEEK = "week"
    MATERIAL = "material"
    NEED = "need"
    PROMISE = "promise"
    SHIPMENT = "shipment"


@dataclass(frozen=True, order=True, slots=True)
class Refusal:
    """A law that a plan breaks, the document or item that breaks it, and how; `document` is the need of an item that is
    not met."""

    law: Law
    subject: str
    text: str
    document: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.law}: {self.subject}: {self.text}"


@dataclass(frozen=True, slots=True)
class Whole:
    """A plan with all that it has to fit: open supply and releases still to ship, by document; stock; downtimes.

    `shelves` say what on the shelf of an item belongs to whom, `customers` whose reserved stock an order line may
    take, `others` what other planners have reserved. A release needs its item when it is to be shipped; an order that
    has not drawn its components needs them at its start.
    """

    plant: Plant
    now: Instant
    supply: Mapping[str, Supply] = field(default_factory=dict)
    releases: Mapping[str, Release] = field(default_factory=dict)
    on_hand: Mapping[str, Units] = field(default_factory=dict)
    lots: Mapping[str, Lots] = field(default_factory=dict)
    shelves: Mapping[str, Mapping[str, Units]] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, Dates] = field(default_factory=dict)
    downtimes: Mapping[str, Stretches] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What of a whole plan is to be otherwise: the new value by key, None (or nothing on a shelf) for what goes.

    `others`, `plant` and `downtimes` are None where they stay as they are, and given whole where they do not.
    """

    now: Instant
    supply: Mapping[str, Supply | None] = field(default_factory=dict)
    releases: Mapping[str, Release | None] = field(default_factory=dict)
    on_hand: Mapping[str, Units] = field(default_factory=dict)
    lots: Mapping[str, Lots] = field(default_factory=dict)
    shelves: Mapping[str, Mapping[str, Units]] = field(default_factory=dict)
    customers: Mapping[str, str | None] = field(default_factory=dict)
    others: Mapping[str, Dates] | None = None
    plant: Plant | None = None
    downtimes: Mapping[str, Stretches] | None = None


def is_open(supply: Supply | None) -> bool:
    """Whether supply still counts: something of it is to come, or it waits for components that nobody can supply."""
    return (
        supply is not None
        and supply.status not in (SupplyStatus.DONE, SupplyStatus.CANCELLED)
        and (supply.receipt > 0 or (isinstance(supply, WorkOrder) and supply.starved))
    )


def changed(whole: Whole, change: Change) -> Whole:
    """A whole plan with a change made in it."""
    return replace(
        whole,
        now=max(whole.now, change.now),
        plant=whole.plant if change.plant is None else change.plant,
        supply=_with(whole.supply, change.supply),
        releases=_with(whole.releases, change.releases),
        on_hand=_with(whole.on_hand, change.on_hand),
        lots=_with(whole.lots, change.lots),
        shelves=_with(whole.shelves, change.shelves),
        customers=_with(whole.customers, change.customers),
        others=whole.others if change.others is None else dict(change.others),
        downtimes=whole.downtimes if change.downtimes is None else dict(change.downtimes),
    )


def _with(old: Mapping[str, V], new: Mapping[str, V | None]) -> dict[str, V]:
    found = dict(old)
    for key, value in new.items():
        put(found, key, value)
    return found


def put(where: dict[str, V], key: str, value: V | None) -> None:
    """Set a key of a dictionary; None for one that goes."""
    if value is None:
        where.pop(key, None)
    else:
        where[key] = value
