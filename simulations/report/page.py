"""The report: one HTML file that needs nothing else, made from a run's tables and messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge.instants import Instant, iso
from knowledge.plant import Plant
from knowledge.wording import show_time, showable
from simulations.report.availability import courses, plotted
from simulations.report.cells import MOST_ROWS, Writer
from simulations.report.figures import line_cards, supply_cards
from simulations.report.gantt import lay_out
from simulations.report.lines import CALM, OrderLine, key_figures, order_lines
from simulations.report.messages import MessageView
from simulations.report.pegs import Pegging, pegging
from simulations.report.pictures import conversation, gantt_picture, plots
from simulations.report.promised import MOST_TREES, order_trees, promise_table
from simulations.report.reading import Tables, read_tables
from simulations.report.records import Records
from simulations.report.tables import (
    action_table,
    approval_table,
    availability_table,
    operation_table,
    ordered_purchases,
    purchase_table,
    quarantine_table,
    shipping_table,
    supplier_table,
    work_order_table,
)

TEMPLATES = Path(__file__).parent / "templates"


def build_report(
    tables: Tables,
    messages: Sequence[MessageView],
    title: str,
    zone: dt.tzinfo,
    now: Instant,
    plant: Plant,
) -> str:
    """The report of a run as HTML text, for the caller to write to a file.

    `tables` holds the contract's tables by name, rows exactly as in the CSV files; `messages` come in the order
    sent. The same arguments give the same bytes. Raises ValueError on a cell that is no such time or quantity.
    """
    records = read_tables(tables)
    lines = order_lines(records.promises)
    shown = _orders_shown(lines)
    writer = Writer(plant, zone, _anchors(records, lines, shown))
    pegs = pegging(records, plant)
    head = {
        "title": showable(title),
        "plant": showable(plant.name),
        "time": show_time(now, zone),
        "time_iso": iso(now, zone),
        "zone": str(zone),
    }
    return _render(
        {
            **head,
            **_orders(records, lines, shown, pegs, writer),
            **_pictures(records, lines, pegs, writer, now),
            **_supply(records, writer),
            "conversation": conversation(messages, writer),
        }
    )


def _orders(
    records: Records, lines: Sequence[OrderLine], shown: Sequence[str], pegs: Pegging, writer: Writer
) -> dict[str, object]:
    figures = key_figures(records)
    return {
        "line_cards": line_cards(figures),
        "supply_cards": supply_cards(figures),
        "promises": promise_table(records.promises, writer),
        "attention": sum(line.state not in CALM for line in lines),
        "trees": order_trees(records, lines, pegs, writer, shown),
        "trees_left_out": figures.orders - len(shown),
    }


def _pictures(
    records: Records, lines: Sequence[OrderLine], pegs: Pegging, writer: Writer, now: Instant
) -> dict[str, object]:
    found = courses(records.availability, writer.plant)
    chosen = plotted(found)
    gantt = lay_out(records, lines, pegs, writer.plant, writer.zone, now)
    return {
        "gantt": gantt and gantt_picture(gantt, writer, now),
        "operations": operation_table(records, writer),
        "plots": plots(chosen, writer, now),
        "items": availability_table(found, writer),
    }


def _supply(records: Records, writer: Writer) -> dict[str, object]:
    return {
        "suppliers": supplier_table(records.purchases, writer),
        "purchases": purchase_table(records.purchases, writer),
        "work_orders": work_order_table(records, writer),
        "shipments": shipping_table(records, writer),
        "actions": action_table(records, writer),
        "approvals": approval_table(records, writer),
        "quarantine": quarantine_table(records),
    }


def _orders_shown(lines: Sequence[OrderLine]) -> list[str]:
    """The orders whose peg trees the page has room for; where not all, those that need attention come first."""
    names = list(dict.fromkeys(line.order for line in lines))
    if len(names) > MOST_TREES:
        attention = {line.order for line in lines if line.state not in CALM}
        names.sort(key=lambda name: name not in attention)
    return names[:MOST_TREES]


def _anchors(records: Records, lines: Sequence[OrderLine], shown: Sequence[str]) -> dict[str, str]:
    """The places in the page that documents stand at, by the documents' names."""
    kept = set(shown)
    stretches = {
        "order": list(shown),
        "line": [line.name for line in lines if line.order in kept],
        "work-order": [order.number for order in records.work_orders[:MOST_ROWS]],
        "purchase-order": [row.number for row in ordered_purchases(records.purchases)[:MOST_ROWS]],
        "shipping-order": [row.number for row in records.shipments[:MOST_ROWS]],
    }
    anchors: dict[str, str] = {}
    for kind, names in stretches.items():
        for number, name in enumerate(dict.fromkeys(names), 1):
            anchors.setdefault(name, f"{kind}-{number}")
    return anchors


def _render(context: Mapping[str, object]) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2").render(context)
