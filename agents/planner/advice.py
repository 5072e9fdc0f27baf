"""Action messages: what a person should do about supply that the society does not change by itself.

A message stands as long as it is true: it goes when its supply is done, when the need is what it was, when supply is in
time again, or when work of an older revision has begun.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from agents.planner.keeping import Keeping
from agents.planner.kept import Message
from agents.planner.superseded import superseded
from knowledge.instants import DAY, Instant, iso
from knowledge.pegging import Dated
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.supply import SAFETY_STOCK, STOCK, Release, Supply, WorkOrder, base_document, readable

_IDLE = (STOCK, SAFETY_STOCK)

_NEAR = 2 * DAY
"""How far beyond the last need of firm supply it is looked for needs of it."""

_Pegged: TypeAlias = tuple[list[Dated], dict[str, list[tuple[str, Units]]], Instant | None]
"""Events of an item, the needs that its supply is for, and the last need of firm supply, if that is known."""


class Advice(Keeping):
    """The state, with action messages."""

    __slots__ = ()

    def advise(self, items: Mapping[str, Instant]) -> None:
        """Messages on the firm supply of items, as pegged now; each with the first time from when on it has changed."""
        for item, time in items.items():
            if self.book.firm.get(item) and not self._settled(item, time) and not self._is_known(item):
                self._advise(item)
                self.advised[item] = self.book.stirred[item]

    def _advise(self, item: str) -> None:
        """Messages on the firm supply of an item."""
        events, taken, reach = self._near(item) or self._all(item)
        times = {event.document: event.time for event in events if event.units < 0}
        for document, supply in self.book.firm[item].items():
            pegged = taken.get(document, [])
            self._excess(supply, sum([units for need, units in pegged if need not in _IDLE]))
            self._early(supply, [times[need] for need, _ in pegged if need in times])
            self._late(supply, sum([units for need, units in pegged if need == STOCK]))
            self._superseded(supply)
        self.journal.set(self.pegged_until, item, None if self._may_change(item) else reach)

    def _all(self, item: str) -> _Pegged:
        """All of an item."""
        events = self.events(item)
        return events, self.pegs_of(item, events).of_supply(), self._reach(item, events)

    def _near(self, item: str) -> _Pegged | None:
        """An item as far as its firm supply goes, where that was not much further when it was looked at last, and all
        of it is for needs: later needs take nothing of it."""
        until, book = self.pegged_until.get(item), self.book
        if until is None or item in book.others or item in book.marked or self.plant.items[item].life:
            return None
        firm = book.firm[item]
        last = max(until, *[supply.time for supply in firm.values()]) + _NEAR
        events = self.events_of([item], last)[item]
        reach = self._reach(item, events)
        if reach is None:
            return None
        taken = self.pegs_of(item, events).of_supply()
        idle = any(need in _IDLE for document in firm for need, _ in taken.get(document, ()))
        return None if idle else (events, taken, reach)

    def _settled(self, item: str, time: Instant) -> bool:
        """Whether what changes from a time on changes no pegs of firm supply, and nothing is said of it that may go."""
        until = self.pegged_until.get(item)
        return until is not None and time > until

    def _is_known(self, item: str) -> bool:
        """Whether nothing has changed since it was looked at last, and time alone changes nothing."""
        if self.advised.get(item) != self.book.stirred[item]:
            return False
        return not self.plant.items[item].life and not self._may_change(item)

    def _may_change(self, item: str) -> bool:
        """Whether pegs of firm supply may change with any event, or something is said of it that may go."""
        keys = (f"{kind} {document}" for document in self.book.firm[item] for kind in ("excess", "early", "late"))
        return item in self.book.marked or any(key in self.messages for key in keys)

    def _reach(self, item: str, events: Iterable[Dated]) -> Instant | None:
        """The time of the last need that firm supply, or what comes before it, is for; None where some is left over."""
        last = max((supply.time for supply in self.book.firm[item].values()), default=self.now)
        left = self.book.on_hand.get(item, 0) + sum([e.units for e in events if e.units > 0 and e.time <= last])
        for event in sorted([event for event in events if event.units < 0]):
            left += event.units
            if left <= 0:
                return max(event.time, last)
        return None

    def _excess(self, supply: Supply, needed: Units) -> None:
        """Supply that lost the need it had: cancel all of it, or decrease it.

        What has come is not in excess, and has met the need for so much of it.
        """
        document, came = supply.document, supply.came
        most = min(max(self.used.get(document, 0), came + needed), came + supply.receipt)
        if most != self.used.get(document, 0):
            self.journal.set(self.used, document, most)
        excess = most - came - needed
        if excess <= 0:
            self._withdraw(f"excess {document}")
            return
        action = "cancel" if excess == supply.receipt else "decrease"
        reason = f"{readable(document)} has lost the need for it; it is {supply.status} and not changed by itself"
        self._tell(Message(f"excess {document}", action, document, supply.item, excess, supply.time, reason))
        if action == "cancel":
            self._withdraw(*self._slips(document))

    def _early(self, supply: Supply, needs: list[Instant]) -> None:
        """Supply whose need has moved to a later day than any that it had: defer it."""
        document, key = supply.document, f"early {supply.document}"
        first = min(needs, default=None)
        before = self.needed.get(document)
        if first is None:
            self.journal.drop(self.needed, document)
        elif before is None or first < before:
            self.journal.set(self.needed, document, first)
        if first is None or before is None or first - DAY <= max(before, supply.time, self.now):
            self._withdraw(key)
            return
        zone = self.plant.zone
        when = f"{iso(first, zone)}, before it was {iso(before, zone)}"
        reason = f"{readable(document)} is needed {when}; it is {supply.status} and not changed by itself"
        self._tell(Message(key, "defer", document, supply.item, supply.receipt, first, reason))

    def _late(self, supply: Supply, idle: Units) -> None:
        """Supply that nobody waits for, while other supply is planned for an earlier need: expedite it."""
        item, key = supply.item, f"late {supply.document}"
        earlier = [p for p in self._planned(item) if p.time < supply.time] if idle else []
        if not earlier or idle < supply.receipt or f"excess {supply.document}" in self.messages:
            self._withdraw(key)
            return
        first = min(earlier, key=lambda p: (p.time, p.document))
        reason = f"{first.number} is planned for an earlier need; {readable(supply.document)} would serve it if it came"
        self._tell(Message(key, "expedite", supply.document, item, min(idle, first.receipt), first.time, reason))

    def _superseded(self, supply: Supply) -> None:
        """Firm work that has not begun and is not as the revision in force has it: put that in its place, or begin."""
        document, key = supply.document, f"superseded {supply.document}"
        other = superseded(self.book.shop, supply) if isinstance(supply, WorkOrder) else ""
        if not other:
            self._withdraw(key)
            return
        reason = f"{readable(document)} is planned by another {other}; it is {supply.status} and not changed by itself"
        self._tell(Message(key, "substitute", document, supply.item, supply.quantity, supply.begin, reason))

    # -- what keeps a promise from being better

    def slipped(self, release: Release, document: str, reason: str, needed: dict[str, Instant]) -> None:
        """An expedite message that names what slipped and the promise that it moves.

        `needed` says by item when it was needed for the promise to hold.
        """
        supply = self.find_supply(document)
        if supply is None:
            item, quantity, time = release.item, release.quantity, release.ship
        else:
            item, quantity = supply.item, supply.receipt
            time = needed.get(supply.item, release.ship)
        if f"excess {document}" in self.messages and self.messages[f"excess {document}"].action == "cancel":
            return
        self._tell(Message(_slip(document, release), "expedite", document, item, quantity, time, reason))

    def hurry(self, release: Release) -> None:
        """Firm supply that alone keeps a release from its requested time: expedite it."""
        if release.requested is None or release.delivery <= release.requested:
            return
        late = release.delivery - release.requested
        for supply, time in dict.fromkeys(self._in_the_way(release.document, release.item, release.ship, late)):
            reason = f"{readable(base_document(release.document))} is asked for earlier than it can come"
            key = _slip(supply.document, release)
            self._tell(Message(key, "expedite", supply.document, supply.item, supply.receipt, time, reason))

    def _in_the_way(self, need: str, item: str, time: Instant, late: int) -> Iterator[tuple[Supply, Instant]]:
        """(firm supply, when it would have to come) below a need that would have to be met so much earlier."""
        for document, _ in self.pegs(item).of_need().get(need, ()):
            supply = self._open(document, item)
            if supply is None:
                continue
            if supply.status is not SupplyStatus.PLANNED:
                if supply.time > time - late:
                    yield supply, time - late
            elif isinstance(supply, WorkOrder):
                for part, _ in supply.components:
                    yield from self._in_the_way(document, part, supply.start, late)

    def in_time_again(self, supply: Supply) -> None:
        """News of a supply: what was said of its slip no longer holds where it comes when it was needed."""
        comes = max(supply.time, self.now)  # one that should be here by now is overdue, whatever its date
        gone = (key for key in self._slips(supply.document) if comes <= self.messages[key].time)
        self._withdraw(*list(gone))

    def _slips(self, document: str) -> list[str]:
        return [key for key in self.messages if key.startswith(f"expedite {document} ")]

    def settle_line(self, document: str) -> None:
        """An order line is planned anew, or has left: what was in its way is no longer said."""
        line = base_document(document)
        self._withdraw(*[key for key in self.messages if key.startswith("expedite ") and key.endswith(f" {line}")])

    def settle_cause(self, document: str) -> None:
        """A new fact replaces what was said because of an earlier one of the same kind."""
        self._withdraw(*self._slips(document))

    def _tell(self, message: Message) -> None:
        if self.messages.get(message.key) != message:
            self.journal.set(self.messages, message.key, message)


def _slip(document: str, release: Release) -> str:
    return f"expedite {document} {base_document(release.document)}"
