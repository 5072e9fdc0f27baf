"""Taking an improved sequence back: late promises get the earlier dates that the planner itself finds it can keep.

A sequence is told to the planner as turns: what ends last is placed first, as late as it can be, and so on to the
front. So nothing starts earlier than in the sequence, and everything finds its place again. Where netting asks for
other lots than before (the first who starts takes the stock), these take the turns of the lots that they stand for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from agents.planner.book import Commitment
from agents.planner.covering import item_of
from agents.planner.improving.late import LEAST, Late, late_in
from agents.planner.improving.posing import PER_MINUTE, Posed
from agents.planner.regenerate import Making, Plan, regenerate
from agents.planner.sequencing import Schedule
from agents.planner.state import State
from knowledge.instants import MINUTE, Instant
from knowledge.quantities import Units
from knowledge.supply import WorkOrder

_BEFORE_ALL = -1
"""The turn of orders that are placed before all that are in sequence."""

_MOST_FIRST = 8
"""How many orders whose material comes late may be placed before all others."""

_HALVINGS = 5
"""How closely the earliest date is looked for where the sequence's own cannot be kept."""

_MOST_PLACED, _FEWEST_TRIALS = 30_000, 8
"""How many orders may be placed for one sequence, in plans that are tried; so many plans are tried at any rate."""


@dataclass(frozen=True, slots=True)
class _Slot:
    """A lot of an item in the sequence: its turn, and its units."""

    turn: int
    units: Units


class _Sequence:
    """The turns that a schedule says: first what ends last, or is last where set-ups depend on what went before."""

    def __init__(self, posed: Posed, schedule: Schedule, changeovers: frozenset[str]) -> None:
        ends, starts, places = schedule.ends(), dict[str, int](), schedule.ends()
        counts = {centre.name: centre.machines for centre in posed.problem.work_centres}
        machines: dict[str, tuple[int, int]] = {}
        for place in schedule.placements:
            starts[place.job] = min(place.start, starts.get(place.job, place.start))
            if place.work_centre in changeovers:
                places[place.job] = place.end
                machines[place.job] = place.machine, counts[place.work_centre]
        rank = {job: (-places[job], -end, -starts[job], job) for job, end in ends.items()}
        self.orders = sorted(posed.orders.values(), key=lambda order: rank[order.document])
        self.turns: dict[str, int] = {}
        turn = 0
        for order in self.orders:
            machine, count = machines.get(order.document, (0, 1))
            turn += 1 + (machine - turn - 1) % count  # its remainder says on which machine
            self.turns[order.key] = turn
        self._units = {order.key: order.quantity for order in self.orders}
        self._slots: dict[str, list[_Slot]] = {}
        for order in reversed(self.orders):
            self._slots.setdefault(order.item, []).append(_Slot(self.turns[order.key], order.quantity))

    def of_item(self, item: str, makings: Iterable[Making]) -> Iterator[tuple[str, int]]:
        """The turns of an item's orders: its own where an order is as it was, else of the lot made about then."""
        slots, made = self._slots.get(item, []), 0
        for making in sorted(makings, key=lambda m: (m.due, m.document)):
            middle = made + (making.quantity + 1) // 2
            made += making.quantity
            if self._units.get(making.document) == making.quantity:
                yield making.document, self.turns[making.document]
            elif slots:
                yield making.document, _slot_of(slots, middle).turn


def _slot_of(slots: list[_Slot], piece: Units) -> _Slot:
    """The lot, in order of time, in which a piece is made."""
    made = 0
    for slot in slots:
        made += slot.units
        if made >= piece:
            return slot
    return slots[-1]


