"""Placing planned orders on machines one change at a time, each as late as keeps its date and those before it allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from agents.planner.book import Book
from agents.planner.capacity import Machine
from agents.planner.covering import Violation
from agents.planner.routing import operations_of
from agents.planner.timeline import Centre, PlacedOperation, Precedence, Rank, Timeline, queue_of
from agents.planner.undo import UndoLog
from knowledge.instants import Instant
from knowledge.quantities import Units
from knowledge.supply import OperationSlot


@dataclass(eq=False, slots=True)
class LiveOrder:
    """A planned work order. `document` is its key until it is numbered, `asked` when and for how much its components
    are needed, as they were told last."""

    item: str
    level: int
    quantity: Units
    due: Instant
    cause: str
    document: str
    rank: Rank
    kept: Units = 0
    turn: int = 0
    """0: placed in sequence with others, the one that is due last first. Above: after all of earlier turns, without
    moving them. Below: before them; those whose material comes last are placed first, which gets them the latest places
    (the rule of earliest due dates under release dates, seen from the end)."""
    start: Instant = 0
    finish: Instant = 0
    placed: list[PlacedOperation] = field(default_factory=list)
    asked: tuple[Instant, Units] | None = None
    gone: bool = False

    @property
    def slots(self) -> list[OperationSlot]:
        """Its operations."""
        return [operation.slot for operation in self.placed]


Place = tuple[Instant, Centre, Timeline, int, int]
"""(start, work centre, machine, position, length)."""


class Placing:
    """The machines of a group. `touched` are, by level, orders whose start or quantity may have changed."""

    def __init__(self, book: Book, log: UndoLog, items: Iterable[str]) -> None:
        self.book, self.shop, self.log = book, book.shop, log
        self.now = book.now
        self.touched: dict[int, dict[LiveOrder, None]] = {}
        self.violation: Violation | None = None
        self.settled = 0
        """How often an operation was given a place, or kept its place."""
        self.blocked: LiveOrder | None = None
        """The order that `run` has found no place for."""
        self._centres: dict[str, Centre] = {}
        self._floors: dict[str, int] = {}
        self._waiting: dict[int, list[tuple[Precedence, int, PlacedOperation]]] = {}
        self._begun: list[LiveOrder] = []
        self._all = False
        self._numbers = count()
        self._firm: dict[tuple[str, int], dict[tuple[str, str], tuple[int, int]]] = {}
        self._firm_of: dict[str, dict[tuple[str, int, str, str], tuple[int, int]]] = {}
        for code in items:
            route = self.shop.plant.routes.get(code)
            for way in (way for step in route.steps for way in step.alternatives) if route else ():
                self.centre(way.work_centre)

    def centre(self, code: str) -> Centre:
        """A work centre."""
        found = self._centres.get(code)
        if found is None:
            machines = [Timeline(code, n) for n in range(1, self.shop.plant.work_centres[code].machines + 1)]
            found = self._centres[code] = Centre(self.shop.axes[code], machines)
            self._floors[code] = found.axis.open_seconds(self.now)
        return found

    def floor(self, code: str) -> int:
        """The open seconds of a work centre until now."""
        self.centre(code)
        return self._floors[code]

    def advance(self, now: Instant) -> None:
        """Nothing is placed before now."""
        self.log.set(self, "now", now)
        self.log.set(self, "_floors", {code: c.axis.open_seconds(now) for code, c in self._centres.items()})

    # -- orders

    def add(self, order: LiveOrder) -> None:
        """Place a new order; `run` does."""
        self._begin(order)

    def change(self, order: LiveOrder, quantity: Units, due: Instant, rank: Rank) -> None:
        """Place an order anew."""
        self._take_off(order)
        for name, value in (("quantity", quantity), ("due", due), ("rank", rank)):
            if getattr(order, name) != value:
                self.log.set(order, name, value)
        self._begin(order)

    def in_turn(self, orders: Iterable[LiveOrder], turn: int, all_of_it: bool = False) -> None:
        """Place these orders in another turn; where it is quicker, everything anew."""
        self._all = all_of_it
        for order in orders:
            self._take_off(order)
            self.log.set(order, "turn", turn)
            self._begin(order)
        self._all = False
        for centre in self._centres.values() if all_of_it else ():
            for operation in centre.queue:
                self._wait(operation)

    def remove(self, order: LiveOrder) -> None:
        """Take an order out."""
        self._take_off(order)
        self.log.set(order, "gone", True)
        self._touch(order)

    @property
    def waits(self) -> bool:
        """Whether anything is still to be placed."""
        return any(self._waiting.values()) or bool(self._begun)

    def look_again(self, order: LiveOrder) -> None:
        """An order should have begun: it cannot stay where it is."""
        for operation in order.placed:
            self._wait(operation)
        if not order.placed:
            self._begun.append(order)

    def _touch(self, order: LiveOrder) -> None:
        self.touched.setdefault(order.level, {})[order] = None

    def _begin(self, order: LiveOrder) -> None:
        operations = operations_of(self.shop, order.item, order.quantity)
        self._touch(order)
        if not operations:
            start = self.shop.plant.items[order.item].lead_time.backward(order.due)
            self.log.set(order, "start", start)
            self.log.set(order, "finish", order.due)
            if start < self.now:
                self.violation = _violation(order)
            return
        placed = [PlacedOperation(operation, step, order) for step, operation in enumerate(operations)]
        self.log.set(order, "placed", placed)
        self._end_by(placed[-1], order.due)

    def _take_off(self, order: LiveOrder) -> None:
        for operation in order.placed:
            self._lift(operation)
            self._quit(operation)

    def _end_by(self, operation: PlacedOperation, end: Instant) -> None:
        """An operation has to end by a time: it is placed when its turn comes."""
        self._lift(operation)
        self._quit(operation)
        order = operation.order
        assert isinstance(order, LiveOrder)
        self.log.set(operation, "end", end)
        self.log.set(operation, "key", (order.level, order.turn, -end, order.rank, -operation.step))
        self._wait(operation)

    def _quit(self, operation: PlacedOperation) -> None:
        operation.waits = False
        if operation.queue >= 0:
            for code in {way.work_centre: None for way in operation.operation.ways}:
                self._centres[code].quit(operation, self.log)
            self.log.set(operation, "queue", -1)

    def _lift(self, operation: PlacedOperation) -> None:
        """Take an operation off its machine: those after it may take its place."""
        machine = operation.machine
        if machine is None:
            return
        self.log.set(operation, "machine", None)
        if operation.stop > operation.position:
            machine.leave(operation, self.log)
            if not self._all:
                self._wait_for(
                    self._centres[machine.work_centre].after(operation.key, operation.start, operation.finish)
                )

    def _wait_for(self, operations: Iterable[PlacedOperation]) -> None:
        waiting, numbers = self._waiting, self._numbers
        for operation in operations:
            if not operation.waits:
                operation.waits = True
                key = operation.key
                heap = waiting.get(key[0])
                if heap is None:
                    heap = waiting[key[0]] = []
                heappush(heap, (key, next(numbers), operation))

    def _wait(self, operation: PlacedOperation) -> None:
        self._wait_for((operation,))

    def done(self) -> None:
        """Every level has been placed."""
        self._begun.clear()

    def abort(self) -> None:
        """Forget what was still to be placed."""
        for heap in self._waiting.values():
            for _, _, operation in heap:
                operation.waits = False
        self._waiting.clear()
        self._begun.clear()
        self.touched.clear()
        self.violation = None

    # -- places

    def run(self, level: int) -> Violation | None:
        """Place what waits on a level, in order of precedence; what cannot be placed, if anything."""
        heap = self._waiting.get(level, [])
        while heap:
            key, _, operation = heappop(heap)
            if not operation.waits or operation.key is not key:
                continue
            operation.waits = False
            if not self._settle(operation):
                assert isinstance(operation.order, LiveOrder)
                self._wait(operation)  # it may be others that get an earlier turn for it
                self.blocked = operation.order
                return _violation(operation.order, operation.operation.ways[0].work_centre)
        late = (o for o in self._begun if o.level == level and not o.gone and o.start < self.now)
        self.blocked = next(late, None)
        return None if self.blocked is None else _violation(self.blocked)

    def _settle(self, operation: PlacedOperation) -> bool:
        self.settled += 1
        place = self._latest(operation)
        if place is None:
            return False
        start, centre, machine, position, length = place
        if operation.machine is machine and operation.position == position and operation.stop == position + length:
            return True
        self._lift(operation)
        log = self.log
        finish = centre.axis.finish_at(position + length) if length else start
        old = operation.position, operation.stop, operation.start, operation.finish
        log.log.append((_stand, (operation, old)))
        log.set(operation, "machine", machine)
        _stand(operation, (position, position + length, start, finish))
        if length:
            self._wait_for(machine.take(operation, log))
        self._enter(operation)
        self._follow(operation)
        return True

    def _enter(self, operation: PlacedOperation) -> None:
        """Where it could stand, it is known."""
        number = queue_of(operation.end - operation.start)
        if number == operation.queue:
            return
        for code in {way.work_centre: None for way in operation.operation.ways}:
            centre = self._centres[code]
            if operation.queue >= 0:
                centre.quit(operation, self.log)
            centre.enter(operation, number, self.log)
        self.log.set(operation, "queue", number)

    def _follow(self, operation: PlacedOperation) -> None:
        """What goes before an operation that has moved has to end by another time; its order begins or ends then."""
        order, log = operation.order, self.log
        assert isinstance(order, LiveOrder)
        self._touch(order)
        if operation.step:
            before = order.placed[operation.step - 1]
            if before.end != operation.start or not (before.queue >= 0 or before.waits):
                self._end_by(before, operation.start)
        elif order.start != operation.start:
            log.set(order, "start", operation.start)
        if operation.step + 1 == len(order.placed) and order.finish != operation.finish:
            log.set(order, "finish", operation.finish)

    def _latest(self, operation: PlacedOperation) -> Place | None:
        """The latest place among an operation's alternatives; None if it would begin in the past."""
        best: Place | None = None
        end, key = operation.end, operation.key
        for way in operation.operation.ways:
            centre = self._centres[way.work_centre]
            axis, floor, length = centre.axis, self._floors[way.work_centre], way.seconds
            limit = axis.open_seconds(end)
            found: int | None = None
            on: Timeline | None = None
            for machine in centre.machines:
                position = machine.latest(limit, length, floor, key)
                if position is not None and (found is None or position > found):
                    found, on = position, machine
            if found is not None and on is not None:
                start = axis.start_at(found) if length else max(self.now, min(end, axis.finish_at(found)))
                if best is None or start > best[0]:
                    best = start, centre, on, found, length
        return best

    # -- firm work

    def take_firm(self, code: str) -> None:
        """Machines are busy with the firm work orders of an item as these are now."""
        before, now = self._firm_of.get(code, {}), {}
        for order in self.book.firm_work_orders((code,)):
            for slot in order.operations:
                if slot.finish > self.now:
                    centre = self.centre(slot.work_centre)
                    start, end = centre.axis.open_seconds(slot.start), centre.axis.open_seconds(slot.finish)
                    if end > start:
                        number = min(slot.machine, len(centre.machines))
                        now[slot.work_centre, number, order.document, slot.step] = start, end
        if before == now:
            return
        self.log.put(self._firm_of, code, now or None)
        gone = {key: value for key, value in before.items() if now.get(key) != value}
        come = {key: value for key, value in now.items() if before.get(key) != value}
        for centre_code, number in dict.fromkeys((key[0], key[1]) for key in (*gone, *come)):
            self._busy(centre_code, number, gone, come)

    def _busy(
        self,
        code: str,
        number: int,
        gone: dict[tuple[str, int, str, str], tuple[int, int]],
        come: dict[tuple[str, int, str, str], tuple[int, int]],
    ) -> None:
        """One machine is busy with other firm work than before."""
        centre = self.centre(code)
        machine = centre.machines[number - 1]
        known = self._firm.setdefault((code, number), {})
        for key in gone:
            if key[:2] == (code, number):
                self.log.put(known, key[2:], None)
        for key, stretch in come.items():
            if key[:2] == (code, number):
                self.log.put(known, key[2:], stretch)
        firm = Machine()
        for start, end in sorted(known.values()):
            firm.take(start, end - start)
        self.log.set(machine, "firm", firm)
        for key, (start, end) in gone.items():
            if key[:2] == (code, number):
                self._wait_for(centre.after(_BEFORE_ALL, centre.axis.start_at(start), centre.axis.finish_at(end)))
        for key, (start, end) in come.items():
            if key[:2] == (code, number):
                self._wait_for(machine.overlapping(start, end))


_BEFORE_ALL: Precedence = (-1, 0, 0, ("", 0, 0, 0, "", 0), 0)


def _stand(operation: PlacedOperation, where: tuple[int, int, Instant, Instant]) -> None:
    operation.position, operation.stop, operation.start, operation.finish = where


def _violation(order: LiveOrder, work_centre: str = "") -> Violation:
    return Violation(order.item, order.quantity, order.due, order.cause, None, work_centre)
