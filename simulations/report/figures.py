"""The key figures at the head of the report, as cards."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.wording import count, show_spend
from simulations.report.lines import KeyFigures, LineState
from simulations.report.promised import tone

_ALWAYS = (LineState.ON_TIME, LineState.LATE, LineState.AT_RISK, LineState.INFEASIBLE)

_LABELS = {LineState.QUESTION: "with a question"}


@dataclass(frozen=True, slots=True)
class FigureCard:
    """A figure with its label, a note below, and a tone as rows have it."""

    label: str
    value: str
    note: str = ""
    tone: str = "calm"


def line_cards(figures: KeyFigures) -> list[FigureCard]:
    """How the order lines stand, each counted once by its worst part; the usual states also where none is so."""
    order = (*_ALWAYS, *(state for state in LineState if state not in _ALWAYS))
    return [
        FigureCard(
            f"lines {_LABELS.get(state, state.value)}",
            f"{figures.lines[state]:,}",
            tone=tone(state) if figures.lines[state] else "off",
        )
        for state in order
        if state in _ALWAYS or figures.lines[state]
    ]


def supply_cards(figures: KeyFigures) -> list[FigureCard]:
    """What was planned for them, and what waits for people."""
    unpriced = f"{count(figures.unpriced, 'row')} without a price" if figures.unpriced else ""
    spend = show_spend(figures.spend) if figures.spend else ""
    return [
        FigureCard("orders", f"{figures.orders:,}", count(figures.lines.total(), "line")),
        FigureCard("work orders", f"{figures.work_orders:,}"),
        FigureCard("purchase orders", f"{figures.purchase_orders:,}", ", ".join(filter(None, (spend, unpriced)))),
        FigureCard("shipping orders", f"{figures.shipping_orders:,}"),
        FigureCard("action messages", f"{figures.actions:,}", tone="late" if figures.actions else "calm"),
        FigureCard(
            "approvals waiting", f"{figures.approvals_waiting:,}", tone="wait" if figures.approvals_waiting else "calm"
        ),
        FigureCard("in quarantine", f"{figures.quarantined:,}", tone="bad" if figures.quarantined else "calm"),
    ]
