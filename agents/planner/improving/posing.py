"""The plan of a group as a problem to sequence: what may move, what stays, and what a better sequence would bring.

One job is one planned work order. It ends before the need that it is made for: a promise, or the start of another. Its
other material is what it is pegged to now: where every job starts only once its own is there, netting by time finds
enough for all of them, whoever takes which piece in the end. A promise is a deadline, what was asked for is when it is
due. Times are minutes from `origin`, rounded so that none gets better by it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from agents.planner.book import Commitment
from agents.planner.purchases import Buyer, counted
from agents.planner.routing import Operation, minutes_of, operations_of
from agents.planner.sequencing import (
    Alternative,
    FixedOperation,
    Incumbent,
    Job,
    Placement,
    Problem,
    Schedule,
    WorkCentre,
)
from agents.planner.sequencing.incumbency import put_off
from agents.planner.state import State
from knowledge.instants import DAY, MINUTE, Instant
from knowledge.plant import Customer
from knowledge.quantities import Units, ceil_div
from knowledge.supply import STOCK, OperationSlot, PurchaseRow, Release, WorkOrder

WEIGHT = 1_000
"""What a minute's lateness of a whole order costs, where its customer's lateness weight is 1."""

PER_MINUTE = 1
"""What it costs to move an operation by a minute: a thousandth of a minute's lateness of such an order."""

_LEAD_TIME = "lead time\0"
"""The work centre of orders without a route: none waits there for another."""

_BEYOND = 60 * DAY
"""How far beyond the plan's end the calendars are looked at."""


@dataclass(frozen=True, slots=True)
class Posed:
    """A problem, the instant of its minute 0, and the planned work orders that its jobs are, by name."""

    problem: Problem
    origin: Instant
    orders: dict[str, WorkOrder]

    def instant(self, minutes: int) -> Instant:
        """The time of a minute."""
        return self.origin + minutes * MINUTE


def posed(state: State, group: int) -> Posed | None:
    """The sequencing problem of a group's planned work; None where there is none."""
    posing = _Posing(state, group)
    posing.run()
    return posing.posed()


@dataclass(slots=True)
class _Ready:
    """When something is there: at a minute, and once some jobs have ended."""

    release: int = 0
    after: set[str] = field(default_factory=set)

    def wait(self, other: _Ready) -> None:
        """Wait for something else, too."""
        self.release = max(self.release, other.release)
        self.after |= other.after


