"""How early a release could go: its own supply placed forwards, beside what other orders have.

Plans are placed backwards, as late as keeps their date, so that every time in them looks tight. Whether it is shows
only forwards: a `Course` takes the supply below one release off the plan and has each of it as early as it can,
beginning at one moment. Purchases come from the supplier that is the fastest, when its lead time is over and its week
has room. Work begins when its components are there and a machine is free; other orders' work on it moves up to make
room, as far as its own components could be there earlier, but never later. Supply that was issued before that moment,
or was there before the society, comes when it is due: nobody decides about it any more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from knowledge.calendars import OpenTime
from knowledge.explanation.lanes import Lane, Owner, Stretch, lanes, placed
from knowledge.explanation.network import Network, Share
from knowledge.instants import DAY, MINUTE, Instant, local_date, midnight
from knowledge.plant import Offer, SupplyStatus
from knowledge.quantities import Units
from knowledge.supply import STOCK, OperationSlot, PurchaseRow, Release, Supply, WorkOrder

ISSUED = (SupplyStatus.FIRM, SupplyStatus.RELEASED)
"""What nobody changes any more but a person."""

_MOST_WEEKS = 260


@dataclass(frozen=True, slots=True)
class Granted:
    """What a pass takes for granted, to see what would be if it were so.

    Supply that is `there` at once, or at other `times`; work centres with no others' work on them (`idle`), without
    downtimes (`up`), never closed (`always`), or with a machine `more`; work orders of a smaller `lot`; `finished`
    operations, by (work order, step).
    """

    there: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    up: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()
    times: Mapping[str, Instant] = field(default_factory=dict)
    lot: Mapping[str, Units] = field(default_factory=dict)
    finished: Mapping[tuple[str, str], Instant] = field(default_factory=dict)


NOTHING = Granted()


@dataclass(frozen=True, slots=True)
class Placed:
    """An operation placed: when what it needs was there, when its work centre was open then, when it was done."""

    slot: OperationSlot
    ready: Instant
    open: Instant
    start: Instant
    finish: Instant

    @property
    def waits(self) -> int:
        """How long it waits for a machine, in seconds of the clock."""
        return self.start - self.open


@dataclass(frozen=True, slots=True)
class Reached:
    """When a supply is there in a pass, and what it waits for the longest: a document, `stock`, or nothing."""

    time: Instant
    after: str
    ready: Instant
    placed: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class Pass:
    """The result of a pass: when the release could go, the supply that it waits for the longest, all that is below."""

    time: Instant
    after: str
    reached: Mapping[str, Reached]

    def path(self) -> list[str]:
        """What decides the time, from the release down: each document waits for the next."""
        found: list[str] = []
        document = self.after
        while document in self.reached and document not in found:
            found.append(document)
            document = self.reached[document].after
        return found


@dataclass
class Course:
    """Forward passes for one release from one moment on.

    In `hindsight` the moment is when the release was promised: what was ordered or begun for it then, or later, could
    have been had from then on. Otherwise the moment is now, and what was issued meanwhile comes when it is due.
    """

    network: Network
    release: Release
    begin: Instant
    hindsight: bool = False
    shares: list[Share] = field(init=False)
    supplies: list[Supply] = field(init=False)
    _own: frozenset[str] = field(init=False)
    _lanes: dict[tuple[str, bool, bool, bool, bool], list[Lane]] = field(default_factory=dict)
    _arrivals: dict[str, Instant] = field(default_factory=dict)
    _free: dict[str, Instant] = field(default_factory=dict)
    _floors: dict[str, dict[str, Instant]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.shares = self.network.serving(self.release.document)
        self.supplies = sorted(self._below(), key=lambda supply: supply.begin)
        self._own = frozenset(s.document for s in self.supplies if isinstance(s, WorkOrder) and not self.stands(s))

    def _below(self) -> list[Supply]:
        """Open supply below the release, components before what is made of them; what stands is not looked below."""
        found: list[Supply] = []
        seen: set[str] = set()
        waiting = [(share.supply, False) for share in reversed(self.shares)]
        while waiting:
            document, done = waiting.pop()
            supply = self.network.supplies.get(document)
            if supply is None or (document in seen and not done):
                continue
            seen.add(document)
            if done or isinstance(supply, PurchaseRow) or self.stands(supply):
                found.append(supply)
                continue
            waiting.append((document, True))
            waiting.extend((share.supply, False) for share in self.network.serving(document))
        return found

    # -- what stands, and when it comes

    def stands(self, supply: Supply) -> bool:
        """Whether a supply comes when it is due, whatever is decided at the moment where the course begins."""
        if supply.status not in ISSUED:
            return False
        if isinstance(supply, WorkOrder) and not supply.drawn and self._waits_for_components(supply):
            return False
        if not self.hindsight or supply.number in self.network.given or supply.begin < self.begin:
            return True
        return isinstance(supply, PurchaseRow) and self.network.deferred(supply)

    def _waits_for_components(self, order: WorkOrder) -> bool:
        """Whether an issued order that has not begun stands where it does because a component comes only then."""
        times = [
            self.network.supplies[share.supply].time
            for share in self.network.serving(order.document)
            if share.supply in self.network.supplies
        ]
        return bool(times) and max(times) >= order.start - MINUTE

    def arrival(self, row: PurchaseRow) -> Instant:
        """When a purchase could be here at the earliest, its supplier's full weeks counted."""
        found = self._arrivals.get(row.document)
        if found is None:
            found = self._arrivals[row.document] = self._arrival(row)
        return found

    def _arrival(self, row: PurchaseRow) -> Instant:
        if self.stands(row):
            return max(row.due, self.begin)
        due = max(row.due, self.begin)
        own = self.network.offer(row)
        if own is not None and row.status in ISSUED and due - (time := self.offered(row, own)) < DAY:
            return min(time, due)  # it was ordered at once, so nothing faster was offered then
        return min([due, *(self.offered(row, offer) for offer in self.network.plant.offers.get(row.item, ()))])

    def offered(self, row: PurchaseRow, offer: Offer) -> Instant:
        """When what a row buys could come by an offer, ordered at once."""
        first = offer.lead_time.forward(self.begin)
        if offer.capacity_per_week is None:
            return first
        asked = replace(row, supplier=offer.supplier, quantity=offer.lot.raise_to(row.receipt))
        return self.week_with_room(asked, offer, first)

    def week_with_room(self, row: PurchaseRow, offer: Offer, first: Instant) -> Instant:
        """The first time, from the lead time's end on, in a week that takes the row beside what others have of it."""
        assert offer.capacity_per_week is not None
        zone, taken = self.network.plant.zone, self._weeks(row)
        time = first
        for _ in range(_MOST_WEEKS):
            day = local_date(time, zone)
            week = day - dt.timedelta(days=day.weekday())
            if taken.get(week, 0) + row.quantity <= offer.capacity_per_week:
                return time
            time = midnight(week + dt.timedelta(days=7), zone)
        return row.due

    def _weeks(self, row: PurchaseRow) -> dict[dt.date, Units]:
        """What other rows take of the weeks of a row's supplier."""
        weeks: dict[dt.date, Units] = {}
        for other in self.network.of_item(row.item):
            same = other.document == row.document
            if isinstance(other, PurchaseRow) and other.supplier == row.supplier and not same:
                day = local_date(other.due, self.network.plant.zone)
                monday = day - dt.timedelta(days=day.weekday())
                weeks[monday] = weeks.get(monday, 0) + other.quantity
        return weeks

    # -- a pass

    def run(self, granted: Granted = NOTHING) -> Pass:
        """Have everything as early as it can."""
        taken: dict[str, list[Lane]] = {}
        reached: dict[str, Reached] = {}
        for supply in self.supplies:
            document = supply.document
            if document in granted.times:
                reached[document] = Reached(granted.times[document], "", granted.times[document])
            elif document in granted.there:
                reached[document] = Reached(self.begin, "", self.begin)
            elif isinstance(supply, PurchaseRow):
                time = self.arrival(supply)
                reached[document] = Reached(time, "", time)
            elif self.stands(supply):
                time = max(supply.finish, self.begin)
                reached[document] = Reached(time, "", time)
            else:
                reached[document] = self._made(supply, reached, taken, granted)
        time, after = self._last(self.shares, reached, granted)
        return Pass(time, after, reached)

    def _last(self, shares: list[Share], reached: Mapping[str, Reached], granted: Granted) -> tuple[Instant, str]:
        """When all of these are there, and the last of them. What is granted is never waited for."""
        time, after = self.begin, STOCK if shares else ""
        for share in shares:
            found = reached.get(share.supply)
            if found is None and share.supply in self.network.supplies:  # in a circle: as planned
                time = max(time, self.network.supplies[share.supply].time)
            elif found is not None and found.time > time:
                time, after = found.time, share.supply
            elif found is not None and found.time == time and after == STOCK and share.supply not in granted.there:
                after = share.supply
        return time, after

    def _made(
        self, order: WorkOrder, reached: Mapping[str, Reached], taken: dict[str, list[Lane]], granted: Granted
    ) -> Reached:
        shares = [] if order.drawn else self.network.serving(order.document)
        ready, after = self._last(shares, reached, granted)
        time = ready
        if not order.operations:
            time = self.network.plant.items[order.item].lead_time.forward(ready)
        found: list[Placed] = []
        for slot in order.operations:
            found.append(self._placed(order, slot, time, taken, granted))
            time = found[-1].finish
        if ready <= order.start and not granted.lot and not granted.finished:
            time = min(time, max(order.finish, ready))  # it has a place there at the latest
        return Reached(time, after, ready, tuple(found))

    def _placed(
        self, order: WorkOrder, slot: OperationSlot, ready: Instant, taken: dict[str, list[Lane]], granted: Granted
    ) -> Placed:
        centre = slot.work_centre
        done = granted.finished.get((order.document, slot.step))
        if done is not None or centre not in self.network.plant.work_centres:
            finish = max(ready, done if done is not None else ready)
            return Placed(slot, ready, ready, ready, finish)
        key = centre, centre in granted.idle, centre in granted.up, centre in granted.always, centre in granted.more
        axis = self.network.axis(centre, up=key[2], always=key[3])
        machines = taken.get(centre)
        if machines is None:
            machines = taken[centre] = [lane.copy() for lane in self._busy(*key)]
        quantity = granted.lot.get(order.document)
        minutes = slot.minutes if quantity is None else self.network.minutes(order, slot, quantity)
        begin = axis.open_seconds(ready)
        if not minutes:
            return Placed(slot, ready, ready, ready, ready)
        position = placed(
            machines, begin, minutes * MINUTE, lambda owner: axis.open_seconds(self._floor(owner)), MINUTE
        )
        start, finish = axis.start_at(position), axis.finish_at(position + minutes * MINUTE)
        return Placed(slot, ready, axis.start_at(begin), start, finish)

    def _busy(self, centre: str, idle: bool, up: bool, always: bool, more: bool) -> list[Lane]:
        """The machines of a work centre with all work on them but what is below the release."""
        key = centre, idle, up, always, more
        found = self._lanes.get(key)
        if found is None:
            axis = self.network.axis(centre, up=up, always=always)
            busy = [
                (slot.machine, self._stretch(slot, order, axis))
                for slot, order in self.network.work.get(centre, ())
                if not idle and slot.finish > self.begin and order.document not in self._own
            ]
            found = self._lanes[key] = lanes(self.network.plant.work_centres[centre].machines + more, busy)
        return found

    def _stretch(self, slot: OperationSlot, order: WorkOrder, axis: OpenTime) -> Stretch:
        owner = None if self.stands(order) or order.drawn else (order.document, slot.step)
        return Stretch(axis.open_seconds(slot.start), axis.open_seconds(slot.finish), owner)

    # -- how far other orders' work could move up

    def _floor(self, owner: Owner) -> Instant:
        """The earliest start of an operation of another order, if it had all machines for itself."""
        document, step = owner
        order = self.network.every_supply[document]
        assert isinstance(order, WorkOrder)
        self._free_finish(order)
        return self._floors[document].get(step, order.start)

    def _free_finish(self, order: WorkOrder) -> Instant:
        """When another order could be done, if it had all machines for itself."""
        known = self._free.get(order.document)
        if known is not None:
            return known
        self._free[order.document] = order.finish  # for a circle of pegs
        time = self.begin
        for share in self.network.serving(order.document):
            time = max(time, self._free_time(share.supply))
        floors = self._floors.setdefault(order.document, {})
        if not order.operations:
            time = self.network.plant.items[order.item].lead_time.forward(time)
        for slot in order.operations:
            floors[slot.step] = time
            if slot.work_centre in self.network.plant.work_centres:
                axis = self.network.axis(slot.work_centre)
                time = max(time, axis.finish_at(axis.open_seconds(time) + slot.minutes * MINUTE))
        self._free[order.document] = time
        return time

    def _free_time(self, document: str) -> Instant:
        supply = self.network.supplies.get(document)
        if supply is None:
            return self.begin
        if isinstance(supply, PurchaseRow):
            return self.arrival(supply)
        return max(supply.finish, self.begin) if self.stands(supply) else self._free_finish(supply)
