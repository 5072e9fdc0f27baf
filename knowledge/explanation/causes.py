"""The binding causes of a release that is planned for later than it is wanted.

The rule. A plan is placed backwards, so that its times say when things are wanted, not how early they could be. What
binds is therefore found forwards (`early`), from the moment when the release was promised as it is; other orders keep
what they have, but for work that can move up to make room. The pass gives the earliest time at which the release could
go, and one path that decides it: from the release down, each document waits for the next the longest. What lies beside
that path has slack and binds nothing, however tight its planned times look. On the path these are causes:

- at its end, a purchase that even ordered at once comes only after its lead time, or when its supplier has room, or on
  a date that stood already; or work that was begun before;
- on the way, work that waits for a machine which does other orders' work, or which is down;
- where the path begins with work that could begin at once and waits for nothing, the work itself.

Then these are taken for cured, the pass is made again, and what decides now comes next; until the release could go when
it is wanted. So the first causes bind the most, and each later one is what would bind if all before it were cured. What
would then bind only because time has passed, or because things were ordered meanwhile, comes last (`by_now`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

from knowledge.explanation.early import NOTHING, Course, Granted, Pass, Placed
from knowledge.explanation.network import Network, Share
from knowledge.explanation.values import Before, Cause, CauseKind
from knowledge.instants import DAY, MINUTE, Instant
from knowledge.quantities import Units
from knowledge.supply import OperationSlot, PurchaseRow, Release, Supply, WorkOrder, base_document

_MOST_ROUNDS = 4
_MOST_BEFORE = 20
_WORTH = 10  # what frees less than a tenth of the delay is not named beside what frees more


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cause, and what is granted where it is taken for cured.

    `length` is how much of the path it takes, in seconds, `round` the pass in which it was on the path.
    """

    cause: Cause
    grant: Granted
    length: int = 0
    round: int = 0


def both(one: Granted, other: Granted) -> Granted:
    """Two grants at once."""
    return Granted(
        one.there | other.there,
        one.idle | other.idle,
        one.up | other.up,
        one.always | other.always,
        one.more | other.more,
        {**one.times, **other.times},
        {**one.lot, **other.lot},
        {**one.finished, **other.finished},
    )


def all_of(grants: Iterable[Granted]) -> Granted:
    """Many grants at once."""
    found = NOTHING
    for grant in grants:
        found = both(found, grant)
    return found


def last_minute(begin: Instant, end: Instant, holds: Callable[[Instant], bool]) -> Instant:
    """The last whole minute between two instants up to which something holds; the first of them if it never does."""
    low, high = begin // MINUTE, -(-end // MINUTE)
    if holds(high * MINUTE):
        return high * MINUTE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle * MINUTE) else (low, middle)
    return max(begin, low * MINUTE)


def latest(course: Course, documents: Iterable[str], granted: Granted, aim: Instant) -> Instant:
    """The latest time at which documents may come, none later than it does, so that the release can go at `aim`.

    Where even at once is not early enough, that is the course's beginning.
    """
    reached = course.run(granted).reached
    times = {document: reached[document].time for document in documents if document in reached}

    def in_time(time: Instant) -> bool:
        bounded = {document: min(own, max(time, course.begin)) for document, own in times.items()}
        return course.run(both(granted, Granted(times=bounded))).time <= aim

    return last_minute(course.begin, max([course.begin, *times.values()]), in_time)


