"""Causes, cures and slack in a planner's words, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from knowledge.explanation.values import Cause, CauseKind, Cure, CureKind, PartState, Slack
from knowledge.instants import DAY, HOUR, Instant
from knowledge.plant import Plant
from knowledge.quantities import Units, from_units
from knowledge.supply import PurchaseRow, base_document
from simulations.report.reading import readable, showable
from simulations.report.wording import count, show_end, show_money, show_of, show_span, show_time

MOST_NAMED = 3

_SILENCE = {"approve": "silence approves", "reject": "silence rejects", "escalate": "silence escalates"}
STATES = {
    PartState.ON_TIME: "on time",
    PartState.AT_RISK: "at risk",
    PartState.AWAITING_ENGINEERING: "awaiting engineering",
    PartState.AWAITING_APPROVAL: "awaiting approval",
}


@dataclass(frozen=True, slots=True)
class Words:
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

    # -- causes

    def cause(self, cause: Cause) -> str:
        """What binds."""
        return _CAUSES[cause.kind](self, cause)

    def _lead_time(self, cause: Cause) -> str:
        possible, until = cause.possible or 0, cause.until or 0
        days = f" takes {self._days(cause)}" if cause.lead_time else ""
        head = f"{showable(cause.item)} from {showable(cause.supplier)}{days}: {self._rows(cause)}"
        if until - possible < HOUR:
            return f"{head}, ordered at once, due {self.at(cause.until)}"
        sooner = f"; ordered at once, due {self.at(cause.possible)}" if until - possible >= DAY else ""
        return f"{head}, due {self.at(cause.until)}{sooner}"

    def _supplier_full(self, cause: Cause) -> str:
        offers = self.plant.offers.get(cause.item, ())
        week = next((o.capacity_per_week for o in offers if o.supplier == cause.supplier), None)
        limit = f" delivers {self.of(week, cause.item)} a week and" if week else " of " + showable(cause.item)
        return f"{showable(cause.supplier)}{limit} is full before: {self._rows(cause)}, due {self.at(cause.until)}"

    def _supplier_date(self, cause: Cause) -> str:
        days = f", later than its lead time of {self._days(cause)}" if cause.lead_time else ""
        head = f"{showable(cause.supplier)} named a later date for {showable(cause.item)}"
        return f"{head}: {self._rows(cause)}, due {self.at(cause.until)}{days}"

    def _on_order(self, cause: Cause) -> str:
        if cause.supplier:
            head = f"{showable(cause.item)} from {showable(cause.supplier)} was ordered before"
            return f"{head}: {self._rows(cause)}, due {self.at(cause.until)}"
        return f"{showable(cause.item)} was begun before: {self._rows(cause)}, done {self.by(cause.until)}"

    def _overdue(self, cause: Cause) -> str:
        whom = f" from {showable(cause.supplier)}" if cause.supplier else ""
        return f"{showable(cause.item)}{whom} is overdue: {self._rows(cause)}, due {self.at(cause.until)}"

    def _rows(self, cause: Cause) -> str:
        """How much of an item is meant, on which documents."""
        return f"{self.amount(cause.quantity or 0, cause.item)} on {self.names(cause.documents)}"

    def _days(self, cause: Cause) -> str:
        lead = cause.lead_time
        if lead is None:
            return "?"
        working = lead.calendar is not None and not lead.calendar.always_open
        return count(lead.days, "working day" if working else "day")

    def _busy(self, cause: Cause) -> str:
        waits = f"{self.name(cause.documents[-1])} ({self.of(cause.quantity, cause.item)})"
        span = show_span((cause.until or 0) - (cause.since or 0))
        told = f"{showable(cause.work_centre)} is busy until {self.at(cause.until)}: {waits} waits {span} for it"
        if not cause.before:
            return told
        listed = ", ".join(self._before(each.document, each.lines) for each in cause.before[:MOST_NAMED])
        more = cause.ahead - MOST_NAMED
        return f"{told}, behind {listed}{f' and {more} more' if more > 0 else ''}"

    def _before(self, document: str, lines: Sequence[str]) -> str:
        return f"{self.name(document)} (for {self.names(lines)})" if lines else self.name(document)

    def _down(self, cause: Cause) -> str:
        what = f"{self.name(cause.documents[-1])} ({self.of(cause.quantity, cause.item)})"
        return f"{showable(cause.work_centre)} is down {self._span(cause)}: {what} waits for it"

    def _closed(self, cause: Cause) -> str:
        return f"{showable(cause.work_centre)} is closed {self._span(cause)}: {self._chain(cause)} cannot go on"

    def _span(self, cause: Cause) -> str:
        return f"from {self.at(cause.since)} to {self.by(cause.until)}"

    def _run_time(self, cause: Cause) -> str:
        where = f", most of it on {showable(cause.work_centre)}" if cause.work_centre else ""
        work = show_span(cause.seconds or 0)
        return (
            f"the work takes that long: {self._chain(cause)}, begun at once ({self.at(cause.since)}),"
            f" is done {self.by(cause.until)}; {work} of work{where}"
        )

    def _chain(self, cause: Cause) -> str:
        chain = " → ".join(self.name(document) for document in cause.documents[:-1])
        last = f"{self.name(cause.documents[-1])} ({self.of(cause.quantity, cause.item)})"
        return f"{chain} → {last}" if chain else last

    def _lot(self, cause: Cause) -> str:
        needed = self.amount(cause.needed or 0, cause.item)
        return (
            f"{self.names(cause.documents)} makes a lot of {self.of(cause.quantity, cause.item)}, {needed} are needed"
        )

    def _transit(self, cause: Cause) -> str:
        if not cause.seconds:
            return "it was wanted for a time that had passed when it was promised"
        return f"transit takes {show_span(cause.seconds)}: it would have had to leave before it was promised"

    def _together(self, cause: Cause) -> str:
        item = f" ({showable(cause.item)})" if cause.item else ""
        later = ", which is wanted only then" if cause.text == "wanted" else ""
        return f"the order goes in one shipment, held by line {showable(cause.line)}{item}{later}"

    def _no_offer(self, cause: Cause) -> str:
        return f"no supplier offers {showable(cause.item)}: {self._missing(cause)}"

    def _stock_only(self, cause: Cause) -> str:
        return f"{showable(cause.item)} is supplied from stock only: {self._missing(cause)}"

    def _missing(self, cause: Cause) -> str:
        return f"{self.amount(cause.quantity or 0, cause.item)} missing"

    def _engineering(self, cause: Cause) -> str:
        item = f" of {showable(cause.item)}" if cause.item else ""
        return f"engineering has not released drawings, BOM and route{item}"

    def _approval(self, cause: Cause) -> str:
        who = f" by the {showable(cause.line)}" if cause.line else ""
        return f"waits for approval{who}: {showable(cause.text)}"

    def _text(self, cause: Cause) -> str:
        return showable(cause.text) or "no reason is recorded"

    def _said(self, cause: Cause) -> str:
        told = self._text(cause)
        if cause.earliest is None:
            return told
        return f"{told}. Nothing in the plan as it stands now holds it beyond {self.by(cause.earliest)}"

    def consequence(self, cause: Cause, requested: Instant | None) -> str:
        """What a cause does to the line, and what it would be without it; nothing where that cannot be said."""
        if cause.earliest is None or cause.kind in (CauseKind.SAID, CauseKind.TRANSIT):
            return ""
        told = f"holds it until {self.by(cause.earliest)}"
        if cause.without is None or cause.without >= cause.earliest:
            return told
        if requested is not None and cause.without <= requested:
            return f"{told}; without it on time"
        return f"{told}; without it {self.by(cause.without)}"

    def elsewhere(self, cause: Cause) -> str:
        """Who has what would be there in time."""
        if not cause.elsewhere:
            return ""
        shown = cause.elsewhere[:MOST_NAMED]
        listed = ", ".join(f"{self.amount(units, cause.item)} for {self.name(line)}" for line, units in shown)
        more = len(cause.elsewhere) - MOST_NAMED
        more_told = f" and {count(more, 'more line')}" if more > 0 else ""
        where = "on the shelf" if cause.kind is CauseKind.STOCK_ONLY else "there in time"
        return f"{where}, but promised: {listed}{more_told}"

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

    # -- slack

    def slack(self, slack: Slack) -> str:
        """How tight a part that is on time is."""
        supply = slack.supply
        if supply is None:
            return "everything is on the shelf"
        bought = isinstance(supply, PurchaseRow)
        if slack.done:
            when = f"due {self.at(slack.time)}" if bought else f"done {self.by(slack.time)}"
        else:
            when = f"to be {'ordered' if bought else 'begun'} by {self.at(slack.time)}"
        where = f"{showable(supply.item)} on {showable(supply.number)}, {when}"
        if slack.seconds < 0:
            return f"{show_span(-slack.seconds)} too little time is left: {where}"
        room = f"{show_span(slack.seconds)} of slack" if slack.seconds else "no slack"
        return f"{room}, the tightest place is {where}"


_CAUSES: dict[CauseKind, Callable[[Words, Cause], str]] = {
    CauseKind.LEAD_TIME: Words._lead_time,
    CauseKind.SUPPLIER_DATE: Words._supplier_date,
    CauseKind.SUPPLIER_FULL: Words._supplier_full,
    CauseKind.ON_ORDER: Words._on_order,
    CauseKind.OVERDUE: Words._overdue,
    CauseKind.BUSY: Words._busy,
    CauseKind.DOWN: Words._down,
    CauseKind.CLOSED: Words._closed,
    CauseKind.RUN_TIME: Words._run_time,
    CauseKind.LOT: Words._lot,
    CauseKind.TRANSIT: Words._transit,
    CauseKind.TOGETHER: Words._together,
    CauseKind.NO_OFFER: Words._no_offer,
    CauseKind.STOCK_ONLY: Words._stock_only,
    CauseKind.UNSELLABLE: Words._text,
    CauseKind.TOO_LITTLE: Words._text,
    CauseKind.TOO_LONG: Words._text,
    CauseKind.TOO_MANY: Words._text,
    CauseKind.NOT_OPEN: Words._text,
    CauseKind.ENGINEERING: Words._engineering,
    CauseKind.QUESTION: Words._text,
    CauseKind.APPROVAL: Words._approval,
    CauseKind.REJECTED: Words._text,
    CauseKind.SAID: Words._said,
}
_CURES: dict[CureKind, Callable[[Words, Cure], str]] = {
    CureKind.EXPEDITE_OTHER: Words._expedite_other,
    CureKind.OTHER_SUPPLIER: Words._other_supplier,
    CureKind.OVERTIME: Words._overtime,
    CureKind.MACHINE: Words._machine,
    CureKind.SPLIT: Words._split,
    CureKind.SHIP_APART: Words._ship_apart,
    CureKind.APPROVE: Words._approve,
    CureKind.ALL: Words._all,
    CureKind.ACCEPT: Words._accept,
    CureKind.LATER: Words._later,
    CureKind.RELEASE_DESIGN: Words._release_design,
    CureKind.ANSWER: Words._answer,
    CureKind.OFFER: Words._offer,
    CureKind.OPEN: Words._open,
    CureKind.LOT: Words._larger_lot,
    CureKind.STOCK: Words._stock,
    CureKind.REDUCE: Words._reduce,
}
