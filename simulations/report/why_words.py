"""Causes, cures and slack in a planner's words, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from knowledge.explanation.values import Cause, CauseKind, Slack
from knowledge.instants import DAY, HOUR, Instant
from knowledge.supply import PurchaseRow
from knowledge.wording import count, show_span, showable
from simulations.report.cure_words import MOST_NAMED, CureWords


@dataclass(frozen=True, slots=True)
class Words(CureWords):
    """Says all of an explanation."""

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
