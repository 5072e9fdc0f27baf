"""What differs, in a planner's words: one text an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from knowledge.instants import HOUR, Instant
from knowledge.plant import Plant
from knowledge.wording import count, show_end, show_of, show_price, show_quantity, show_span, show_time
from simulations.report.records import ActionMessage, Approval, Operation, Peg, Purchase, Shipment, WorkOrder
from simulations.what_if.values import Changes, Effect, LineChange, Pair, Part, WeekLoad

MOST_NAMED = 3
_IDLE = {"stock": "stock", "safety_stock": "safety stock"}


@dataclass(frozen=True, slots=True)
class Words:
    """Says what differs in a plant, in its zone."""

    plant: Plant

    def at(self, instant: Instant | None) -> str:
        return "?" if instant is None else show_time(instant, self.plant.zone)

    def by(self, instant: Instant | None) -> str:
        return "?" if instant is None else show_end(instant, self.plant.zone)

    def of(self, quantity: Decimal, item: str) -> str:
        return f"{show_of(quantity, item, self.plant)} of {item or 'a custom part'}"

    # -- promises

    def goods(self, change: LineChange) -> str:
        """What a line is of."""
        parts = change.after or change.before
        items = list(dict.fromkeys(part.item or "custom part" for part in parts))
        total = sum((part.quantity for part in parts), Decimal(0))
        return f"{show_of(total, parts[0].item, self.plant)} of {', '.join(items)}"

    def fate(self, change: LineChange) -> str:
        """What becomes of it: `3 d later`, `2 d earlier`, or the name of the effect."""
        was, now = _last(change.before), _last(change.after)
        if change.effect in (Effect.WORSE, Effect.BETTER) and was is not None and now is not None and was != now:
            return f"{show_span(abs(now - was))} {'later' if now > was else 'earlier'}"
        if change.effect is Effect.OTHER:
            return f"now {_status(change.after)}"
        return change.effect.value

    def standing(self, parts: Sequence[Part]) -> str:
        """How the parts of a line stand, in one sentence."""
        several = len(parts) > 1
        return ", ".join(self._part(part, several) for part in parts) or "not there"

    def _part(self, part: Part, several: bool) -> str:
        told = f"{show_quantity(part.quantity)} " if several else ""
        if part.promised is None:
            return told + part.status.replace("_", " ")
        told += self.by(part.promised)
        if part.status == "at_risk":
            later = "" if part.delivery == part.promised else f", planned for {self.by(part.delivery)}"
            told += f" (at risk{later})"
        elif part.late_seconds:
            told += f" ({show_span(part.late_seconds)} late)"
        return told

    def reasons(self, parts: Iterable[Part]) -> list[str]:
        """Why parts stand as they do, each reason once."""
        return list(dict.fromkeys(part.reason for part in parts if part.reason))

    # -- supply

    def work_order(self, row: WorkOrder) -> str:
        times = f"{self.at(row.start)} to {self.by(row.finish)}"
        return f"{row.number}  {self.of(row.quantity, row.item)}, {times}, {row.status}{self._uses(row.pegs)}"

    def purchase(self, row: Purchase) -> str:
        price = "" if row.unit_price is None else f" at {show_price(row.unit_price, row.currency)}"
        times = f"order by {self.at(row.order_by)}, due {self.at(row.due)}"
        goods = f"{self.of(row.quantity, row.item)} from {row.supplier}{price}"
        return f"{row.number}  {goods}, {times}, {row.status}{self._uses(row.pegs)}"

    def shipment(self, row: Shipment) -> str:
        goods = self.of(row.quantity, row.item)
        return f"{row.number}  {goods} for {row.order}/{row.line}, ships {self.by(row.ship)}, {row.status}"

    def operation(self, row: Operation) -> str:
        return f"{row.work_order} step {row.step}  on {row.work_centre}, {self.at(row.start)} to {self.by(row.finish)}"

    def _uses(self, pegs: Sequence[Peg]) -> str:
        named = [_IDLE.get(peg.document, peg.document) for peg in pegs]
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        return f", for {', '.join(named[:MOST_NAMED])}{more}" if named else ""

    def work_order_change(self, pair: Pair[WorkOrder]) -> str:
        was, now = pair.before, pair.after
        told = [self._quantities(was.quantity, now.quantity), _from_to(was.status, now.status)]
        told.append(self._times("done", was.finish, now.finish, self.by))
        return self._change(was.number, now.number, now.item, told)

    def purchase_change(self, pair: Pair[Purchase]) -> str:
        was, now = pair.before, pair.after
        told = [self._quantities(was.quantity, now.quantity), _from_to(was.supplier, now.supplier)]
        prices = [show_price(row.unit_price, row.currency) if row.unit_price is not None else "?" for row in (was, now)]
        told += [_from_to(*prices), _from_to(was.status, now.status)]
        told.append(self._times("order by", was.order_by, now.order_by, self.at))
        told.append(self._times("due", was.due, now.due, self.at))
        return self._change(was.number, now.number, now.item, told)

    def shipment_change(self, pair: Pair[Shipment]) -> str:
        was, now = pair.before, pair.after
        told = [self._quantities(was.quantity, now.quantity), _from_to(was.status, now.status)]
        told += [_from_to(was.ship_to, now.ship_to), self._times("ships", was.ship, now.ship, self.by)]
        return self._change(was.number, now.number, f"{now.order}/{now.line}", told)

    def operation_change(self, pair: Pair[Operation]) -> str:
        was, now = pair.before, pair.after
        return f"{now.work_order} step {now.step}  on {now.work_centre} instead of {was.work_centre}"

    def _change(self, was: str, now: str, what: str, told: Iterable[str]) -> str:
        number = now if was == now else f"{was} → {now}"
        return f"{number}  {what}: {', '.join(text for text in told if text)}"

    def _quantities(self, was: Decimal, now: Decimal) -> str:
        return _from_to(show_quantity(was), show_quantity(now))

    def _times(self, word: str, was: Instant | None, now: Instant | None, show: Callable[[Instant | None], str]) -> str:
        if was == now:
            return ""
        told = f"{word} {show(was)} → {show(now)}"
        if was is None or now is None:
            return told
        return f"{told} ({show_span(abs(now - was))} {'later' if now > was else 'earlier'})"

    def action(self, row: ActionMessage) -> str:
        goods = " ".join(filter(None, ("" if row.quantity is None else show_quantity(row.quantity), row.item)))
        when = "" if row.time is None else f"  {self.at(row.time)}"
        return f"{row.action} {row.document}  {goods}{when}"

    def approval(self, row: Approval) -> str:
        return f"{row.number}  {row.decision} for {row.subject}, {row.status}{f' by {row.by}' if row.by else ''}"

    # -- figures

    def week(self, code: str, week: WeekLoad) -> str:
        """A work centre in one week: machine hours, and their share of those that are open."""
        day = self.at(week.start).partition(" ")[0]
        load = _from_to(hours(week.busy.before), hours(week.busy.after)) or hours(week.busy.after)
        room = _from_to(hours(week.open.before), hours(week.open.after)) or hours(week.open.after)
        share = [_percent(week.busy.before, week.open.before), _percent(week.busy.after, week.open.after)]
        return f"{code}  week of {day}: {load} of {room} h open ({_from_to(*share) or share[1]})"


def tally(changes: Changes[Any]) -> str:
    """How many rows there are of each kind: `2 new, 1 moved, 12 re-timed by 3 h at most`."""
    kinds = {"new": changes.new, "changed": changes.changed, "moved": changes.moved, "dropped": changes.dropped}
    return ", ".join(f"{len(rows):,} {kind}" for kind, rows in kinds.items() if rows) or "at other times only"


def retimed(number: int, most: int) -> str:
    """What is summed up: planned supply of which nobody has to know that it has moved, by so many seconds at most."""
    return f"{count(number, 'more row')} re-timed, by {show_span(most)} at most, for what stands as before"


def _last(parts: Iterable[Part]) -> Instant | None:
    return max((part.delivery for part in parts if part.delivery is not None), default=None)


def _status(parts: Iterable[Part]) -> str:
    return ", ".join(dict.fromkeys(part.status.replace("_", " ") for part in parts))


def _from_to(was: str, now: str) -> str:
    return "" if was == now else f"{was or 'none'} → {now or 'none'}"


def hours(seconds: int | Fraction) -> str:
    """Seconds in hours, to a tenth."""
    tenths = int((seconds * 10 + HOUR // 2) // HOUR)
    return f"{tenths // 10:,}" + (f".{tenths % 10}" if tenths % 10 else "")


def _percent(part: int, whole: int) -> str:
    return f"{(part * 200 + whole) // (2 * whole)} %" if whole else "closed"