@dataclass
class Finder:
    """Finds the causes of one release, on the course from when it was promised."""

    network: Network
    release: Release
    course: Course

    @classmethod
    def of(cls, network: Network, release: Release) -> Finder:
        """The finder for a release."""
        return cls(network, release, Course(network, release, network.decided(release), hindsight=True))

    @property
    def wanted(self) -> Instant | None:
        """When it should go: for the promise that is at risk, else for the requested time; None for when it can."""
        time = self.release.promised if self.release.at_risk else self.release.requested
        return None if time is None else time - self.release.transit

    @property
    def goal(self) -> Instant:
        """The same, but not before it was promised."""
        return max(self.course.begin, self.wanted or 0)

    @cached_property
    def first(self) -> Pass:
        """The pass with nothing granted."""
        return self.course.run()

    def candidates(self) -> list[Candidate]:
        """The causes in order, the most binding first; after those of the promise what binds only by now."""
        found = self._rounds(self.course, NOTHING, self.goal)
        if self.wanted is None:
            return [candidate for candidate in found if candidate.round == 0]
        curable = bool(found) and all(candidate.grant != NOTHING for candidate in found)
        if curable and self.wanted >= self.network.now > self.course.begin:
            finder = replace(self, course=Course(self.network, self.release, self.network.now))
            granted = all_of(candidate.grant for candidate in found)
            later = finder._rounds(finder.course, granted, self.wanted)
            found.extend(replace(c, cause=replace(c.cause, by_now=True), round=c.round + _MOST_ROUNDS) for c in later)
        too_late = self.wanted < self.network.received(self.release) and self._reached(found) <= self.goal
        if too_late or (self.wanted < self.course.begin and not found):
            transit = self.release.transit
            cause = Cause(CauseKind.TRANSIT, seconds=transit, earliest=self.course.begin + transit)
            found.append(Candidate(cause, NOTHING, 0, len(found)))
        return found

    def _reached(self, found: list[Candidate]) -> Instant:
        return self.course.run(all_of(candidate.grant for candidate in found)).time

    def _rounds(self, course: Course, granted: Granted, goal: Instant) -> list[Candidate]:
        """What decides, pass for pass, until the release could go at its goal."""
        found: list[Candidate] = []
        for number in range(_MOST_ROUNDS):
            now = course.run(granted)
            if now.time <= goal:
                break
            ranked = self._ranked(now, granted, self._on_path(now, granted), number)
            found.extend(ranked)
            granted = both(granted, all_of(candidate.grant for candidate in ranked))
            if not ranked or any(candidate.grant == NOTHING for candidate in ranked):
                break
        return found

    def _ranked(self, now: Pass, granted: Granted, group: list[Candidate], number: int) -> list[Candidate]:
        """What is on one path, first what frees most of it. What would free next to nothing is left out."""
        transit = self.release.transit
        rated: list[tuple[Instant, int, Candidate]] = []
        for candidate in group:
            without = now.time
            if candidate.grant != NOTHING:
                without = max(self.goal, self.course.run(both(granted, candidate.grant)).time)
            cause = replace(candidate.cause, earliest=now.time + transit, without=without + transit)
            rated.append((without, -candidate.length, replace(candidate, cause=cause, round=number)))
        rated.sort(key=lambda entry: entry[:2])
        worth = max(MINUTE, (now.time - self.goal) // _WORTH)
        freeing = [entry for entry in rated if entry[0] <= self.goal or now.time - entry[0] >= worth]
        return [candidate for _, _, candidate in freeing or rated]

    def _on_path(self, now: Pass, granted: Granted) -> list[Candidate]:
        """What there is on the path: its end first."""
        path = [self.network.supplies[document] for document in now.path()]
        if not path:
            return []
        end = path[-1]
        works = [s for s in reversed(path) if isinstance(s, WorkOrder) and not self.course.stands(s)]
        through = tuple(order.document for order in works)
        waits = [*self._busy(now, works, granted), *self._down(now, works, granted)]
        if isinstance(end, PurchaseRow):
            return [self._bought(now, end, granted, through), *waits]
        if self.course.stands(end):
            return [self._begun(end, through), *waits]
        waits.extend(self._lots(works, now, granted))
        return waits or [self._work(now, works)]

    # -- what comes at the end of a path

    def _bought(self, now: Pass, row: PurchaseRow, granted: Granted, through: tuple[str, ...]) -> Candidate:
        """A purchase, together with the others of its item that come too late as well."""
        same = [
            other
            for other in self.course.supplies
            if isinstance(other, PurchaseRow)
            and (other.item, other.supplier) == (row.item, row.supplier)
            and self._kind(other) is self._kind(row)
        ]
        documents = [other.document for other in same]
        needed = latest(self.course, documents, granted, self.goal)
        late = [other for other in same if now.reached[other.document].time > needed] or [row]
        late.sort(key=lambda other: (other.due, other.document))
        offer = self.network.offer(row)
        cause = Cause(
            self._kind(row),
            tuple(other.document for other in late),
            row.item,
            sum(self._for_it(other) for other in late),
            supplier=row.supplier,
            since=min(other.order_by for other in late),
            until=max(other.due for other in late),
            lead_time=offer.lead_time if offer else None,
            possible=max(self.course.arrival(other) for other in late),
            through=through,
            elsewhere=tuple(self._elsewhere(row.item, needed)),
        )
        length = now.reached[row.document].time - self.course.begin
        return Candidate(cause, Granted(there=frozenset(documents)), length)

    def _kind(self, row: PurchaseRow) -> CauseKind:
        if self.course.stands(row):
            if row.due < self.network.now:
                return CauseKind.OVERDUE
            return CauseKind.SUPPLIER_DATE if self.network.deferred(row) else CauseKind.ON_ORDER
        offers = self.network.plant.offers.get(row.item, ())
        times = {offer.lead_time.forward(self.course.begin) for offer in offers}
        limited = any(offer.capacity_per_week is not None for offer in offers)
        full = limited and self.course.arrival(row) not in times
        return CauseKind.SUPPLIER_FULL if full else CauseKind.LEAD_TIME

    def _begun(self, supply: Supply, through: tuple[str, ...]) -> Candidate:
        kind = CauseKind.OVERDUE if supply.time < self.network.now else CauseKind.ON_ORDER
        cause = Cause(
            kind,
            (supply.document,),
            supply.item,
            self._for_it(supply),
            since=supply.begin,
            until=supply.time,
            through=tuple(document for document in through if document != supply.document),
        )
        length = max(0, supply.time - self.course.begin)
        return Candidate(cause, Granted(there=frozenset([supply.document])), length)

    def _for_it(self, supply: Supply) -> Units:
        """What of a supply is for the release, or for what is made for it."""
        own = {self.release.document, *(s.document for s in self.course.supplies if isinstance(s, WorkOrder))}
        return sum(share.units for share in self.network.served(supply.document) if share.need in own)

    def _elsewhere(self, item: str, needed: Instant) -> Iterator[tuple[str, Units]]:
        """(order line, units) of what is there in time, and is for others; the largest first."""
        own = {self.release.document, *(supply.document for supply in self.course.supplies)}
        early = [s.document for s in self.network.of_item(item) if s.time <= needed]
        shares: Iterable[Share] = chain(
            self.network.stocked.get(item, ()), *(self.network.served(document) for document in early)
        )
        sums: dict[str, Units] = {}
        for share in shares:
            lines = self.network.lines_for([share.need]) if share.need not in own else []
            for line in lines[:1]:
                sums[line] = sums.get(line, 0) + share.units
        sums.pop(base_document(self.release.document), None)
        yield from sorted(sums.items(), key=lambda entry: (-entry[1], entry[0]))

    # -- what work waits for

    def _busy(self, now: Pass, works: list[WorkOrder], granted: Granted) -> Iterator[Candidate]:
        """Work centres that do other work before that on the path."""
        waits: dict[str, list[tuple[WorkOrder, Placed]]] = {}
        for order in works:
            for placed in now.reached[order.document].placed:
                if placed.waits >= MINUTE and placed.slot.work_centre not in granted.idle:
                    waits.setdefault(placed.slot.work_centre, []).append((order, placed))
        for centre, found in waits.items():
            own = {supply.document for supply in self.course.supplies}
            before = list(self._before(centre, [placed for _, placed in found], own))
            if not before:
                continue
            order, longest = max(found, key=lambda entry: entry[1].waits)
            cause = Cause(
                CauseKind.BUSY,
                tuple(dict.fromkeys(o.document for o, _ in found)),
                order.item,
                order.quantity,
                work_centre=centre,
                step=longest.slot.step,
                since=longest.open,
                until=longest.start,
                seconds=sum(placed.waits for _, placed in found),
                before=tuple(self._told(slot, other) for slot, other in before[:_MOST_BEFORE]),
                ahead=len(before),
                through=tuple(o.document for o in works[works.index(order) :]),
            )
            yield Candidate(cause, Granted(idle=frozenset([centre])), cause.seconds or 0)

    def _before(self, centre: str, waiting: list[Placed], own: set[str]) -> Iterator[tuple[OperationSlot, WorkOrder]]:
        """Other orders' work on a work centre while something waits for it."""
        for slot, order in self.network.work.get(centre, ()):
            meant = any(slot.start < placed.start and slot.finish > placed.open for placed in waiting)
            if meant and slot.start < slot.finish and order.document not in own:
                yield slot, order

    def _told(self, slot: OperationSlot, order: WorkOrder) -> Before:
        lines = tuple(self.network.lines_for([order.document]))
        return Before(order.document, order.item, slot.start, slot.finish, lines)

    def _down(self, now: Pass, works: list[WorkOrder], granted: Granted) -> Iterator[Candidate]:
        """Downtimes that stand in the way of the work on the path."""
        for order in works:
            for placed in now.reached[order.document].placed:
                centre = placed.slot.work_centre
                if centre in granted.up:
                    continue
                times = self.network.books.downtimes.get(centre, ())
                met = [(a, b) for a, b in times if a < placed.finish and b > placed.ready]
                if met:
                    cause = Cause(
                        CauseKind.DOWN,
                        (order.document,),
                        order.item,
                        order.quantity,
                        work_centre=centre,
                        step=placed.slot.step,
                        since=min(a for a, _ in met),
                        until=max(b for _, b in met),
                        through=tuple(o.document for o in works[works.index(order) :]),
                    )
                    yield Candidate(cause, Granted(up=frozenset([centre])), (cause.until or 0) - (cause.since or 0))
                    return

    def _lots(self, works: list[WorkOrder], now: Pass, granted: Granted) -> Iterator[Candidate]:
        """Work orders that are larger than what is needed of them, where that takes time."""
        for order in works:
            shares = self.network.served(order.document)
            needed = sum(share.units for share in shares if share.need in self.network.every_supply)
            needed += sum(share.units for share in shares if share.need in self.network.releases)
            if not 0 < needed < order.quantity or order.document in granted.lot:
                continue
            grant = Granted(lot={order.document: needed})
            if now.time - self.course.run(both(granted, grant)).time >= max(MINUTE, (now.time - self.goal) // _WORTH):
                cause = Cause(
                    CauseKind.LOT,
                    (order.document,),
                    order.item,
                    order.quantity,
                    needed,
                    through=tuple(o.document for o in works[works.index(order) :]),
                )
                yield Candidate(cause, grant)

    def _work(self, now: Pass, works: list[WorkOrder]) -> Candidate:
        """The work itself, or a work centre that is closed for longer than the work takes."""
        last = works[-1]
        begin, finish = now.reached[works[0].document].ready, now.reached[last.document].time
        placed = [(order, p) for order in works for p in now.reached[order.document].placed]
        work = sum(p.slot.minutes for _, p in placed) * MINUTE
        for order in works:
            if not order.operations:
                work += now.reached[order.document].time - now.reached[order.document].ready
        busiest = max(placed, key=lambda entry: entry[1].finish - entry[1].ready, default=None)
        cause = Cause(
            CauseKind.RUN_TIME,
            tuple(order.document for order in works),
            last.item,
            last.quantity,
            work_centre=busiest[1].slot.work_centre if busiest else "",
            step=busiest[1].slot.step if busiest else "",
            since=begin,
            until=finish,
            seconds=work,
            through=tuple(order.document for order in works),
        )
        closed = max((self.network.closed(p.slot.work_centre, p.ready, p.finish) for _, p in placed), default=None)
        if closed is not None and closed[0] >= max(DAY, work):
            length, centre, since, until = closed
            cause = replace(cause, kind=CauseKind.CLOSED, work_centre=centre, since=since, until=until, seconds=length)
        return Candidate(cause, NOTHING)
