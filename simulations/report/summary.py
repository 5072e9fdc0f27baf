"""The summary of a run for the terminal: what was promised, what is late and why, what waits, what was planned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from knowledge.instants import Instant
from knowledge.wording import count, show_end, show_quantity, show_span, show_spend, show_time
from simulations.report.lines import (
    CANCELLED,
    KeyFigures,
    LineState,
    key_figures,
    part_state,
    waits_for_person,
)
from simulations.report.listing import MOST, entry, head, rest
from simulations.report.reading import Tables, read_tables
from simulations.report.records import ActionMessage, Approval, Promise, Quarantined, Records

_WAITING_FOR = {
    LineState.QUESTION: "a person to answer",
    LineState.AWAITING_ENGINEERING: "engineering",
    LineState.AWAITING_APPROVAL: "approval",
}
_STYLES = {
    LineState.ON_TIME: "green",
    LineState.LATE: "yellow",
    LineState.AT_RISK: "yellow",
    LineState.INFEASIBLE: "red",
    LineState.CANCELLED: "dim",
}
_ORDER = (
    LineState.ON_TIME,
    LineState.LATE,
    LineState.AT_RISK,
    LineState.INFEASIBLE,
    *_WAITING_FOR,
    LineState.CANCELLED,
)


def print_summary(console: Console, tables: Tables, zone: dt.tzinfo, now: Instant) -> None:
    """Print what a run came to; `tables` are the contract's tables with rows as the CSV files have them."""
    records = read_tables(tables)
    figures = key_figures(records)
    console.print(Text(f"As of {show_time(now, zone)} ({zone})", "dim"))
    _promised(console, figures)
    _late(console, records.promises, zone)
    _infeasible(console, records.promises)
    _waiting(console, records)
    _quarantined(console, records.quarantine)
    _actions(console, records.actions, zone)
    _planned(console, records, figures)


def _promised(console: Console, figures: KeyFigures) -> None:
    lines = figures.lines.total()
    if not lines:
        head(console, "Promised", "no orders were taken")
        return
    head(console, "Promised", f"{count(figures.orders, 'order')}, {count(lines, 'line')}")
    width = len(f"{max(figures.lines.values()):,}")
    for state in _ORDER:
        number = figures.lines[state]
        if number or state in (LineState.ON_TIME, LineState.LATE):
            entry(
                console, Text(f"{number:>{width},} {state.value}", _STYLES.get(state, "magenta") if number else "dim")
            )


def _late(console: Console, promises: Sequence[Promise], zone: dt.tzinfo) -> None:
    late = [promise for promise in promises if part_state(promise) in (LineState.LATE, LineState.AT_RISK)]
    if not late:
        return
    head(console, "Late or at risk, and why", "the latest first")
    late.sort(key=lambda promise: -promise.late_seconds)
    for promise in late[:MOST]:
        what = Text.assemble((f"{promise.order}/{promise.line}", "bold"), f"  {_goods(promise)}  ")
        what.append(_lateness(promise), "yellow")
        when = Text("as soon as possible" if promise.requested is None else show_end(promise.requested, zone))
        if promise.promised is not None:
            when.append(f" → {show_end(promise.promised, zone)}")
        entry(console, what, when, Text(promise.reason or "no reason given"))
    rest(console, len(late), "promises.csv")


def _lateness(promise: Promise) -> str:
    words = [f"{show_span(promise.late_seconds)} late"] if promise.late_seconds else []
    if part_state(promise) is LineState.AT_RISK:
        words.append("at risk")
    return ", ".join(words)


def _infeasible(console: Console, promises: Sequence[Promise]) -> None:
    found = [promise for promise in promises if part_state(promise) is LineState.INFEASIBLE]
    if not found:
        return
    head(console, "Cannot be promised", count(len(found), "line"), "red")
    _reasons(console, found)


def _waiting(console: Console, records: Records) -> None:
    open_approvals = [approval for approval in records.approvals if waits_for_person(approval.status)]
    by_state = {
        state: [promise for promise in records.promises if part_state(promise) is state] for state in _WAITING_FOR
    }
    for state, found in by_state.items():
        if found:
            head(console, f"Waiting for {_WAITING_FOR[state]}", count(len(found), "line"))
            _reasons(console, found)
    if open_approvals:
        head(console, "Approvals asked for", f"{len(open_approvals):,} open")
        for approval in open_approvals[:MOST]:
            _approval(console, approval)
        rest(console, len(open_approvals), "approvals.csv")


def _approval(console: Console, approval: Approval) -> None:
    what = Text.assemble((approval.number, "bold"), f"  {approval.decision} for {approval.subject}, {approval.status}")
    if approval.by:
        what.append(f" ({approval.by})")
    entry(console, what, Text(approval.reason))


def _reasons(console: Console, found: Sequence[Promise]) -> None:
    for promise in found[:MOST]:
        what = Text.assemble((f"{promise.order}/{promise.line}", "bold"), f"  {_goods(promise)}")
        entry(console, what, Text(promise.reason or "no reason given"))
    rest(console, len(found), "promises.csv")


def _goods(promise: Promise) -> str:
    return f"{show_quantity(promise.quantity)} × {promise.item or 'custom part'}"


def _quarantined(console: Console, found: Sequence[Quarantined]) -> None:
    if not found:
        return
    head(console, "In quarantine", count(len(found), "document"), "red")
    for row in found[:MOST]:
        entry(console, Text(row.document, "bold"), Text(row.reason))
    rest(console, len(found), "quarantine.csv")


def _actions(console: Console, found: Sequence[ActionMessage], zone: dt.tzinfo) -> None:
    if not found:
        return
    head(console, "Action messages", f"{len(found):,} for people to act on")
    for row in found[:MOST]:
        what = Text.assemble((f"{row.action} {row.document}", "bold"))
        goods = " × ".join(filter(None, (show_quantity(row.quantity) if row.quantity is not None else "", row.item)))
        what.append(f"  {goods}" if goods else "")
        what.append(f"  {show_time(row.time, zone)}" if row.time is not None else "")
        entry(console, what, Text(row.reason))
    rest(console, len(found), "action_messages.csv")


def _planned(console: Console, records: Records, figures: KeyFigures) -> None:
    head(console, "Planned", "open orders of before included")
    made = _by_status(order.status for order in records.work_orders)
    bought = _by_status({row.number: row.status for row in records.purchases}.values())
    shipped = _by_status({row.number: row.status for row in records.shipments}.values())
    spend = f", {show_spend(figures.spend)}" if figures.spend else ""
    if figures.unpriced:
        spend += f" and {count(figures.unpriced, 'row')} without a price"
    entry(console, Text(f"{count(figures.work_orders, 'work order')}{made}"))
    entry(console, Text(f"{count(figures.purchase_orders, 'purchase order')}{bought}{spend}"))
    entry(console, Text(f"{count(figures.shipping_orders, 'shipping order')}{shipped}"))


def _by_status(statuses: Iterable[str]) -> str:
    """How many there are of each status, in brackets."""
    tally: dict[str, int] = {}
    for status in statuses:
        if status != CANCELLED:
            tally[status] = tally.get(status, 0) + 1
    told = ", ".join(f"{number:,} {status}" for status, number in sorted(tally.items()))
    return f" ({told})" if told else ""