@dataclass(slots=True)
class _Posing:
    state: State
    group: int
    origin: Instant = 0
    jobs: list[Job] = field(default_factory=list)
    orders: dict[str, WorkOrder] = field(default_factory=dict)
    ready: dict[str, _Ready] = field(default_factory=dict)
    """When what a planned work order makes is there, by document."""
    made_for: dict[tuple[str, str], list[WorkOrder]] = field(default_factory=dict)
    """The planned work orders by the need that they are made for, and their item."""
    pegs: dict[str, dict[str, list[tuple[str, Units]]]] = field(default_factory=dict)
    """What each need of an item is pegged to."""
    places: list[Placement] = field(default_factory=list)
    lasting: int = 0
    """How many orders are made in a lead time."""

    def __post_init__(self) -> None:
        self.origin = self.state.now // MINUTE * MINUTE

    def run(self) -> None:
        """Make a job of every planned work order, components before what they go into."""
        book = self.state.book
        items = book.shop.groups[self.group]
        self.pegs = {item: self.state.pegs(item).of_need() for item in items}
        shelves = [self.state.planned[item] for item in reversed(items) if item in self.state.planned]
        planned = [o for shelf in shelves for _, o in sorted(shelf.items()) if isinstance(o, WorkOrder)]
        for order in planned:
            self.made_for.setdefault((order.cause, order.item), []).append(order)
        for order in planned:
            self._pose(order)

    def posed(self) -> Posed | None:
        """The problem of the jobs."""
        if not self.jobs:
            return None
        end = max(order.finish for order in self.orders.values()) + _BEYOND
        fixed = tuple(self._fixed())
        used = {way.work_centre for job in self.jobs for ways in job.operations for way in ways}
        centres = [self._centre(code, end) for code in sorted(used | {block.work_centre for block in fixed})]
        problem = Problem(tuple(centres), tuple(self.jobs), self._setups(used), fixed)
        known = {
            (p.job, p.step): replace(p, start=0, end=rank) for rank, p in enumerate(sorted(self.places, key=_when))
        }
        started = put_off(problem, known)  # in the same sequences, each as early as it can be
        if started is not None:
            incumbent = Incumbent(Schedule(tuple(started.values())), PER_MINUTE)
            problem = replace(problem, incumbent=incumbent)
        return Posed(problem, self.origin, self.orders)

    # -- jobs

    def _pose(self, order: WorkOrder) -> None:
        start = self._ready_to_start(order)
        ways = self._ways(order)
        if not ways:
            self.ready[order.document] = start
            return
        name = order.document
        due, weight, deadline = self._asked_of(order)
        job = Job(name, ways, start.release, due, weight, deadline, tuple(sorted(start.after)))
        self.jobs.append(job)
        self.orders[name] = order
        self.ready[name] = _Ready(0, {name})

    def _ways(self, order: WorkOrder) -> tuple[tuple[Alternative, ...], ...]:
        """The alternatives of each operation that takes any time; what they are on now is noted."""
        operations = operations_of(self.state.book.shop, order.item, order.quantity)
        if not operations:
            return self._by_lead_time(order)
        slots = {slot.step: slot for slot in order.operations}
        found: list[tuple[Alternative, ...]] = []
        for operation in operations:
            ways = self._alternatives(order, operation)
            if not ways:
                continue
            slot = slots.get(operation.step)
            if slot is not None:
                self._place(order, len(found), slot)
            found.append(ways)
        return tuple(found)

    def _by_lead_time(self, order: WorkOrder) -> tuple[tuple[Alternative, ...], ...]:
        minutes = ceil_div(order.finish - order.start, MINUTE)
        if minutes <= 0:
            return ()
        slot = OperationSlot("", _LEAD_TIME, self.lasting + 1, order.start, order.finish, minutes)
        self._place(order, 0, slot)
        self.lasting += 1
        return ((Alternative(_LEAD_TIME, minutes),),)

    def _place(self, order: WorkOrder, step: int, slot: OperationSlot) -> None:
        start, end = self._floor(slot.start), self._floor(slot.finish)
        self.places.append(Placement(order.document, step, slot.work_centre, slot.machine - 1, start, end))

    def _alternatives(self, order: WorkOrder, operation: Operation) -> tuple[Alternative, ...]:
        """The ways of an operation, one a work centre; none where it can be done in no time."""
        shop, item = self.state.book.shop, self.state.plant.items[order.item]
        found: dict[str, Alternative] = {}
        for way in operation.ways:
            minutes = ceil_div(way.seconds, MINUTE)
            if not minutes:
                return ()
            known = found.get(way.work_centre)
            if known is not None and known.minutes <= minutes:
                continue
            if way.work_centre not in shop.changeovers:
                found[way.work_centre] = Alternative(way.work_centre, minutes)
                continue
            route = self.state.plant.routes[order.item]
            step = next(step for step in route.steps if step.step == operation.step)
            bare = next(alt for alt in step.alternatives if alt.work_centre == way.work_centre)
            run = max(1, minutes_of(shop, item, bare, order.quantity, bare.setup_minutes * 0))
            found[way.work_centre] = Alternative(way.work_centre, minutes, max(0, minutes - run), way.group)
        return tuple(found.values())

    # -- material

    def _ready_to_start(self, order: WorkOrder) -> _Ready:
        """When the components are there that an order is pegged to; no later than it is planned to start."""
        found = _Ready(self._ceil(self.state.now))
        for item, units in order.components:
            own = self.made_for.get((order.document, item), [])
            for made in own:
                found.wait(self.ready[made.document])
            covered = sum(made.quantity for made in own) >= units
            mine = self.pegs[item].get(order.document, [])
            for supply, _ in mine:
                if not (covered and supply in self.ready):
                    found.wait(self._there(item, supply, order))
            if sum(pegged for _, pegged in mine) < units:
                found.wait(_Ready(self._ceil(order.start)))
        found.release = max(min(found.release, self._floor(order.start)), 0)
        return found

    def _there(self, item: str, document: str, order: WorkOrder) -> _Ready:
        """When supply can be there. What is bought is bought anew, where that depends on nothing else."""
        if document == STOCK:
            return _Ready()
        supply = self.state.find_supply(document)
        if isinstance(supply, WorkOrder) and document in self.ready:
            return self.ready[document]
        time = order.start if supply is None else supply.time
        book = self.state.book
        planned = isinstance(supply, PurchaseRow) and supply.document in self.state.planned.get(item, {})
        if planned and not counted(book, item) and not self.state.plant.items[item].life:
            arrival = Buyer(book, ()).first_arrival(item)
            time = time if arrival is None else min(time, arrival)
        return _Ready(self._ceil(time))

    # -- what is asked of it

    def _asked_of(self, order: WorkOrder) -> tuple[int | None, int, int | None]:
        """When an order is due, what a minute's lateness costs, and by when it has to be done."""
        now, release, commitment = self.state.now, self.state.releases.get(order.cause), self._commitment(order.cause)
        if commitment is None:
            return None, 0, None if order.cause in self.state.item_of else self._ceil(order.finish)
        deadline = self._floor(max(commitment.time, now))
        if release is None or release.requested is None:
            return None, 0, deadline
        due = self._floor(max(release.requested - release.transit, now))
        return due, weight_of(self.state, release, order.quantity), deadline

    def _commitment(self, need: str) -> Commitment | None:
        release = self.state.releases.get(need)
        key = release.order if release is not None and release.together else need
        return self.state.book.find(key)

    # -- machines

    def _fixed(self) -> Iterator[FixedOperation]:
        """What firm and released work occupies; where it is overbooked, the stretch that it covers."""
        shop, now = self.state.book.shop, self.state.now
        busy: dict[tuple[str, int], list[tuple[int, int, str | None]]] = {}
        for order in self.state.book.firm_work_orders(shop.groups[self.group]):
            for slot in order.operations:
                if slot.finish > max(slot.start, now):
                    machine = min(slot.machine, self.state.plant.work_centres[slot.work_centre].machines) - 1
                    group = self.state.plant.items[order.item].group if slot.work_centre in shop.changeovers else None
                    block = self._floor(max(slot.start, now)), self._ceil(slot.finish), group
                    busy.setdefault((slot.work_centre, machine), []).append(block)
        for (code, machine), blocks in sorted(busy.items()):
            last: FixedOperation | None = None
            for start, end, group in sorted(blocks, key=lambda b: b[:2]):
                if last is not None and start < last.end:
                    last = replace(last, end=max(last.end, end), group=group)
                    continue
                if last is not None:
                    yield last
                last = FixedOperation(code, machine, start, end, group)
            if last is not None:
                yield last

    def _centre(self, code: str, end: Instant) -> WorkCentre:
        if code == _LEAD_TIME:
            return WorkCentre(code, self.lasting)
        axis = self.state.book.shop.axes[code]
        machines = self.state.plant.work_centres[code].machines
        if axis.plain:
            return WorkCentre(code, machines)
        pieces = ((self._ceil(start), self._floor(stop)) for start, stop in axis.pieces(self.origin, end))
        return WorkCentre(code, machines, tuple((start, stop) for start, stop in pieces if start < stop) or None)

    def _setups(self, used: set[str]) -> dict[tuple[str, str, str], int]:
        plant = self.state.plant
        found = {}
        for (code, before, after), minutes in plant.setups.items():
            if code in used:
                exact = minutes * 100 / plant.work_centres[code].efficiency_percent
                found[code, before, after] = int(exact.to_integral_value("ROUND_CEILING"))
        return found

    def _floor(self, time: Instant) -> int:
        return (time - self.origin) // MINUTE

    def _ceil(self, time: Instant) -> int:
        return ceil_div(time - self.origin, MINUTE)


def weight_of(state: State, release: Release, units: int) -> int:
    """What a minute's lateness of so much of a release costs: its customer's lateness weight, by its share of the line
    and the line's of its order."""
    customer = state.plant.customer(release.customer) or Customer(release.customer)
    facts = state.orders[release.order].facts
    ordered = sum(q for line in facts.lines if line.line == release.line for q, _ in line.wants) * len(facts.lines)
    return int(WEIGHT * customer.lateness_weight * units / max(ordered, units))


def _when(place: Placement) -> tuple[int, int, str, int]:
    return place.start, place.end, place.job, place.step
