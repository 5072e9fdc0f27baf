"""What would cure a cause, by how much, and what it costs, as far as the records say.

Cures are judged from now on, not from when the line was promised: what was ordered meanwhile comes when it is due. A
cure asks for just enough to have the line on time, the causes of other paths being cured as well; where even that does
not do it, for enough to have the best that can be had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from knowledge.explanation.causes import Candidate, Finder, all_of, both, last_minute, latest
from knowledge.explanation.early import ISSUED, Course, Granted, Pass, Placed
from knowledge.explanation.values import MATERIAL, Cause, CauseKind, Cure, CureKind
from knowledge.instants import HOUR, MINUTE, Instant
from knowledge.plant import Offer
from knowledge.quantities import from_units
from knowledge.supply import PurchaseRow, Supply, WorkOrder, encode

_MOST_ROWS = 3
_WORK = (CauseKind.BUSY, CauseKind.DOWN, CauseKind.CLOSED, CauseKind.RUN_TIME)


@dataclass
class Healer:
    """Finds the cures of the causes of one release."""

    finder: Finder
    candidates: Sequence[Candidate]
    today: Course = field(init=False)

    def __post_init__(self) -> None:
        self.network = self.finder.network
        self.release = self.finder.release
        self.today = Course(self.network, self.release, self.network.now)

    def causes(self) -> tuple[Cause, ...]:
        """The causes with their cures."""
        return tuple(replace(c.cause, cures=tuple(self._cures(c))) for c in self.candidates)

    @property
    def goal(self) -> Instant:
        """When it should go, as far as that can still be."""
        return max(self.network.now, self.finder.wanted or 0)

    def _cures(self, candidate: Candidate) -> Iterator[Cure]:
        kind = candidate.cause.kind
        others = self._others(candidate)
        if kind in MATERIAL:
            yield from self._earlier(candidate, others)
        elif kind in _WORK:
            yield from self._overtime(candidate.cause, others)
            yield from self._one_more_machine(candidate.cause, others)
            yield from self._faster(candidate.cause, others)

    def _others(self, candidate: Candidate) -> Granted:
        """What is granted besides: all other causes, those of the same path only where this one is not enough."""
        enough = (candidate.cause.without or 0) - self.release.transit <= self.finder.goal
        return all_of(
            other.grant
            for other in self.candidates
            if other is not candidate and not (enough and other.round == candidate.round)
        )

    def _delivery(self, ship: Instant) -> tuple[Instant, bool]:
        """When the line is there if it goes at a time (never before it is wanted), and whether that is on time."""
        time = max(ship, self.finder.wanted or 0)
        return time + self.release.transit, self.finder.wanted is not None and time <= self.finder.wanted

    # -- supply that comes earlier

    def _earlier(self, candidate: Candidate, others: Granted) -> Iterator[Cure]:
        rows = [self.network.supplies[document] for document in candidate.cause.documents]
        documents = [row.document for row in rows]
        best = self.today.run(both(others, Granted(there=frozenset(documents)))).time
        if best >= self.today.run(others).time:
            return
        aim = max(self.goal, best)
        time = latest(self.today, documents, others, aim)
        delivery, on_time = self._delivery(aim)
        reached = self.today.run(others).reached
        late = [row for row in rows if reached[row.document].time > time]
        for row in late[:_MOST_ROWS]:
            yield Cure(
                CureKind.EXPEDITE,
                row.document,
                row.item,
                row.receipt,
                supplier=row.supplier if isinstance(row, PurchaseRow) else "",
                seconds=reached[row.document].time - time,
                time=time,
                delivery=delivery,
                on_time=on_time,
                text="" if row.status in ISSUED else "order",
            )
        yield from self._put_off(late, time, delivery, on_time)
        for row in late[:1]:
            if isinstance(row, PurchaseRow):
                yield from self._other_suppliers(row, others)

    def _put_off(self, late: Sequence[Supply], time: Instant, delivery: Instant, on_time: bool) -> Iterator[Cure]:
        """Another purchase of the same item, which its supplier has put off and which would do if it came in time."""
        missing = sum(row.receipt for row in late)
        for other in self.network.of_item(late[0].item) if late else ():
            if not isinstance(other, PurchaseRow) or other in late or not self.network.deferred(other):
                continue
            if other.time > time and other.receipt >= missing:
                yield Cure(
                    CureKind.EXPEDITE_OTHER,
                    other.document,
                    other.item,
                    other.receipt,
                    supplier=other.supplier,
                    seconds=other.time - time,
                    time=time,
                    delivery=delivery,
                    on_time=on_time,
                )

    def _other_suppliers(self, row: PurchaseRow, others: Granted) -> Iterator[Cure]:
        """Other offers of the item that would be here earlier, ordered now; with what they cost more."""
        for offer in self.network.plant.offers.get(row.item, ()):
            if offer.supplier == row.supplier:
                continue
            quantity = offer.lot.raise_to(row.receipt)
            asked = replace(row, supplier=offer.supplier, quantity=quantity, received=0)
            arrival = self.today.offered(row, offer)
            if arrival >= row.due:
                continue
            ship = self.today.run(both(others, Granted(times={row.document: arrival}))).time
            if ship < self.today.run(others).time:
                delivery, on_time = self._delivery(ship)
                yield Cure(
                    CureKind.OTHER_SUPPLIER,
                    row.document,
                    row.item,
                    quantity,
                    supplier=offer.supplier,
                    seconds=row.due - arrival,
                    time=arrival,
                    delivery=delivery,
                    on_time=on_time,
                    cost=self._dearer(row, asked, offer),
                )

    def _dearer(self, row: PurchaseRow, asked: PurchaseRow, offer: Offer) -> Decimal | None:
        """What an offer costs more than a row, in the plant's currency; None where a rate is not known."""
        plant = self.network.plant
        supplier = plant.suppliers.get(offer.supplier)
        rate = plant.rate(supplier.currency if supplier else "")
        before = plant.rate(row.currency)
        if rate is None or before is None:
            return None
        decimals = plant.items[row.item].decimals
        new = from_units(asked.quantity, decimals) * offer.unit_price(asked.quantity)
        new += supplier.order_cost if supplier else Decimal(0)
        return new * rate - from_units(row.receipt, decimals) * row.unit_price * before

    # -- work that is done earlier

    def _overtime(self, cause: Cause, others: Granted) -> Iterator[Cure]:
        """Work in closed time, enough to have what is on the path there in time, and the work before it earlier."""
        now = self.today.run(others)
        work = self._operations(cause, now)
        if not work or now.time <= self.goal:
            return
        (order, last), centre = work[-1], cause.work_centre
        begin, axis = work[0][1].ready, self.network.axis(centre)
        soonest = begin + axis.open_seconds(last.finish) - axis.open_seconds(begin)  # if it were never closed

        def ship(finish: Instant) -> Instant:
            done, time = {}, finish
            for document, placed in ((order.document, placed) for order, placed in reversed(work)):
                done[document, placed.slot.step] = max(begin, time)
                time -= placed.slot.minutes * MINUTE
            return self.today.run(both(others, Granted(finished=done))).time

        best = ship(soonest)
        if best >= now.time or soonest >= last.finish:
            return
        aim = max(self.goal, best)
        low = last_minute(soonest, last.finish, lambda finish: ship(max(soonest, finish)) <= aim)
        seconds = -(-(axis.open_seconds(last.finish) - axis.open_seconds(low)) // MINUTE) * MINUTE
        calendar, down = self.network.plant.work_centres[centre].calendar, self.network.books.downtimes.get(centre, ())
        hours = calendar.closed(begin, low, seconds, down)
        if seconds <= 0 or not hours:
            return
        rate = self.network.plant.work_centres[centre].cost_per_hour
        delivery, on_time = self._delivery(aim)
        yield Cure(
            CureKind.OVERTIME,
            order.document,
            order.item,
            work_centre=centre,
            seconds=seconds,
            time=low,
            delivery=delivery,
            on_time=on_time,
            cost=rate * seconds / HOUR if rate else None,
            hours=hours,
        )

    def _one_more_machine(self, cause: Cause, others: Granted) -> Iterator[Cure]:
        """Work that waits for a machine, done on one that is not there."""
        centre = cause.work_centre
        if cause.kind is not CauseKind.BUSY:
            return
        now, more = self.today.run(others), self.today.run(both(others, Granted(more=frozenset([centre]))))
        if max(more.time, self.goal) >= now.time:
            return
        work = [p for d in cause.documents if d in more.reached for p in more.reached[d].placed]
        minutes = sum(p.slot.minutes for p in work if p.slot.work_centre == centre)
        rate = self.network.plant.work_centres[centre].cost_per_hour
        delivery, on_time = self._delivery(more.time)
        yield Cure(
            CureKind.MACHINE,
            cause.documents[-1],
            cause.item,
            work_centre=centre,
            seconds=minutes * MINUTE,
            delivery=delivery,
            on_time=on_time,
            cost=rate * minutes * MINUTE / HOUR if rate else None,
        )

    def _operations(self, cause: Cause, now: Pass) -> list[tuple[WorkOrder, Placed]]:
        """The operations on the cause's work centre, on its path, in order."""
        found: list[tuple[WorkOrder, Placed]] = []
        for document in cause.through:
            order, there = self.network.supplies.get(document), now.reached.get(document)
            if isinstance(order, WorkOrder) and there is not None:
                found.extend((order, p) for p in there.placed if p.slot.work_centre == cause.work_centre)
        return [(order, placed) for order, placed in found if placed.finish > placed.ready]

    def _faster(self, cause: Cause, others: Granted) -> Iterator[Cure]:
        """A work order without operations takes its lead time; only a person can have it done earlier."""
        if cause.work_centre or not cause.documents:
            return
        document = cause.documents[-1]
        supply = self.network.supplies.get(document)
        if supply is None:
            return
        best = self.today.run(both(others, Granted(there=frozenset([document])))).time
        if best >= self.today.run(others).time:
            return
        aim = max(self.goal, best)
        time = latest(self.today, [document], others, aim)
        planned = self.today.run(others).reached[document].time
        delivery, on_time = self._delivery(aim)
        if time < planned:
            yield Cure(
                CureKind.EXPEDITE,
                encode(supply.number),
                supply.item,
                supply.receipt,
                seconds=planned - time,
                time=time,
                delivery=delivery,
                on_time=on_time,
            )