@dataclass(slots=True)
class Taking:
    """One sequence of a group, told to the planner. Everything is in the book's journal; `run` leaves no trace where
    nothing is gained."""

    state: State
    group: int
    posed: Posed
    schedule: Schedule
    asks: Callable[[str], bool]
    trials: int = 0
    before: dict[str, int] = field(default_factory=dict)

    def run(self) -> list[str]:
        """Bring late commitments forward as far as the sequence allows and the change is worth it; their keys."""
        book = self.state.book
        late = {one.commitment.key: one for one in late_in(self.state, self.group, self.asks)}
        targets = {key: time for key, time in self._targets(late).items() if time <= late[key].commitment.time - LEAST}
        if not targets or self.group in book.fragile:
            return []
        self.before = {key: turn for key, turn in book.turns.items() if self._has(key)}
        sequence = _Sequence(self.posed, self.schedule, book.shop.changeovers)
        plan = self._all(sequence, targets) or self._one_by_one(sequence, late, targets)
        kept = {key: one for key, one in late.items() if key in targets and book.find(key) != one.commitment}
        if plan is None or not self._is_worth_it(plan, kept):
            for one in kept.values():
                book.add(one.commitment)
            self._set_turns(self.before)
            return []
        self._set_turns({m.document: m.turn for ms in plan.making.values() for m in ms if m.turn})
        self.state.lives.pop(self.group, None)  # it is made anew with these turns
        for key in kept:
            commitment = book.find(key)
            assert commitment is not None
            self.state.promise_earlier(key, commitment.time, commitment.time)
        return list(kept)

    def _targets(self, late: Mapping[str, Late]) -> dict[str, Instant]:
        """When the sequence has each late commitment ready, as far as it has work for it."""
        ends, times = self.schedule.ends(), dict[str, Instant]()
        for order in self.posed.orders.values():
            times[order.cause] = max(times.get(order.cause, 0), self.posed.instant(ends[order.document]))
        found = {}
        for key, one in late.items():
            made = [times[document] for _, _, document in one.commitment.needs if document in times]
            if made:
                found[key] = max(one.begin, *made)
        return found

    def _all(self, sequence: _Sequence, targets: Mapping[str, Instant]) -> Plan | None:
        """The plan with every commitment at its target; None, and none of them, where that cannot be."""
        olds = [self._move(key, time) for key, time in targets.items()]
        plan = self._arranged(sequence)
        for old in olds if plan is None else ():
            self.state.book.add(old)
        return plan

    def _one_by_one(self, sequence: _Sequence, late: Mapping[str, Late], targets: Mapping[str, Instant]) -> Plan | None:
        """The plan with each commitment, what gains most first, as near to its target as can be beside the others."""
        best = self._arranged(sequence)
        if best is None:
            return None
        gains = {key: late[key].weight * (late[key].commitment.time - time) for key, time in targets.items()}
        for key in sorted(targets, key=lambda key: (-gains[key], key)):
            low, high, time = targets[key], late[key].commitment.time, targets[key]
            for _ in range(_HALVINGS):
                old = self._move(key, time)
                plan = self._again(sequence, anew=time == targets[key])
                if plan is not None:
                    best, high = plan, time
                else:
                    self.state.book.add(old)
                    low = time
                time = (low + high) // 2
                if high - low < LEAST:
                    break
        return best

    def _move(self, key: str, time: Instant) -> Commitment:
        """Set a commitment to a time; what it was."""
        old = self.state.book.find(key)
        assert old is not None
        self.state.book.add(old.at(time))
        return old

    def _again(self, sequence: _Sequence, *, anew: bool) -> Plan | None:
        """The plan with the turns that served last, or else, `anew`, with those that netting asks for now."""
        if self.trials >= max(_FEWEST_TRIALS, _MOST_PLACED // len(sequence.orders)):
            return None
        self.trials += 1
        turns = {key: turn for key, turn in self.state.book.turns.items() if self._has(key)}
        plan = regenerate(self.state.book, self.group)
        if not plan.feasible and anew:
            plan = self._in_turn(sequence, {})
        if plan.feasible and not plan.pinned:
            return plan
        self._set_turns(turns)
        return None

    def _arranged(self, sequence: _Sequence) -> Plan | None:
        """The plan of the book in this sequence; None where not everything comes in time.

        An order whose material, or time, would have to begin too early is placed before all others, as late as its
        need allows.
        """
        first: dict[str, int] = {}
        while True:
            self.trials += 1
            plan = self._in_turn(sequence, first)
            if plan.feasible and not plan.pinned:
                return plan
            order = _blamed(plan)
            if order is None or order in first or len(first) >= _MOST_FIRST:
                return None
            first[order] = _BEFORE_ALL

    def _in_turn(self, sequence: _Sequence, first: Mapping[str, int]) -> Plan:
        """The plan of the book in this sequence: level by level, since what is netted tells the orders of the next."""
        book, level = self.state.book, self.state.book.shop.level
        turns = {**sequence.turns, **first}
        for stage in sorted({level[order.item] for order in sequence.orders}):
            self._set_turns(turns)
            plan = regenerate(book, self.group, complete=True)
            for item, makings in plan.making.items():
                if level[item] == stage:
                    turns.update((key, turn) for key, turn in sequence.of_item(item, makings) if key not in first)
        self._set_turns(turns)
        return regenerate(book, self.group, complete=True)

    def _has(self, key: str) -> bool:
        return self.state.book.shop.group_of.get(item_of(key)) == self.group

    def _set_turns(self, turns: Mapping[str, int]) -> None:
        """These are the turns of the group's planned orders."""
        book = self.state.book
        for key in [key for key in book.turns if self._has(key) and key not in turns]:
            book.set_turn(key, 0)
        for key, turn in turns.items():
            if book.turns.get(key, 0) != turn:
                book.set_turn(key, turn)

    def _is_worth_it(self, plan: Plan, kept: Mapping[str, Late]) -> bool:
        """Whether what is gained is more than what it costs to move what is planned."""
        gain = 0
        for key, late in kept.items():
            commitment = self.state.book.find(key)
            gain += late.weight * (late.commitment.time - commitment.time) if commitment else 0
        return gain > PER_MINUTE * moved_minutes(self.state, self.group, plan) * MINUTE


def _blamed(plan: Plan) -> str | None:
    """The key of the order that the first violation is about."""
    violation = plan.violations[0] if plan.violations else None
    if violation is None:
        return None
    makings = [m for ms in plan.making.values() for m in ms]
    if violation.earliest is not None:
        return next((m.document for m in makings if m.document == violation.document), None)
    found = (
        m for m in makings if (m.item, m.cause, m.quantity) == (violation.item, violation.document, violation.quantity)
    )
    return next((m.document for m in found), None)


def moved_minutes(state: State, group: int, plan: Plan) -> int:
    """By how many minutes planned work orders start at other times; one that is new, or gone, counts with its own."""
    items = state.book.shop.groups[group]
    olds = {o.key: o for i in items for o in state.planned.get(i, {}).values() if isinstance(o, WorkOrder)}
    news = {m.document: m for ms in plan.making.values() for m in ms}
    seconds = sum(abs(news[key].start - olds[key].start) for key in news.keys() & olds.keys())
    seconds += sum(o.finish - o.start for key, o in olds.items() if key not in news)
    seconds += sum(m.finish - m.start for key, m in news.items() if key not in olds)
    return seconds // MINUTE
