"""Cures in a planner's words, one sentence each, and the small pieces that every sentence is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from knowledge.explanation.values import Cure, CureKind, PartState
from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.quantities import Units, from_units
from knowledge.supply import base_document
from knowledge.wording import count, show_end, show_money, show_of, show_span, show_time, showable
from simulations.report.reading import readable

MOST_NAMED = 3

_SILENCE = {
    "approve": "silence approves",
    "reject": "silence rejects",
    "escalate": "silence escalates",
    "alternative": "silence takes an alternative",
}
STATES = {
    PartState.ON_TIME: "on time",
    PartState.AT_RISK: "at risk",
    PartState.AWAITING_ENGINEERING: "awaiting engineering",
    PartState.AWAITING_APPROVAL: "awaiting approval",
}


@dataclass(frozen=True, slots=True)
class CureWords:
    """Says things about a plant, in its zone and currency."""

    plant: Plant

    # -- small pieces

    def at(self, instant: Instant | None) -> str:
        """A time at which something begins or comes."""
        return "?" if instant is None else show_time(instant, self.plant.zone)

    def by(self, instant: Instant | None) -> str:
        """A time by which something is there."""
        return "?" if instant is None else show_end(instant, self.plant.zone)

    def of(self, units: Units | None, item: str) -> str:
        """So much of an item: `12 EA of PUMP-10`."""
        return showable(item) if units is None else f"{self.amount(units, item)} of {showable(item)}"

    def amount(self, units: Units, item: str) -> str:
        known = self.plant.items.get(item)
        return show_of(from_units(units, known.decimals if known else 0), item, self.plant)

    def name(self, document: str) -> str:
        """A document as people know it."""
        return readable(base_document(document))

    def names(self, documents: Sequence[str]) -> str:
        """Documents in a row, the first few of many."""
        known = list(dict.fromkeys(self.name(document) for document in documents))
        told = ", ".join(known[:MOST_NAMED])
        return f"{told} and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else told

    def state(self, state: PartState) -> str:
        return STATES.get(state, state.value)

    # -- cures

    def cures(self, cures: Iterable[Cure]) -> list[str]:
        """What would help, in the order given; supply to be expedited together in one sentence."""
        told: list[str] = []
        together: list[Cure] = []
        for cure in cures:
            if cure.kind is CureKind.EXPEDITE:
                together.append(cure)
            else:
                told.append(_CURES[cure.kind](self, cure) + self._result(cure))
        return ([self._expedite_all(together)] if together else []) + told

    def _expedite_all(self, cures: Sequence[Cure]) -> str:
        listed = " and ".join(f"{self.name(c.document)} by {show_span(c.seconds or 0)}" for c in cures)
        head = "order at once and expedite" if any(cure.text for cure in cures) else "expedite"
        return f"{head} {listed}, to {self.by(cures[0].time)}{self._result(cures[0])}"

    def _result(self, cure: Cure) -> str:
        if cure.delivery is None or cure.kind in (CureKind.APPROVE, CureKind.ACCEPT, CureKind.LATER, CureKind.REDUCE):
            return ""
        told = f": on time, {self.by(cure.delivery)}" if cure.on_time else f": {self.by(cure.delivery)}"
        return told + self._replanned(cure)

    def _replanned(self, cure: Cure) -> str:
        """What a plan made anew says of it, where one was made."""
        if cure.replanned is None or cure.delivery is None:
            return " (an estimate)"
        if cure.replanned <= cure.delivery:
            return ", confirmed by planning anew"
        return f" as an estimate, {self.by(cure.replanned)} planned anew"

    def _expedite_other(self, cure: Cure) -> str:
        by = show_span(cure.seconds or 0)
        return f"or expedite {self.name(cure.document)}, put off by its supplier, by {by}, to {self.by(cure.time)}"

    def _other_supplier(self, cure: Cure) -> str:
        cost = "" if cure.cost is None else f", {self._dearer(cure.cost)}"
        return (
            f"buy {self.of(cure.quantity, cure.item)} from {showable(cure.supplier)} instead of on"
            f" {self.name(cure.document)}, due {self.at(cure.time)}{cost}"
        )

    def _dearer(self, cost: Decimal) -> str:
        if not cost:
            return "at the same price"
        word = "dearer" if cost > 0 else "cheaper"
        return f"{show_money(abs(cost), self.plant.currency)} {word}"

    def _overtime(self, cure: Cure) -> str:
        cost = "" if cure.cost is None else f" ({show_money(cure.cost, self.plant.currency)})"
        span, hours = show_span(cure.seconds or 0), self._hours(cure.hours)
        return f"{span} of overtime on {showable(cure.work_centre)}, {hours}{cost}"

    def _hours(self, hours: Sequence[tuple[Instant, Instant]]) -> str:
        """Times of work: `Mon 1 Jan 2024 16:00 to 20:00`; the first few of many."""
        told = []
        for start, end in hours[:MOST_NAMED]:
            until = self.by(end)
            same = self.at(start)[:10] == until[:10]
            told.append(f"{self.at(start)} to {until[11:] if same else until}")
        more = len(hours) - MOST_NAMED
        return ", ".join(told) + (f" and {count(more, 'more stretch', 'more stretches')}" if more > 0 else "")

    def _machine(self, cure: Cure) -> str:
        cost = "" if cure.cost is None else f" ({show_money(cure.cost, self.plant.currency)})"
        work = show_span(cure.seconds or 0)
        return f"one more machine on {showable(cure.work_centre)} for {self.name(cure.document)}, {work} of work{cost}"

    def _all(self, cure: Cure) -> str:
        cost = "" if cure.cost is None else f" ({show_money(cure.cost, self.plant.currency)})"
        return f"the first cure of each of these together{cost}"

    def _later(self, cure: Cure) -> str:
        cost = "" if cure.cost is None else f", which costs {show_money(cure.cost, self.plant.currency)}"
        return f"agree on {self.by(cure.delivery)}, {show_span(cure.seconds or 0)} later{cost}"

    def _split(self, cure: Cure) -> str:
        return f"split it: {self.of(cure.quantity, cure.item)} can do without what is late"

    def _ship_apart(self, cure: Cure) -> str:
        return f"ship line {showable(cure.document)} by itself"

    def _approve(self, cure: Cure) -> str:
        silence = f"; {_SILENCE[cure.text]}" if cure.text in _SILENCE else ""
        all_of_them = f" with all {cure.quantity}" if (cure.quantity or 1) > 1 else ""
        return f"answer {cure.document}: approved{all_of_them}, the promise is {self.by(cure.delivery)}{silence}"

    def _accept(self, cure: Cure) -> str:
        return f"accept {self.by(cure.delivery)}, for which it is planned now"

    def _release_design(self, cure: Cure) -> str:
        what = self.name(cure.document) if cure.document else showable(cure.item)
        return f"an engineering_release for {what}"

    def _answer(self, cure: Cure) -> str:
        again = "then send the line again in an order_change"
        if cure.document == "item":
            near = f", or change the line to one that is known ({showable(cure.text)})" if cure.text else ""
            return f"add item {showable(cure.item)} or an alias for it{near}; {again}"
        if cure.document == "price":
            return f"send the unit price of line {showable(cure.text)} in an order_change"
        if cure.document == "customer":
            return f"add customer {showable(cure.text)}; {again}"
        return f"add a rate for {showable(cure.text)}; {again}"

    def _offer(self, cure: Cure) -> str:
        return f"an offer for {self.of(cure.quantity, cure.item)}"

    def _open(self, cure: Cure) -> str:
        return f"{show_span(cure.seconds or 0)} of open time on {showable(cure.work_centre)}"

    def _larger_lot(self, cure: Cure) -> str:
        return f"a larger lot_maximum of {showable(cure.item)}"

    def _stock(self, cure: Cure) -> str:
        return f"{self.of(cure.quantity, cure.item)} more on the shelf"

    def _reduce(self, cure: Cure) -> str:
        return f"take the {self.amount(cure.quantity or 0, cure.item)} that can be had, by {self.by(cure.delivery)}"


_CURES: dict[CureKind, Callable[[CureWords, Cure], str]] = {
    CureKind.EXPEDITE_OTHER: CureWords._expedite_other,
    CureKind.OTHER_SUPPLIER: CureWords._other_supplier,
    CureKind.OVERTIME: CureWords._overtime,
    CureKind.MACHINE: CureWords._machine,
    CureKind.SPLIT: CureWords._split,
    CureKind.SHIP_APART: CureWords._ship_apart,
    CureKind.APPROVE: CureWords._approve,
    CureKind.ALL: CureWords._all,
    CureKind.ACCEPT: CureWords._accept,
    CureKind.LATER: CureWords._later,
    CureKind.RELEASE_DESIGN: CureWords._release_design,
    CureKind.ANSWER: CureWords._answer,
    CureKind.OFFER: CureWords._offer,
    CureKind.OPEN: CureWords._open,
    CureKind.LOT: CureWords._larger_lot,
    CureKind.STOCK: CureWords._stock,
    CureKind.REDUCE: CureWords._reduce,
}
