"""What the planner learns of its own work: how long steps really take, by item, work centre and length of run.

Purchasing learns how long suppliers take, and tells by its quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field

from agents.planner.state import State
from knowledge.documents import OperationReport
from knowledge.instants import parse
from knowledge.learning import (
    WINDOW,
    Worked,
    has_moved,
    kept_way,
    learned_way,
    way_kept,
    way_of,
    with_ways,
)
from knowledge.plant import Alternative, Plant, SupplyStatus
from knowledge.quantities import Units, to_units
from knowledge.supply import OperationSlot, Supply, WorkOrder, encode

WORKED = "worked"
WORKING = "working"
"""Kinds of rows: what was learned of an item, and what was reported so far of the steps of an open work order."""

Place = tuple[str, str]
"""A step, and a work centre that does it."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What a report says of work on a step: so many seconds for so many units, and whether that was all of it."""

    order: WorkOrder
    place: Place
    seconds: int
    units: Units
    over: bool


@dataclass(slots=True)
class _Item:
    """What was learned of an item: works by place, and the ways that plans reckon with."""

    works: dict[Place, list[Worked]] = field(default_factory=dict)
    ways: dict[Place, Alternative] = field(default_factory=dict)


@dataclass(slots=True)
class Workshop:
    """What is remembered of work. `standard` are the plant's own alternatives of what was learned otherwise."""

    items: dict[str, _Item] = field(default_factory=dict)
    open: dict[str, dict[Place, tuple[int, Units]]] = field(default_factory=dict)
    standard: dict[tuple[str, str, str], Alternative] = field(default_factory=dict)

    # -- what is observed

    def observe(self, state: State, report: OperationReport) -> Observed | None:
        """What a report says of how long work took, before it is taken; None where it does not say it."""
        learning = state.plant.learning
        supply = state.find_supply(encode(report.work_order))
        if learning is None or learning.operation_quantile is None or not isinstance(supply, WorkOrder):
            return None
        slot = _slot(supply, report)
        if slot is None or report.started is None or report.finished is None:
            return None
        centre = report.work_centre or slot.work_centre
        if centre in state.book.shop.changeovers or centre not in state.book.shop.axes:
            return None  # how long a set-up takes there depends on what was on the machine before
        axis = state.book.shop.axes[centre]
        started, finished = (parse(time, state.plant.zone) for time in (report.started, report.finished))
        try:
            decimals = state.plant.items[supply.item].decimals
            units = 0 if report.good is None else to_units(report.good + report.scrap, decimals)
        except ValueError:
            return None  # the report will be refused
        before = self.open.get(supply.number, {}).get((slot.step, centre), (0, 0))[1]
        last = slot.step == supply.operations[-1].step
        over = report.complete or not last or before + units >= supply.quantity
        seconds = axis.open_seconds(finished) - axis.open_seconds(started)
        return Observed(supply, (slot.step, centre), max(0, seconds), units, over)

    def take(self, plant: Plant, observed: Observed) -> bool:
        """Remember what was observed; whether it teaches times that are far from those that plans reckon with."""
        order, place = observed.order, observed.place
        steps = self.open.setdefault(order.number, {})
        seconds, units = steps.get(place, (0, 0))
        steps[place] = seconds + observed.seconds, units + observed.units
        if not observed.over:
            return False
        seconds, units = steps.pop(place)
        if not seconds:
            return False
        item = self.items.setdefault(order.item, _Item())
        works = item.works.setdefault(place, [])
        works.append(Worked(units or order.quantity, seconds))
        del works[:-WINDOW]
        now = way_of(plant, order.item, *place)
        return now is not None and has_moved(
            plant, order.item, now, self._learned(plant, order.item, place, now), works
        )

    def close(self, order: WorkOrder) -> None:
        """A work order is over: what was begun of it teaches nothing."""
        self.open.pop(order.number, None)

    # -- what it teaches

    def relearn(self, plant: Plant, codes: Iterable[str]) -> Plant:
        """The plant with the times of some items as they are learned now."""
        for code in codes:
            item = self.items.get(code)
            if item is None or code not in plant.routes:
                continue
            ways = {}
            for place in item.works:
                now = way_of(plant, code, *place)
                if now is not None:
                    ways[place] = self._learned(plant, code, place, now)
                    self.standard.setdefault((code, *place), now)
            item.ways = ways
            plant = with_ways(plant, code, ways)
        return plant

    def forget(self, code: str) -> None:
        """An item is made in another way than it was: what is known of it says nothing any more."""
        self.items.pop(code, None)
        for key in [key for key in self.standard if key[0] == code]:
            del self.standard[key]

    def _learned(self, plant: Plant, code: str, place: Place, now: Alternative) -> Alternative:
        standard = self.standard.get((code, *place), now)
        return learned_way(plant, code, standard, self.items[code].works[place])

    # -- as it is stored

    def rows(self, plant: Plant, observed: Observed) -> Iterator[tuple[str, str]]:
        """(key, body) of what an observation has changed; an empty body where nothing is to be kept."""
        number, code = observed.order.number, observed.order.item
        steps = [[*place, *sums] for place, sums in self.open.get(number, {}).items()]
        yield f"{WORKING}:{number}", json.dumps(steps) if steps else ""
        if code in self.items:
            yield self.row(plant, code)

    def row(self, plant: Plant, code: str) -> tuple[str, str]:
        """(key, body) of what was learned of an item; an empty body where that is nothing."""
        item = self.items.get(code)
        if item is None:
            return f"{WORKED}:{code}", ""
        works = [[*place, [astuple(work) for work in some]] for place, some in item.works.items()]
        ways = [
            kept_way(plant, place[0], way, self.standard[code, *place])
            for place, way in item.ways.items()
            if way.learned_percent is not None
        ]
        return f"{WORKED}:{code}", json.dumps({"works": works, "ways": ways})

    def restore(self, plant: Plant, rows: Iterable[tuple[str, str]]) -> Plant:
        """Remember what was kept, if it is to be learned from; the plant with the times that plans reckoned with."""
        if plant.learning is None or plant.learning.operation_quantile is None:
            return plant
        for key, body in rows:
            kind, _, name = key.partition(":")
            if kind == WORKING:
                self.open[name] = {(step, centre): (sec, units) for step, centre, sec, units in json.loads(body)}
            elif kind == WORKED:
                plant = self._restore_item(plant, name, body)
        return plant

    def _restore_item(self, plant: Plant, code: str, body: str) -> Plant:
        item = self.items[code] = _Item()
        kept = json.loads(body)
        for step, centre, some in kept["works"]:
            item.works[step, centre] = [Worked(*work) for work in some]
        for each in kept["ways"]:
            place = each[0], each[1]
            now = way_of(plant, code, *place)
            if now is not None:
                self.standard[code, *place] = now
                item.ways[place] = way_kept(plant, each, now) or self._learned(plant, code, place, now)
        return with_ways(plant, code, item.ways) if item.ways else plant


def _slot(order: WorkOrder, report: OperationReport) -> OperationSlot | None:
    """The operation that a report is about: the one that it names, or the only one."""
    if report.step is None:
        return order.operations[0] if len(order.operations) == 1 else None
    return next((slot for slot in order.operations if slot.step == report.step), None)


def is_over(order: Supply | None) -> bool:
    """Whether nothing more will be reported on a work order."""
    return order is None or order.status in (SupplyStatus.DONE, SupplyStatus.CANCELLED)
