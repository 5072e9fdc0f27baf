"""Cures, tried: the line is planned anew with what each of them would change, in memory, and nothing of it is kept.

A cure is told from how early things could be, other causes being cured as well where they have to be. What the planner
itself makes of it alone, with everything that was promised before kept, is a plan: it may bring less, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from agents.planner.agent import PlannerAgent
from agents.planner.book import Commitment
from agents.planner.state import State
from agents.runtime.recorded import Recorded
from knowledge.explanation.values import Cause, Cure, CureKind, Explanation, LineAnswer, Part
from knowledge.instants import Instant
from knowledge.plant import Plant, SupplyStatus
from knowledge.quantities import Units
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.supply import PurchaseRow, Release, Supply, base_document

_MORE_PERCENT = (125, 150, 200, 300)
"""How much overtime is tried where what should be enough is not."""


@dataclass(frozen=True)
class Replanning:
    """The society's records, to plan with anew. A line of more parts than `most` is not tried."""

    store: Store
    plant: Plant
    now: Instant
    most: int = 20

    def tried(self, found: Explanation) -> Explanation:
        """The explanation with every cure tried that a plan can show."""
        return replace(found, lines=tuple(self._line(line) for line in found.lines))

    def _line(self, line: LineAnswer) -> LineAnswer:
        if len(line.parts) > self.most:
            return line
        return replace(line, parts=tuple(self._part(line.document, part) for part in line.parts))

    def _part(self, line: str, part: Part) -> Part:
        if part.requested is None or not part.causes:
            return part
        causes = tuple(self._cause(line, part, cause) for cause in part.causes)
        cures = tuple(self._cure(line, part, [cure]) for cure in part.cures)
        return replace(part, causes=causes, cures=(*self._all(line, part), *cures))

    def _all(self, line: str, part: Part) -> Iterator[Cure]:
        """What the first cure of each cause brings, all of them together, where there are several."""
        firsts = [first for cause in part.causes if (first := _first(cause))]
        if len(firsts) < 2:
            return
        cures = [cure for first in firsts for cure in first]
        time = self._planned(line, part, cures)
        if time is not None and part.planned is not None and time < part.planned:
            costs = [cure.cost for cure in cures if cure.cost is not None]
            on_time = part.requested is not None and time <= part.requested
            cost = sum(costs, Decimal(0)) if len(costs) == len(cures) else None
            yield Cure(CureKind.ALL, delivery=time, on_time=on_time, cost=cost, replanned=time)

    def _cause(self, line: str, part: Part, cause: Cause) -> Cause:
        """A cause with its cures tried; supply that is to be expedited together is tried together."""
        expedited = [cure for cure in cause.cures if cure.kind is CureKind.EXPEDITE]
        together = self._cure(line, part, expedited).replanned if expedited else None
        return replace(
            cause,
            cures=tuple(
                replace(cure, replanned=together) if cure in expedited else self._cure(line, part, [cure])
                for cure in cause.cures
            ),
        )

    def _cure(self, line: str, part: Part, cures: Sequence[Cure]) -> Cure:
        """The first of some cures that are tried together, with what a plan made anew says."""
        cure = cures[0]
        if cure.kind in (CureKind.LATER, CureKind.ACCEPT, CureKind.REDUCE):
            return replace(cure, replanned=cure.delivery)  # that is what is planned
        if any(each.kind not in _TRIALS for each in cures):
            return cure
        tried = replace(cure, replanned=self._planned(line, part, cures))
        if cure.kind is CureKind.OVERTIME and not _confirmed(tried):
            more = (replace(c, replanned=self._planned(line, part, [c])) for c in self._with_more(cure, part))
            return next((longer for longer in more if _confirmed(longer)), tried)
        return tried

    def _with_more(self, cure: Cure, part: Part) -> Iterator[Cure]:
        """More overtime: it may take more than it should, where work can only stand as a whole."""
        calendar = self.plant.work_centres[cure.work_centre].calendar
        begin, end = cure.hours[0][0], (cure.time or 0) + max(0, (part.planned or 0) - (cure.delivery or 0))
        for percent in _MORE_PERCENT:
            seconds = (cure.seconds or 0) * percent // 100
            hours = calendar.closed(begin, end, seconds, self._down.get(cure.work_centre, ()))
            if hours:
                cost = None if cure.cost is None else cure.cost * seconds / (cure.seconds or 1)
                yield replace(cure, seconds=seconds, hours=hours, cost=cost)

    @cached_property
    def _down(self) -> Mapping[str, tuple[tuple[Instant, Instant], ...]]:
        return books_of(self.store, self.plant, self.now).downtimes

    def _planned(self, line: str, part: Part, cures: Sequence[Cure]) -> Instant | None:
        """When the part is there in a plan made with the cures."""
        planner = PlannerAgent(self._plant(cures), self.now)
        planner.restore(Recorded(self.store))
        state = planner.state
        if not all(_can_be_tried(state, cure) for cure in cures):
            return None
        state.begin(self.now)
        for cure in cures:
            _TRIALS[cure.kind](state, cure)
        return _promised_anew(state, line, part, cures)

    def _plant(self, cures: Sequence[Cure]) -> Plant:
        """The plant with more of some work centres."""
        centres = dict(self.plant.work_centres)
        for cure in cures:
            centre = centres.get(cure.work_centre)
            if centre is not None and cure.kind is CureKind.OVERTIME:
                calendar = replace(centre.calendar, overtime=(*centre.calendar.overtime, *cure.hours))
                centres[centre.code] = replace(centre, calendar=calendar)
            if centre is not None and cure.kind is CureKind.MACHINE:
                centres[centre.code] = replace(centre, machines=centre.machines + 1)
        return replace(self.plant, work_centres=centres)


