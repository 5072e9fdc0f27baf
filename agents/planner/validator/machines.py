"""Work on the machines: what stands on each, and whether one thing comes after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agents.planner.validator.documents import Rules
from agents.planner.validator.values import Law, Refusal
from knowledge.instants import Instant
from knowledge.supply import OperationSlot, Supply, WorkOrder


class Busy(NamedTuple):
    """A machine is busy from its start until its finish with the n-th operation of a work order."""

    start: Instant
    finish: Instant
    document: str
    place: int


Machine = tuple[str, int]
"""A work centre and the number of a machine of it."""


def busy(order: WorkOrder) -> Iterator[tuple[Machine, Busy]]:
    """When a work order occupies which machines."""
    for index, slot in enumerate(order.operations):
        if slot.start < slot.finish:
            yield (slot.work_centre, slot.machine), Busy(slot.start, slot.finish, order.document, index)


def one_after_another(
    rules: Rules, supply: Mapping[str, Supply], work: Iterable[Busy], now: Instant
) -> Iterator[Refusal]:
    """What is wrong on one machine, by definition: work still to begin that lies on other work.

    What has begun already, and is not over, stands where it stands; what is to begin waits for the last of it.
    """
    live = sorted(entry for entry in work if entry.finish > now)
    before = last_begun(entry for entry in live if entry.start < now)
    for entry in live:
        if entry.start >= now:
            if before is not None:
                yield from conflict(rules, supply, before, entry)
            before = entry


def last_begun(begun: Iterable[Busy]) -> Busy | None:
    """Of the work that has begun, what is over last."""
    return max(begun, key=lambda entry: (entry.finish, entry), default=None)


def conflict(rules: Rules, supply: Mapping[str, Supply], before: Busy, entry: Busy) -> Iterator[Refusal]:
    """What is wrong between two pieces of work that follow each other on a machine."""
    order, slot = operation(supply, entry)
    if before.finish > entry.start:
        where = f"machine {slot.machine} of {slot.work_centre}"
        text = f"step {slot.step} lies on {before.document} on {where} at {rules.when(entry.start)}"
        yield Refusal(Law.OVERLAP, entry.document, text)
    if rules.plant.setups:
        yield from rules.changeover(operation(supply, before)[0], order, slot)


def operation(supply: Mapping[str, Supply], entry: Busy) -> tuple[WorkOrder, OperationSlot]:
    """The order and operation that keep a machine busy."""
    order = supply[entry.document]
    assert isinstance(order, WorkOrder)
    return order, order.operations[entry.place]
