"""The plan of a group, kept up to date: what `regenerate` gives, at the cost of what a change changes.

A change is carried through level by level, as `regenerate` goes: an item whose needs, stock or receipts have changed is
netted from there until its balance is what it was; an order that has changed is placed again, and so are those that it
moves, until none moves any more; what has changed of their starts changes the needs of the next level. All of it can be
taken back exactly, so that a date can be tried.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import count
from typing import TypeAlias

from agents.planner.book import Book, Commitment, Shelf
from agents.planner.capacity import Load
from agents.planner.covering import Cover, Covering, Lot, Violation, order_key
from agents.planner.netting import OTHERS, Need
from agents.planner.numbering import Changes
from agents.planner.placing import LiveOrder, Placing
from agents.planner.purchases import Buyer, Buying, Priced, counted
from agents.planner.slack import Balance, Bound, Slack
from agents.planner.undo import UndoLog
from knowledge.instants import HOUR, MINUTE, Instant
from knowledge.plant import Item, Replenishment
from knowledge.quantities import Units
from knowledge.supply import SAFETY_STOCK, PurchaseRow, Supply

_FIRST: Instant = -(2**62)
_LAST: Instant = 2**62

_REST = 16
"""Tried in vain, placing everything in sequence rests for so many decisions, then for twice as many."""

_FEW = 8
"""Where fewer than one order in so many was placed besides, not everything is placed anew for it."""

_EFFORT = 5000
"""Orders get an earlier turn until so many operations have been placed in a hard trial and those after it."""

_MANY = 64
"""From so many planned orders on a new one is placed besides them if it can be, so that they need not change, and those
that are in its way may get an earlier turn. Fewer are always in sequence."""

Span: TypeAlias = tuple[Instant, Instant]
"""A first and a last time between which something has changed."""


Touched: TypeAlias = tuple[dict[LiveOrder, None], dict[tuple[str, Instant], None], dict[str, Instant]]
"""Orders, items with days of what is bought of them, and items with a time from when on they may have changed."""


@dataclass(frozen=True, slots=True)
class _Later:
    """Where an item is to be netted once somebody asks; `gone` are documents that need it no more."""

    spans: tuple[Span, ...]
    gone: tuple[str, ...]


@dataclass(eq=False, slots=True)
class LiveItem:
    """One item: its needs with the balance after each, and what covers those that were short.

    `spans` are where something has changed since it was netted.
    """

    item: Item
    level: int
    makes: bool
    needs: list[Need] = field(default_factory=list)
    after: list[Units | None] = field(default_factory=list)
    on_hand: Units = 0
    receipts: list[tuple[Instant, Units]] = field(default_factory=list)
    safety_from: Instant | None = None
    offers: tuple[Priced, ...] = ()
    covers: dict[str, Cover] = field(default_factory=dict)
    bought: list[Need] = field(default_factory=list)
    """The needs, in order, that something is bought for: those of `covers`."""
    orders: dict[str, list[LiveOrder]] = field(default_factory=dict)
    days: dict[Instant, dict[str, bool]] = field(default_factory=dict)
    """Of rows that are bought: by the end of the day when they are due, the needs that they are bought for. What is
    chosen is due when its need is."""
    traced: bool = False
    """Whether `after` holds."""
    later: _Later | None = None
    spans: list[Span] = field(default_factory=list)
    gone: list[Need] = field(default_factory=list)
    come: list[Need] = field(default_factory=list)

    def mark(self, low: Instant, high: Instant) -> None:
        """Something has changed between two times."""
        self.spans.append((low, high))

    def settle(self) -> None:
        """Nothing has changed any more."""
        self.spans.clear()
        self.gone.clear()
        self.come.clear()


class Live:
    """The plan of one group of a book. `violation` is why the last trial failed, `log` takes back what it did."""

    def __init__(self, book: Book, group: int) -> None:
        self.book, self.group, self.shop = book, group, book.shop
        self.now = book.now
        self.log = UndoLog()
        self.violation: Violation | None = None
        self.blocked: LiveOrder | None = None
        """The order that no work centre has a place for, where that is why."""
        self.names: dict[str, str] = {}
        """The documents that planned orders were numbered with, by their keys."""
        self.adopted = False
        """Whether the planned supply is as this plan said when it was adopted."""
        self.violations: tuple[Violation, ...] = ()
        self.pinned: tuple[Supply, ...] = ()
        self.feasible = True
        self._adopted = 0
        self._told: tuple[tuple[int, int], Touched] | None = None
        """What had changed when it was asked last, and between which marks of the log."""
        self._bought: dict[tuple[str, Instant], tuple[str, ...]] = {}
        self._decision: tuple[int, int, bool, tuple[set[str], set[str]] | None] | None = None
        self.entered: dict[str, tuple[Commitment, Instant]] = {}
        self._buyer = Buyer(book, ())
        self._items: dict[str, LiveItem] = {}
        self._dirty: dict[int, set[str]] = {}
        self._alarms: list[tuple[Instant, int, str, object]] = []
        self._numbers = count()
        self._late: dict[str, bool] = {}
        self._overdue: dict[str, bool] = {}
        self._waiting: dict[str, bool] = {}
        self._loose: dict[LiveOrder, bool] = {}
        """Orders placed besides those before them."""
        self._rest, self._rests = _REST, 0
        self._effort = _EFFORT
        self._size = 0
        self._keys: dict[str, LiveOrder] = {}
        self._turn, self._trying = 0, False
        self._last_turn = max([0, *book.turns.values()])
        self._tried: tuple[Commitment, int] | None = None
        self._slack: tuple[object, Slack, dict[object, tuple[Instant, Violation | None]]] | None = None
        items = self.shop.groups[group]
        self._levels = sorted({self.shop.level[code] for code in items})
        self._safety = [
            code for code in items if self.shop.plant.items[code].safety_stock and not self.shop.makes(code)
        ]
        self._perishable = [code for code in items if self.shop.plant.items[code].life]
        self.placing = Placing(book, self.log, items)

    # -- what is asked

    def sync(self) -> bool:
        """Take what has changed of the book; whether everything still comes in time (else this plan is of no use)."""
        self._forget_trial()
        keys, items = self.book.changed.pop(self.group, (set(), set()))
        if self.book.now > self.now:
            self._advance(keys, items)
        if not keys and not items and not self._dirty and not self.placing.waits:
            return True
        for code in sorted(items):
            self._refresh(code)
        for key in sorted(keys):
            self._take(key)
        self._effort = self.placing.settled + _EFFORT
        return self._run(raising=True)

    def build(self) -> bool:
        """Take all of the book."""
        self.book.changed[self.group] = (
            set(self.book.commitments.get(self.group, {})),
            {i for i in self.shop.groups[self.group] if i in self.book.firm or i in self.book.others},
        )
        for code in self.shop.groups[self.group]:
            if self.book.on_hand.get(code) or code in self._safety:
                self.book.changed[self.group][1].add(code)
        return self.sync()

    def trial(self, commitment: Commitment, *, hard: bool = False, besides: bool = False) -> bool:
        """Whether everything comes in time with this commitment, too (in place of one of its key).

        It is tried besides what is planned already, then in sequence with it; where it is tried `hard`, also after
        everything else that was placed besides was placed in sequence, which it stays; where only `besides`, and much
        is planned, not in sequence. The plan has it in it then, until the next trial, or for good if it is accepted.
        """
        if not self.sync():
            return False
        if hard:
            self._effort = self.placing.settled + _EFFORT
        mark = self.log.mark()
        feasible = self.large and self._try(commitment, self._last_turn + 1)
        if not feasible and not (besides and self.large):
            feasible = not self._is_full(commitment) and self._try(commitment, 0, raising=hard)
        if not feasible and hard and not self._is_full(commitment) and self._tighten():
            mark = self.log.mark()
            feasible = self._try(commitment, 0, raising=True)
        if feasible:
            self._tried = commitment, mark
        return feasible

    def by_slack(self, commitment: Commitment) -> tuple[Instant, Violation | None]:
        """The first whole minute at which the slack of the work centres lets a commitment be due, and what it lacks
        before; now, where little is planned."""
        if not self.large:
            return self.now, None
        stands = self.log.mark(), self.book.versions.get(self.group, 0), self.now
        if self._slack is None or self._slack[0] != stands:
            self._slack = stands, Slack(self.shop, self.placing, self._balance), {}
        _, slack, known = self._slack
        key = commitment.needs
        if key not in known:
            known[key] = self._by_slack(slack, commitment)
        return known[key]

    def _by_slack(self, slack: Slack, commitment: Commitment) -> tuple[Instant, Violation | None]:
        needs = [need for need in commitment.needs if self.shop.group_of[need[0]] == self.group]
        bounds = [(slack.needed(item, quantity), quantity, document) for item, quantity, document in needs]
        bound, quantity, document = max(bounds, key=lambda b: b[0].time, default=(Bound(self.now), 0, ""))
        if bound.time <= self.now:
            return self.now, None
        violation = Violation(bound.item, quantity, commitment.time, document, None, bound.work_centre)
        return -(-bound.time // MINUTE) * MINUTE, violation

    def _balance(self, code: str) -> Balance | None:
        """How an item is planned, unless something has changed of it or all of it is netted at any change."""
        found = self._items.get(code)
        if found is None:
            return Balance(self.book.on_hand.get(code, 0), (), (), ())
        if not found.traced or found.spans:
            return None
        return Balance(found.on_hand, found.receipts, found.needs, found.after)

    def _is_full(self, commitment: Commitment) -> bool:
        """Whether work centres cannot have time for a commitment, in whatever sequence."""
        time, violation = self.by_slack(commitment)
        if violation is None or commitment.time >= time:
            return False
        self.violation = replace(violation, time=commitment.time)
        return True

    def _try(self, commitment: Commitment, turn: int, raising: bool = False) -> bool:
        mark = self.log.mark()
        self._turn, self._trying = turn, True
        self._enter(commitment)
        feasible = self._run(raising)
        self._turn, self._trying = 0, False
        if not feasible:
            self.back(mark)
            return False
        if turn and self._loose and next(reversed(self._loose)).turn == turn:
            self.log.set(self, "_last_turn", turn)
        return True

    def _tighten(self) -> bool:
        """Place in sequence all that was placed besides; whether there was any, and everything comes in time.

        If it is not possible the plan is as it was.
        """
        if not self._loose or self._rests:
            return False
        mark, orders = self.log.mark(), list(self._loose)
        everything = len(orders) * _FEW > self._size
        self.log.set(self, "_loose", {})
        self.placing.in_turn(orders, 0, all_of_it=everything)
        self.log.log.extend((_order_changed, (order,)) for order in orders)
        self.log.set(self, "_last_turn", 0)
        if self._run(raising=True):
            self._rest = _REST
            return True
        self.back(mark)
        self._rests, self._rest = self._rest, self._rest * 2
        return False

    def accept(self, commitment: Commitment) -> None:
        """Keep the last trial, if it was of this commitment."""
        if self._tried is not None and self._tried[0] == commitment:
            self._tried = None

    def savepoint(self) -> int:
        """A mark to go back to: nothing is being tried."""
        self._forget_trial()
        self._flush()
        return self.log.mark()

    def back(self, mark: int) -> None:
        """Take everything back since a mark of the log."""
        self._abort()
        self._tried = None
        self.log.back(mark)

    def _forget_trial(self) -> None:
        if self._tried is not None:
            self.back(self._tried[1])

    def holds(self, commitment: Commitment) -> bool:
        """Whether the plan has just this commitment in it besides those of the book."""
        return self._tried is not None and self._tried[0] == commitment

    # -- one decision

    def begin(self) -> None:
        """A decision begins: what was decided before is not taken back any more."""
        self._forget_trial()
        self._flush()
        self._rests = max(0, self._rests - 1)
        if self._adopted == self.log.mark():
            self.log.log.clear()
            self._adopted = 0
        self._decision = self.log.mark(), self._adopted, self.adopted, self.book.changed.get(self.group)

    def undo(self) -> bool:
        """Take back what the decision under way did; whether that can be."""
        if self._decision is None:
            return False
        mark, self._adopted, self.adopted, (keys, items) = (*self._decision[:3], self._decision[3] or (set(), set()))
        self.back(mark)
        changed = self.book.changed.setdefault(self.group, (set(), set()))
        changed[0].update(keys)
        changed[1].update(items)
        return True

    def changes(self) -> tuple[Changes, list[str], dict[str, Instant]]:
        """Since the plan was adopted: what is to be numbered, the documents that are not so any more, and items netted,
        each with the first time from when on it may have changed."""
        self._flush()
        orders, days, items = self._touched()
        documents = [self.names[order.document] for order in orders if order.document in self.names]
        documents += [document for key in days for document in self._bought.get(key, ())]
        level = self.shop.level
        ordered = sorted((o for o in orders if not o.gone), key=lambda o: (o.level, o.rank))
        rows = [row for key in sorted(days, key=lambda k: (level[k[0]], k)) for row in self._rows_of(*key)]
        return Changes(ordered, rows), documents, items

    def _touched(self) -> Touched:
        """Since the plan was adopted: orders, items and days of what is bought, items netted with when from."""
        stands = self._adopted, self.log.mark()
        if self._told is not None and self._told[0] == stands:
            return self._told[1]
        orders: dict[LiveOrder, None] = {}
        days: dict[tuple[str, Instant], None] = {}
        items: dict[str, Instant] = {}
        for call, args in self.log.log[self._adopted :]:
            if call is _day_changed:
                days[args] = None
            elif call is _order_changed:
                orders[args[0]] = None
            elif call is _netted:
                items[args[0]] = min(args[1], items.get(args[0], _LAST))
        self._told = stands, (orders, days, items)
        return self._told[1]

    def adopt(self, names: dict[str, str], supply: Iterable[Supply]) -> None:
        """The planned supply is as this plan says: what has changed has these names, and is bought by these rows."""
        log, day_end, group_of = self.log, self.shop.day_end, self.shop.group_of
        orders, days, _ = self._touched()
        if not self.adopted:
            log.set(self, "names", {})
            log.set(self, "_bought", {})
        for order in orders:
            if order.gone:
                log.put(self.names, order.document, None)
        for key, name in names.items():
            if self.names.get(key) != name:
                log.put(self.names, key, name)
        bought: dict[tuple[str, Instant], tuple[str, ...]] = dict.fromkeys(days, ())
        for row in supply:
            if isinstance(row, PurchaseRow) and group_of[row.item] == self.group:
                day = row.item, day_end(row.due)
                bought[day] = (*(bought[day] if day in bought else self._bought.get(day, ())), row.document)
        for day, documents in bought.items():
            if self._bought.get(day, ()) != documents:
                log.put(self._bought, day, documents or None)
        self._told = None
        self.adopted, self._adopted = True, log.mark()

    # -- as other plans are read

    @property
    def making(self) -> dict[str, list[LiveOrder]]:
        """Planned orders by item, in order of need."""
        found = ((code, item.orders) for code, item in self._items.items() if item.orders)
        return {c: sorted((o for lots in orders.values() for o in lots), key=lambda o: o.rank) for c, orders in found}

    @property
    def buying(self) -> dict[str, list[Buying]]:
        """Planned purchases by item, in order of need, those of a day joined."""
        self._flush()
        return {code: self._joined(code, item.covers.values()) for code, item in self._items.items() if item.covers}

    def staircase_of(self, item: str) -> tuple[list[Need], list[tuple[Instant, Units]]]:
        """The needs of an item in this plan, and when what it plans of it comes, and how much."""
        found = self._items.get(item)
        if found is None:
            return [], []
        if found.later is not None:
            self._flush()
        receipts = [(order.due, order.quantity) for lots in found.orders.values() for order in lots]
        rows = (row for cover in found.covers.values() for row in cover.bought(self._buyer, item))
        receipts += [(row.due, row.quantity) for row in rows]
        return found.needs, receipts

    @property
    def large(self) -> bool:
        """Whether so much is planned that it matters how a date is looked for."""
        return self._size >= _MANY

    def load(self, work_centre: str) -> Load | None:
        """What a work centre has to do, as an independent copy."""
        return Load([machine.busy() for machine in self.placing.centre(work_centre).machines])

    def _rows_of(self, code: str, day: Instant) -> list[Buying]:
        """What is bought of an item for the day that ends then."""
        found = self._items[code]
        covers = self._chosen_for(found, day)
        others = found.days.get(day)
        if not others:
            return self._joined(code, covers)
        day_end = self.shop.day_end
        covers = list(dict.fromkeys([*covers, *[found.covers[document] for document in others]]))
        return [row for row in self._joined(code, covers) if day_end(row.due) == day]

    def _chosen_for(self, found: LiveItem, day: Instant) -> list[Cover]:
        """What is chosen for the needs of the day that ends then."""
        bought = found.bought
        begin, end = bisect_left(bought, (self.shop.day_start(day - 1),)), bisect_left(bought, (day,))
        covers = [found.covers[need.document] for need in bought[begin:end]]
        return [cover for cover in covers if cover.chosen is not None]

    def _joined(self, code: str, covers: Collection[Cover]) -> list[Buying]:
        ordered = covers if len(covers) < 2 else sorted(covers, key=lambda cover: cover.need)
        return self._buyer.joined([row for cover in ordered for row in cover.bought(self._buyer, code)])

    # -- what has changed

    def _advance(self, keys: set[str], items: set[str]) -> None:
        """Time has passed: what is overdue counts from now on, what should have begun has not."""
        self._flush()
        now = self.book.now
        self.log.set(self, "now", now)
        self.placing.advance(now)
        keys.update(self._late)
        items.update(self._overdue)
        alarms = self._alarms
        while alarms and alarms[0][0] < now:
            alarm = heappop(alarms)
            self.log.log.append((heappush, (alarms, alarm)))
            time, _, kind, what = alarm
            if kind == "commitment":
                keys.add(str(what))
            elif kind == "receipt":
                items.add(str(what))
            elif isinstance(what, LiveOrder):
                if not what.gone and what.start == time:
                    self.placing.look_again(what)
            elif isinstance(what, tuple):
                code, document = what
                cover = self._items[code].covers.get(document) if code in self._items else None
                if cover is not None and cover.order_by() == time:
                    self._mark(self._items[code], cover.time, cover.time)
        for code in self._safety:
            self._move_safety(self._item(code))
        for code in (*self._perishable, *self.book.marked):
            if code in self._items:
                self._mark(self._items[code], _FIRST, _LAST)

    def _move_safety(self, found: LiveItem) -> None:
        """From when on safety stock can be had moves with the time."""
        begin, old = self._buyer.first_arrival(found.item.code), found.safety_from
        if begin == old:
            return
        self.log.set(found, "safety_from", begin)
        if old is None or begin is None:
            self._mark(found, _FIRST, _LAST)
            return
        low, high = min(old, begin), max(old, begin)
        index = bisect_left(found.needs, (low,))
        if SAFETY_STOCK in found.covers or (index < len(found.needs) and found.needs[index].time <= high):
            self._mark(found, low, high)

    def _alarm(self, time: Instant, kind: str, what: object) -> None:
        heappush(self._alarms, (time, next(self._numbers), kind, what))

    def _take(self, key: str) -> None:
        """A commitment has come, changed or gone."""
        new = self.book.commitments.get(self.group, {}).get(key)
        if new is not None:
            self._enter(new)
        elif key in self.entered:
            self._leave(key)

    def _enter(self, commitment: Commitment) -> None:
        key, time = commitment.key, max(commitment.time, self.now)
        old = self.entered.get(key)
        if old is not None:
            if old[0] == commitment and old[1] == time:
                return
            self._leave(key)
        self.log.put(self.entered, key, (commitment, time))
        for code, units, document in commitment.needs:
            if self.shop.group_of[code] == self.group:
                self._add(code, Need(time, commitment.sequence, units, document))
        if commitment.time < self.now:
            self.log.put(self._late, key, True)
        else:
            self._alarm(commitment.time, "commitment", key)

    def _leave(self, key: str) -> None:
        commitment, time = self.entered[key]
        self.log.put(self.entered, key, None)
        self.log.put(self._late, key, None)
        for code, units, document in commitment.needs:
            if self.shop.group_of[code] == self.group:
                self._remove(code, Need(time, commitment.sequence, units, document))

    def _refresh(self, code: str) -> None:
        """Stock, firm supply or what others have reserved of an item may be other than it was."""
        found, book, log = self._item(code), self.book, self.log
        log.log.append((_netted, (code, _FIRST)))
        on_hand = book.on_hand.get(code, 0)
        if on_hand != found.on_hand:
            log.set(found, "on_hand", on_hand)
            self._mark(found, _FIRST, _FIRST)
        receipts = Covering(book, found.item, found.needs, self._buyer).receipts()
        if receipts != found.receipts:
            now, before = Counter(receipts), Counter(found.receipts)  # two of them may be the same
            differing = [time for time, _ in (*(now - before), *(before - now))]
            low, high = min(differing), max(differing)
            log.set(found, "receipts", receipts)
            self._mark(found, low, high)
            if not found.makes:  # what was planned for that day is firm, though just as much may be planned again
                log.log.extend([(_day_changed, (code, self.shop.day_end(time))) for time in differing])
        times = [supply.time for supply in book.firm_supply(code)]
        times.extend(time for time, _ in book.others.get(code, ()))
        log.put(self._overdue, code, True if any(time < self.now for time in times) else None)
        for time in times:
            if time >= self.now:
                self._alarm(time, "receipt", code)
        others = ((max(time, self.now), -units) for time, units in book.others.get(code, ()) if units < 0)
        self._replace_others(found, [Need(time, -1, units, OTHERS) for time, units in others])
        if found.makes:
            self.placing.take_firm(code)
            self._tell_again(found)
        offers = self._buyer.offers(code)
        if offers is not found.offers:
            log.set(found, "offers", offers)
            log.set(found, "safety_from", self._buyer.first_arrival(code) if code in self._safety else None)
            self._mark(found, _FIRST, _LAST)
        if self._special(found):
            self._mark(found, _FIRST, _LAST)

    def _tell_again(self, found: LiveItem) -> None:
        """What was planned of an item and is issued, or done, is planned no more, though another may be needed that is
        just like it: under another number, for which its components are made."""
        planned = self.book.planned.get(found.item.code, Shelf())
        bom = self.shop.plant.boms.get(found.item.code)
        parts = [self._items[part.item] for part in bom.components if part.item in self._items] if bom else []
        for order in (order for lots in found.orders.values() for order in lots):
            if (document := self.names.get(order.document)) is None or document in planned:
                continue
            self.log.log.append((_order_changed, (order,)))
            for part in parts:
                self.log.log.extend([(_order_changed, (lot,)) for lot in part.orders.get(order.document, ())])
                if (cover := part.covers.get(order.document)) is not None:
                    self.log.log.extend([(_day_changed, (part.item.code, day)) for day in self._days_of(cover)])

    def _days_of(self, cover: Cover) -> dict[Instant, None]:
        """The ends of the days when what is bought is due."""
        times = [*([cover.time] if cover.chosen is not None else ()), *(row.due for row in cover.rows)]
        return dict.fromkeys(map(self.shop.day_end, times))

    def _replace_others(self, found: LiveItem, needs: list[Need]) -> None:
        before = [need for need in found.needs if need.sequence == -1 and need.document == OTHERS]
        for need in before if before != needs else ():
            self._remove(found.item.code, need)
        for need in needs if before != needs else ():
            self._add(found.item.code, need)

    def _item(self, code: str) -> LiveItem:
        found = self._items.get(code)
        if found is None:
            found = LiveItem(self.shop.plant.items[code], self.shop.level[code], self.shop.makes(code))
            self.log.put(self._items, code, found)
            found.on_hand = self.book.on_hand.get(code, 0)
            found.mark(_FIRST, _FIRST)
            if code in self._safety:
                found.safety_from = self._buyer.first_arrival(code)
            self._dirty.setdefault(found.level, set()).add(code)
            self._refresh(code)
        return found

    def _mark(self, found: LiveItem, low: Instant, high: Instant) -> None:
        found.mark(low, high)
        self._dirty.setdefault(found.level, set()).add(found.item.code)

    def _add(self, code: str, need: Need) -> None:
        found = self._item(code)
        found.come.append(need)
        self._mark(found, need.time, need.time)

    def _remove(self, code: str, need: Need) -> None:
        found = self._item(code)
        found.gone.append(need)
        self._mark(found, need.time, need.time)

    # -- how it is carried through

    def _run(self, raising: bool = False) -> bool:
        """Carry what has changed through all levels; whether everything comes in time.

        Where `raising`, orders that are in the way of that get an earlier turn, unless they are few.
        """
        index = 0
        while index < len(self._levels):
            level = self._levels[index]
            if self._level(level):
                index += 1
                continue
            turn, orders = self._to_raise() if raising and self._tries() else (0, [])
            if not orders:
                return False
            self._raise(turn, orders)
            index = self._levels.index(min(order.level for order in orders))
        self.placing.done()
        return True

    def _tries(self) -> bool:
        """Whether there is effort left for giving orders an earlier turn, and they are not few."""
        return self.large and self.placing.settled < self._effort

    def _level(self, level: int) -> bool:
        """Net the items of a level that have changed, and place their orders; whether all of it comes in time."""
        self.blocked = None
        dirty = self._dirty.get(level, set())
        for code in sorted(dirty):
            if not self._net(self._items[code]):
                return False
            dirty.discard(code)
        violation = self.placing.run(level)
        if violation is not None:
            self.violation, self.blocked = violation, self.placing.blocked
            return False
        self._explode(level)
        return True

    def _to_raise(self) -> tuple[int, list[LiveOrder]]:
        """An earlier turn, and the orders that are to have it: what is in the way, and what that is made for.

        Where a work centre is full, that is the order without a place: it is placed in sequence, or, where that is for
        what was promised already, before what is in sequence. Where material comes
        too late, it is one that takes the material before it comes, or what is made of it, and could do so later: one
        that was placed besides comes in sequence, another before those that need not wait for material.
        """
        violation = self.violation
        assert violation is not None
        if violation.earliest is None:
            chain = self._above(self.blocked)
            turn = 0 if any(order.turn > 0 for order in chain) or self._trying else -1
            return turn, [order for order in chain if order.turn > turn]
        earliest, own = violation.earliest, self._above(self._keys.get(violation.document))
        turn = -(earliest // HOUR)
        chains = [self._above(order) for order in self._takers(violation.item, earliest)]
        late = [(_latest_start(chain), n) for n, chain in enumerate(chains)]
        waiting = [(start, n) for start, n in late if start >= earliest]
        besides = [(start, n) for start, n in waiting if any(order.turn > 0 for order in chains[n])]
        if besides:
            return 0, [order for order in chains[max(besides)[1]] if order.turn > 0]
        others = [(start, n) for start, n in waiting if any(order.turn > turn for order in chains[n])]
        own = chains[max(others)[1]] if others else own
        return turn, [order for order in own if order.turn > turn]

    def _takers(self, item: str, before: Instant) -> dict[LiveOrder, None]:
        """Planned orders that need an item, or what is made of it, before a time."""
        found: dict[LiveOrder, None] = {}
        waiting = [item]
        while waiting:
            code = waiting.pop()
            waiting.extend(parent for parent in self.shop.parents.get(code, ()) if parent in self._items)
            known = self._items.get(code)
            for need in known.needs[: bisect_left(known.needs, (before,))] if known is not None else ():
                if (order := self._keys.get(need.document)) is not None:
                    found[order] = None
        return found

    def _above(self, order: LiveOrder | None) -> list[LiveOrder]:
        """An order and those that it is made for, the last of them for somebody's need."""
        found: list[LiveOrder] = []
        while order is not None:
            found.append(order)
            order = self._keys.get(order.cause)
        return found

    def _raise(self, turn: int, orders: list[LiveOrder]) -> None:
        """Place orders in an earlier turn."""
        self.placing.in_turn(orders, turn)
        for order in orders:
            self.log.put(self._loose, order, None)
            self.log.log.append((_order_changed, (order,)))

    def _abort(self) -> None:
        """Forget what was still to be done."""
        for codes in self._dirty.values():
            for code in codes:
                self._items[code].settle()
        self._dirty.clear()
        self.placing.abort()

    def _special(self, found: LiveItem) -> bool:
        """Whether all of an item is netted at any change: what expires, belongs to somebody, or is had in weeks."""
        code = found.item.code
        return bool(found.item.life) or code in self.book.marked or (not found.makes and counted(self.book, code))

    def _net(self, found: LiveItem) -> bool:
        """Net an item from where something has changed; only what can be bought at any rate waits until it is asked."""
        log, later = self.log, found.later
        spans, gone = list(found.spans), [need.document for need in found.gone]
        for need in found.come:
            index = bisect_left(found.needs, need)
            log.insert_both(found.needs, found.after, index, need, None)
        for need in found.gone:  # after what has come: some of that may have gone again
            index = bisect_left(found.needs, need)
            log.pop_both(found.needs, found.after, index)
        found.settle()
        if later is not None:
            spans, gone = [*later.spans, *spans], [*later.gone, *gone]
        if self._special(found):
            if later is not None:
                self._later(found, None)
            return self._net_all(found)
        if found.traced and not found.makes and self._can_be_bought(found, min(spans)[0]):
            self._later(found, _Later(tuple(spans), tuple(gone)))
            return True
        if later is not None:
            self._later(found, None)
        return self._net_between(found, spans, gone)

    def _later(self, found: LiveItem, later: _Later | None) -> None:
        self.log.set(found, "later", later)
        self.log.put(self._waiting, found.item.code, True if later else None)

    def _can_be_bought(self, found: LiveItem, time: Instant) -> bool:
        """Whether any quantity of an item can be bought for any need from a time's day on."""
        code, now = found.item.code, self.now
        if time == _FIRST or found.item.supply is not Replenishment.BUY:
            return False
        start = self.shop.day_start(time)
        offers = (entry.offer for entry in self._buyer.offers(code))
        return any(offer.lead_time.forward(now) <= start and offer.lead_time.backward(start) >= now for offer in offers)

    def _flush(self) -> None:
        """Net what has waited."""
        for code in sorted(self._waiting):
            found = self._items[code]
            later = found.later
            assert later is not None
            self._later(found, None)
            if not self._net_between(found, later.spans, later.gone):
                raise AssertionError(f"{code} could be bought and cannot")

    def _net_all(self, found: LiveItem) -> bool:
        code = found.item.code
        buyer = self._buyer if found.makes else Buyer(self.book, (code,))
        covering = Covering(self.book, found.item, found.needs, buyer)
        covering.run()
        self.log.set(found, "traced", False)
        self.log.log.append((_netted, (code, _FIRST)))
        return self._cover(found, covering.covers, list({**found.orders, **found.covers, **covering.covers}))

    def _net_between(self, found: LiveItem, spans: Iterable[Span], gone: Sequence[str]) -> bool:
        """Net an item where something has changed, each time until its balance is what it was."""
        needs, after, log = found.needs, found.after, self.log.log
        covering = Covering(self.book, found.item, needs, self._buyer)
        netting = covering.netting(found.on_hand, found.receipts, needs)
        ordered = sorted(set(spans)) if found.traced else [(_FIRST, _LAST)]
        walked, safety, stop = dict.fromkeys(gone), False, -1
        covered: list[str] = []
        old, new = found.orders, covering.covers
        log.append((_netted, (found.item.code, ordered[0][0])))
        self.log.set(found, "traced", True)
        for low, high in ordered:
            if stop > 0 and high < needs[stop - 1].time:
                continue
            start = low if found.makes or low == _FIRST else self.shop.day_start(low)
            begin = max(stop, bisect_left(needs, (start,)))
            settled = bisect_left(needs, (high + 1,))  # where the need stands that follows one that is gone
            if not gone:
                settled = max(settled - 1, bisect_left(needs, (high,)))
            if stop > settled or stop == len(needs):
                continue
            before = netting.resume(after, begin, settled)
            stop = begin + len(before)
            log.append((after.__setitem__, (slice(begin, stop), before)))
            if found.makes:
                walked.update([(n.document, None) for n in needs[begin:stop] if n.document in old or n.document in new])
            elif stop > begin:
                bought = found.bought
                low, high = bisect_left(bought, needs[begin]), bisect_right(bought, needs[stop - 1])
                covered += [need.document for need in bought[low:high]]
            safety = safety or self._checked_safety(found, begin, stop)
        if not found.makes:
            walked.update([(document, None) for document in (*new, *covered) if document != SAFETY_STOCK])
        if safety or SAFETY_STOCK in new:
            walked[SAFETY_STOCK] = None
        return self._cover(found, covering.covers, walked)

    def _cover(
        self,
        found: LiveItem,
        covers: dict[str, Cover],
        documents: Iterable[str],
    ) -> bool:
        """Take over what the shortages of these documents are covered with."""
        missed: list[Violation] = []
        for document in documents:
            new = covers.get(document)
            if new is not None and new.violation is not None:
                missed.append(new.violation)
                continue
            if new is None and document not in found.orders and document not in found.covers:
                continue
            if found.makes:
                self._lots(found, document, new)
            else:
                self._buy(found, document, new)
        if missed:
            self.violation = min(missed, key=lambda violation: (violation.time, violation.document))
            times = [violation.time for violation in missed]  # those of needs that have moved come first
            self._mark(found, min(times), max(times))
            return False
        return self.placing.violation is None or self._violated()

    def _violated(self) -> bool:
        self.violation, self.placing.violation = self.placing.violation, None
        return False

    def _checked_safety(self, found: LiveItem, begin: int, stop: int) -> bool:
        """Whether a run went over the time from which on safety stock is asked for."""
        time = found.safety_from
        if time is None:
            return True
        before = begin > 0 and found.needs[begin - 1].time >= time
        return not before and (stop == len(found.needs) or found.needs[stop - 1].time >= time)

    def _lots(self, found: LiveItem, document: str, cover: Cover | None) -> None:
        """Make the lots of a need what they are to be."""
        code, log = found.item.code, self.log
        orders, lots = found.orders.get(document, []), cover.lots if cover else []
        if not orders and not lots:
            return
        kept: list[LiveOrder] = []
        for number, lot in enumerate(lots):
            assert cover is not None
            rank = (code, *cover.need, number)
            if number < len(orders):
                self._change(orders[number], lot, cover, rank)
                kept.append(orders[number])
                continue
            key = order_key(code, document, number)
            turn = self.book.turns.get(key, self._turn)
            order = LiveOrder(code, found.level, lot.quantity, cover.time, document, key, rank, lot.kept, turn)
            log.put(self._keys, key, order)
            if turn > 0:
                log.put(self._loose, order, True)
            log.log.append((_order_changed, (order,)))
            log.set(self, "_size", self._size + 1)
            self.placing.add(order)
            kept.append(order)
        for order in orders[len(lots) :]:
            log.log.append((_order_changed, (order,)))
            log.put(self._loose, order, None)
            log.put(self._keys, order.document, None)
            log.set(self, "_size", self._size - 1)
            self.placing.remove(order)
        if kept != orders:
            log.put(found.orders, document, kept or None)

    def _change(self, order: LiveOrder, lot: Lot, cover: Cover, rank: tuple[str, Instant, int, int, str, int]) -> None:
        if (order.quantity, order.due, order.rank, order.kept) == (lot.quantity, cover.time, rank, lot.kept):
            return
        self.log.log.append((_order_changed, (order,)))
        if order.kept != lot.kept:
            self.log.set(order, "kept", lot.kept)
        self.placing.change(order, lot.quantity, cover.time, rank)

    def _buy(self, found: LiveItem, document: str, cover: Cover | None) -> None:
        """Make the purchases of a need what they are to be."""
        covers, log, code = found.covers, self.log.log, found.item.code
        old = covers.get(document)
        new = cover if cover is not None and (cover.chosen is not None or cover.rows) else None
        if old is None and new is None:
            return
        log.append((covers.pop, (document, None)) if old is None else (covers.__setitem__, (document, old)))
        if new is None:
            del covers[document]
        else:
            covers[document] = new
        if old is None or new is None or old.need != new.need:
            if old is not None:
                self.log.pop(found.bought, bisect_left(found.bought, old.need))
            if new is not None:
                self.log.insert(found.bought, bisect_left(found.bought, new.need), new.need)
        if old is not None and new is not None and old.buys_like(new):
            return
        days: dict[Instant, None] = {}
        for bought in (old, new):
            if bought is not None and bought.chosen is not None:
                days[self.shop.day_end(bought.time)] = None
        if (old is not None and old.rows) or (new is not None and new.rows):
            days.update(self._note_rows(found, document, old, new))
        log.extend([(_day_changed, (code, day)) for day in days])
        if new is not None:
            order_by = new.order_by()
            if old is None or old.order_by() != order_by:  # else there is an alarm
                self._alarm(order_by, "row", (code, document))

    def _note_rows(self, found: LiveItem, document: str, old: Cover | None, new: Cover | None) -> dict[Instant, None]:
        """Note by day for which need rows are bought; the days."""
        log, day_end = self.log, self.shop.day_end
        gone = dict.fromkeys([day_end(row.due) for row in old.rows] if old is not None else ())
        come = dict.fromkeys([day_end(row.due) for row in new.rows] if new is not None else ())
        for day in gone:
            log.put(found.days[day], document, None)
            if not found.days[day]:
                log.put(found.days, day, None)
        for day in come:
            if day not in found.days:
                log.put(found.days, day, {})
            log.put(found.days[day], document, True)
        return gone | come

    def _explode(self, level: int) -> None:
        """What has changed of orders changes the needs of their components."""
        now = self.now
        for order in self.placing.touched.pop(level, ()):
            self.log.log.append((_order_changed, (order,)))
            new = None if order.gone else (max(order.start, now), order.quantity)
            old = order.asked
            if new == old:
                continue
            if old is not None:
                for code, units in self.shop.parts(order.item, old[1]):
                    self._remove(code, Need(old[0], 0, units, order.document))
            if new is not None:
                for code, units in self.shop.parts(order.item, new[1]):
                    self._add(code, Need(new[0], 0, units, order.document))
            self.log.set(order, "asked", new)
            if new is not None:
                self._alarm(order.start, "order", order)


def _latest_start(orders: list[LiveOrder]) -> Instant:
    """When the first of orders that are made one for the other could start, were there nothing else and no closed
    time."""
    return orders[-1].due - sum(op.stop - op.position for order in orders for op in order.placed) if orders else 0


def _order_changed(order: LiveOrder) -> None:
    """Mark in the log: an order is not what it was."""


def _day_changed(code: str, day: Instant) -> None:
    """Mark in the log: what is bought of an item on a day is not what it was."""


def _netted(code: str, low: Instant) -> None:
    """Mark in the log: an item was netted, with what has changed from a time on."""
