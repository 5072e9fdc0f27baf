"""What is looked at after every step of an ordeal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from agents.inventory.agent import InventoryAgent
from agents.planner.agent import PlannerAgent
from agents.planner.validator.of_state import whole_of
from agents.planner.validator.values import Law, Whole
from agents.planner.validator.whole import validate
from agents.runtime.simulated import SimulatedHost
from knowledge.store.tables import AgentStateRow, MessageRow
from knowledge.supply import base_document
from simulations.torture.case import Step
from simulations.torture.faults import OUTSIDE, Faults
from simulations.torture.laws import (
    Ordered,
    changed_by_nobody,
    late_without_a_reason,
    stock_that_came_from_nowhere,
    without_cause,
)
from simulations.torture.moments import TABLES, Kept, Moment, was_taken

_PLANNED = ("supplier_confirmation", "goods_receipt", "operation_report", "stock_count", "machine_downtime")
"""Facts on whose account the planner always has something to do."""


class Watch:
    """Remembers how a society stood before a step. `now` is how it stood when it was last looked at, `kept` are its
    tables."""

    def __init__(self, now: Moment, kept: Kept) -> None:
        self.now = now
        self.kept = kept
        self.ordered = Ordered()
        self.seen: list[dict[str, Any]] = []

    def after(self, host: SimulatedHost, now: Moment, step: Step) -> list[str]:
        """What does not hold after a step."""
        before, self.now = self.now, now
        return [
            *self._laws(before, now, step),
            *self._exits(before, now, step),
            *_unanswered(host, self.kept),
            *self._refusals(host, before, step),
        ]

    def _laws(self, before: Moment, now: Moment, step: Step) -> Iterator[str]:
        yield from (text for text in now.found if _planned(before, now, step) or not text.startswith("overdue"))
        yield from late_without_a_reason(now)
        if step.files is not None:
            return  # what was planned is another plant's
        yield from without_cause(before, now, step.documents)
        yield from changed_by_nobody(before, now, step.documents)
        yield from stock_that_came_from_nowhere(before, now, step.documents)

    def _refusals(self, host: SimulatedHost, before: Moment, step: Step) -> Iterator[str]:
        planned = _planned(before, self.now, step)
        for refusal in validate(whole_of(_planner(host).state)):
            if planned or refusal.law is not Law.PAST:
                yield f"validator: {refusal}"

    def _exits(self, before: Moment, now: Moment, step: Step) -> Iterator[str]:
        taken, duplicate, refused = (b - a for a, b in zip(before.counts, now.counts, strict=True))
        if taken + duplicate + refused != len(step.documents):
            yield f"exit: {now.counts} after {before.counts}"
        again = sum(document in self.seen for document in step.documents)
        if again > duplicate:
            yield f"exit: the same document again was taken: {step.documents}"
        self.seen.extend(step.documents)
        if was_taken(before, now):
            for document in step.documents:
                self.ordered.take(document)
        elif step.documents and step.files is None and now.minutes == before.minutes:
            for model in TABLES:
                if before.rows[model] != now.rows[model]:
                    yield f"changed by what was not taken: {model.__name__}: {step.documents}"
        yield from self.ordered.lost(now)


def rebuilt(host: SimulatedHost) -> list[str]:
    """In what agents made anew from the records would not be as those that run."""
    planner, inventory = host.dispatcher.make("planner"), host.dispatcher.make("inventory")
    running = host.agents["inventory"]
    assert isinstance(planner, PlannerAgent)
    assert isinstance(inventory, InventoryAgent)
    assert isinstance(running, InventoryAgent)
    return [*_other_plan(_planner(host), planner), *_other_functions(running, inventory)]


def _planned(before: Moment, now: Moment, step: Step) -> bool:
    """Whether the planner had something to do on account of a step, and no time passed, so that nothing is overdue."""
    return (
        was_taken(before, now)
        and now.minutes <= step.minutes
        and any(
            all(line.get("item") for line in document["lines"])
            if document["type"] == "customer_order"
            else document["type"] in _PLANNED
            for document in step.documents
        )
    )


def _planner(host: SimulatedHost) -> PlannerAgent:
    planner = host.agents["planner"]
    assert isinstance(planner, PlannerAgent)
    return planner


def _other_plan(running: PlannerAgent, anew: PlannerAgent) -> Iterator[str]:
    was, would_be, gate = _plain(whole_of(running.state)), _plain(whole_of(anew.state)), _plain(running.gate.whole())
    for name in Whole.__dataclass_fields__:
        if name not in ("plant", "now"):
            if getattr(was, name) != getattr(would_be, name):
                yield f"rebuilt: {name}: {_unlike(getattr(was, name), getattr(would_be, name))}"
            if getattr(was, name) != getattr(gate, name):
                yield f"gate: {name}: {_unlike(getattr(was, name), getattr(gate, name))}"
    known = anew.state.unseen - running.state.unseen
    anew.state.look_at(known)
    for group in sorted(known):
        kept, found = (group in planner.state.book.fragile for planner in (running, anew))
        if kept != found:
            yield f"rebuilt: fragile: group {group}: {kept} running, {found} anew"


def _unlike(one: Any, other: Any) -> str:
    if isinstance(one, Mapping):
        keys = [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
        return "; ".join(f"{key}: {one.get(key)} running, {other.get(key)} anew" for key in keys[:3])
    return f"{one} running, {other} anew"


def _plain(whole: Whole) -> Whole:
    """Without what means nothing: no stock, nobody's shelf, and of lines whose customer has nothing on a shelf."""
    holders = {holder for shelf in whole.shelves.values() for holder, units in shelf.items() if units}
    lines = {base_document(document) for document in whole.releases}
    return replace(
        whole,
        customers={line: who for line, who in whole.customers.items() if line in lines and who in holders},
        on_hand={item: units for item, units in whole.on_hand.items() if units},
        lots={item: lots for item, lots in whole.lots.items() if lots},
        shelves={item: dict(shelf) for item, shelf in whole.shelves.items() if shelf},
    )


def _other_functions(running: InventoryAgent, anew: InventoryAgent) -> Iterator[str]:
    for item in sorted(running.plant.items):
        one, other = running.items[item], anew.items[item]
        if (one.on_hand, dict(one.events)) != (other.on_hand, dict(other.events)):
            yield f"rebuilt: availability of {item}: {one} running, {other} anew"
    for name in ("holds", "lots", "basis", "coming", "owners"):
        if getattr(running, name) != getattr(anew, name):
            yield f"rebuilt: inventory's {name}: {getattr(running, name)} running, {getattr(anew, name)} anew"


def _unanswered(host: SimulatedHost, kept: Kept) -> Iterator[str]:
    """Messages of the past that nobody has handled, and documents that nobody has answered."""
    disturbance = host.disturbance
    held = disturbance.held if isinstance(disturbance, Faults) else {}
    for row in kept.rows(MessageRow, "message", "kind", "due", "receiver", status="waiting"):
        due = max(row["due"], held.get(row["message"], 0))
        if due <= host.now and row["receiver"] not in OUTSIDE:
            yield f"waiting: {row['kind']} to {row['receiver']}"
    for row in kept.rows(AgentStateRow, agent="intake"):
        if row["key"].startswith("pending:"):
            yield f"pending: {row['body']}"