def _first(cause: Cause) -> list[Cure]:
    """The first cure of a cause that a plan can show; supply that is to be expedited is one."""
    tried = [cure for cure in cause.cures if cure.kind in _TRIALS]
    if tried and tried[0].kind is CureKind.EXPEDITE:
        return [cure for cure in tried if cure.kind is CureKind.EXPEDITE]
    return tried[:1]


def _confirmed(cure: Cure) -> bool:
    """Whether a plan made anew says the same of a cure, or better."""
    return cure.replanned is not None and cure.delivery is not None and cure.replanned <= cure.delivery


def _can_be_tried(state: State, cure: Cure) -> bool:
    """Whether the records have what a cure changes: a purchase, where it is of one."""
    of_purchase = cure.kind in (CureKind.EXPEDITE, CureKind.EXPEDITE_OTHER, CureKind.OTHER_SUPPLIER)
    return not of_purchase or isinstance(state.find_supply(cure.document), PurchaseRow)


def _promised_anew(state: State, line: str, part: Part, cures: Sequence[Cure]) -> Instant | None:
    """When all of a part is there, promised anew for when it was asked for; None where it is not promised at all.

    Of a part that is split it is when as much is there as the cure says.
    """
    meant = [r for r in _open(state).values() if base_document(r.document) == line and r.delivery == part.planned]
    if not meant:
        return None
    order, together = meant[0].order, meant[0].together
    split = [cure.quantity or 0 for cure in cures if cure.kind is CureKind.SPLIT]
    if split or any(cure.kind is CureKind.SHIP_APART for cure in cures):
        _set_apart(state, order)
        together = False
    asked = [r for r in _open(state).values() if (r.order == order if together else _is_of(r, meant))]
    for release in asked:
        promised = release.requested if release.requested is not None else release.promised
        state.releases[release.document] = replace(release, at_risk=True, promised=promised)
    others = _open(state).keys() - {release.document for release in meant}
    state.repair({state.book.shop.group_of[release.item] for release in asked}, "a trial", "")
    return _there(state, line, others, sum(split) or sum(release.quantity for release in meant))


def _open(state: State) -> dict[str, Release]:
    return {document: release for document, release in state.releases.items() if not release.shipped}


def _is_of(release: Release, meant: Sequence[Release]) -> bool:
    return release.document in {other.document for other in meant}


def _there(state: State, line: str, others: Collection[str], wanted: Units) -> Instant | None:
    """When so much of a line is there, besides its other releases."""
    news = [r for r in _open(state).values() if base_document(r.document) == line and r.document not in others]
    units = 0
    for release in sorted(news, key=lambda r: (r.delivery, r.document)):
        units += release.quantity
        if units >= wanted:
            return release.delivery
    return None


def _set_apart(state: State, order: str) -> None:
    """The lines of an order need not go in one shipment any more."""
    releases = [release for release in _open(state).values() if release.order == order]
    if any(release.together for release in releases):
        state.book.remove(order)
        for release in releases:
            state.releases[release.document] = replace(release, together=False)
            need = release.item, release.quantity, release.document
            state.book.add(Commitment(release.document, release.ready, (need,), release.sequence))


# -- what a cure changes


def _earlier(state: State, cure: Cure) -> None:
    """A purchase comes at a time, ordered now where it was not yet."""
    row, time = state.find_supply(cure.document), cure.time
    if isinstance(row, PurchaseRow) and time is not None:
        _bought(state, row, replace(row, due=time, order_by=min(row.order_by, time)))


def _elsewhere(state: State, cure: Cure) -> None:
    """What a purchase brings is bought of another supplier."""
    row, time = state.find_supply(cure.document), cure.time
    if isinstance(row, PurchaseRow) and time is not None:
        units = cure.quantity or row.quantity
        new = replace(row, supplier=cure.supplier, quantity=units, received=0, due=time, order_by=state.now)
        _bought(state, row, new)


def _bought(state: State, old: Supply, new: PurchaseRow) -> None:
    if old.status is SupplyStatus.PLANNED:
        state.drop_planned(old)
        new = replace(new, status=SupplyStatus.RELEASED)
    state.set_firm(new)


def _nothing(state: State, cure: Cure) -> None:
    """What is changed is the plant, or how the line may go."""


_TRIALS: dict[CureKind, Callable[[State, Cure], None]] = {
    CureKind.EXPEDITE: _earlier,
    CureKind.EXPEDITE_OTHER: _earlier,
    CureKind.OTHER_SUPPLIER: _elsewhere,
    CureKind.OVERTIME: _nothing,
    CureKind.MACHINE: _nothing,
    CureKind.SPLIT: _nothing,
    CureKind.SHIP_APART: _nothing,
}
"""What of a planner's state each cure changes, before the line is promised anew."""
