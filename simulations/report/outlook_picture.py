"""The outlook of an item as a picture that stands alone: SVG or PNG, by the suffix of the file.

Altair and vl-convert take half a second to start, so they are imported when a picture is drawn.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any, TypedDict

from knowledge.errors import SocietyError
from knowledge.instants import Instant
from knowledge.outlook import Outlook
from knowledge.quantities import Units, from_units
from knowledge.wording import shorten, show_time, showable
from simulations.report.axis import Axis, clock_milliseconds
from simulations.report.outlook_plot import time_axis
from simulations.report.outlook_words import show_of
from simulations.report.vega import for_page

SUFFIXES = (".svg", ".png")
WIDTH, HEIGHT = 860, 340
_MOST_TICKS = 7

_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_INK, _DIM, _GRID = "#1d2330", "#5a6372", "#e3e6eb"
_PROJECTED, _PROMISABLE, _SAFETY, _NOW = "projected balance", "promisable from then on", "safety stock", "now"
_LINES = {
    _PROJECTED: ("#1a66c2", [1, 0], 2.4),
    _PROMISABLE: ("#b35900", [6, 4], 2.0),
    _SAFETY: ("#7a1fa2", [2, 3], 1.8),
    _NOW: ("#b3261e", [8, 3, 2, 3], 1.4),
}
"""Colour, dashes and width of each line."""

_STEPS: dict[str, Any] = {"interpolate": "step-after", "clip": True}
LOOK: dict[str, Any] = {
    "font": _FONT,
    "background": "white",
    "aria": False,
    "view": {"stroke": _GRID},
    "title": {"fontSize": 18, "color": _INK, "subtitleFontSize": 13, "subtitleColor": _DIM, "subtitlePadding": 6},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "labelColor": _INK,
        "titleColor": _DIM,
        "gridColor": _GRID,
        "domainColor": _DIM,
        "tickColor": _DIM,
    },
    "legend": {"labelFontSize": 13, "labelColor": _INK, "labelLimit": 0},
}


class Row(TypedDict):
    """A point of a line."""

    line: str
    time: int
    quantity: float


def check_picture(file: Path) -> None:
    """Refuse a file that no picture can be written to, before anything is done. Raises SocietyError."""
    if file.suffix.lower() not in SUFFIXES:
        raise SocietyError(f"--out {file}: a picture is written as {' or '.join(SUFFIXES)}")
    if file.is_dir() or not file.absolute().parent.is_dir():
        raise SocietyError(f"--out {file}: {'is a folder' if file.is_dir() else 'its folder is not there'}")
    if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise SocietyError(f"--out {file}: cannot be written to")


def write_picture(outlook: Outlook, file: Path) -> None:
    """Draw the outlook into a file whose name ends in one of `SUFFIXES`."""
    import vl_convert

    spec = _chart(outlook).to_dict(validate=False)
    if file.suffix.lower() == ".png":
        file.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    else:
        label = f"Availability of {showable(outlook.item.code)} over time: {_told(outlook)}"
        file.write_text(for_page(vl_convert.vegalite_to_svg(spec), label, "availability") + "\n", encoding="utf-8")


def _told(outlook: Outlook) -> str:
    """The key figures in a line."""
    item, lowest, short = outlook.item, outlook.lowest, outlook.first_shortage
    told = [f"on hand {show_of(outlook.on_hand, item)}"]
    if item.safety_stock:
        told.append(f"safety stock {show_of(item.safety_stock, item)}")
    told.append(f"lowest balance {show_of(lowest.units, item)} at {show_time(lowest.time, outlook.zone)}")
    if short is not None:
        told.append(f"short from {show_time(short.time, outlook.zone)}")
    overdue = sum(event.overdue for event in outlook.events)
    if overdue:
        told.append(f"{overdue:,} overdue")
    return ", ".join(told)


def _chart(outlook: Outlook) -> Any:
    import altair as alt

    time, low, high = time_axis(outlook, 9, lead=2), *_ends(outlook)
    room = _number(high - low, outlook) * 0.05
    bounds = _number(low, outlook) - room, _number(high, outlook) + room
    places = {"x": _across(outlook, time), "y": _up(outlook, bounds, _ticks(low, high))}
    rows = _rows(outlook, time, bounds)
    layers = [
        _marks(area).mark_area(**_STEPS, color=colour, opacity=0.12).encode(**places, y2=alt.datum(0))
        for area, colour in ((_kept(rows), _LINES[_SAFETY][0]), (_missing(rows), _LINES[_NOW][0]))
        if area
    ]
    layers.append(_marks(rows).mark_line(**_STEPS).encode(**places, **_styles(rows)))
    heading = ": ".join(filter(None, (f"Availability of {outlook.item.code}", outlook.item.description)))
    title = alt.TitleParams(
        text=shorten(showable(heading), 90),
        subtitle=f"As of {show_time(outlook.now, outlook.zone)}: {_told(outlook)}",
        anchor="start",
        offset=10,
    )
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title, padding=16)
    return chart.configure(**LOOK)


def _across(outlook: Outlook, time: Axis) -> Any:
    import altair as alt

    return alt.X(
        "time:T",
        title=f"Time ({outlook.zone})",
        scale=alt.Scale(type="utc", domain=[_clock(at, outlook) for at in (time.begin, time.end)], nice=False),
        axis=alt.Axis(values=[_clock(at, outlook) for at in time.ticks], format=time.form, labelFlush=False),
    )


def _up(outlook: Outlook, bounds: tuple[float, float], ticks: Sequence[Units]) -> Any:
    import altair as alt

    uom = showable(outlook.item.uom)
    form = "~s" if max(-bounds[0], bounds[1]) >= 100_000 else ",~r"
    return alt.Y(
        "quantity:Q",
        title=f"Quantity ({uom})" if uom else "Quantity",
        scale=alt.Scale(domain=list(bounds), nice=False),
        axis=alt.Axis(
            values=[_number(tick, outlook) for tick in ticks],
            labelExpr=f"datum.value === 0 ? '0' : format(datum.value, '{form}')",
            gridColor={"condition": {"test": "datum.value === 0", "value": _DIM}, "value": _GRID},
        ),
    )


def _styles(rows: Sequence[Row]) -> dict[str, Any]:
    """Colour, dashes and width by line, in one legend."""
    import altair as alt

    present = {row["line"] for row in rows}
    shown = [name for name in _LINES if name in present]
    colours, dashes, widths = zip(*(_LINES[name] for name in shown), strict=True)
    legend = alt.Legend(title=None, orient="top", symbolSize=1200, columnPadding=26, offset=8)
    return {
        "color": alt.Color("line:N", scale=alt.Scale(domain=shown, range=colours), legend=legend),
        "strokeDash": alt.StrokeDash("line:N", scale=alt.Scale(domain=shown, range=dashes), legend=legend),
        "strokeWidth": alt.StrokeWidth("line:N", scale=alt.Scale(domain=shown, range=widths), legend=legend),
    }


def _kept(rows: Sequence[Row]) -> list[Row]:
    """The outline of the area up to the safety stock."""
    return [row for row in rows if row["line"] == _SAFETY]


def _missing(rows: Sequence[Row]) -> list[Row]:
    """The outline of the area between a balance below zero and zero; none where it never is."""
    found = [
        Row(line=_PROJECTED, time=row["time"], quantity=min(row["quantity"], 0))
        for row in rows
        if row["line"] == _PROJECTED
    ]
    return found if any(row["quantity"] for row in found) else []


def _marks(rows: Sequence[Row]) -> Any:
    import altair as alt

    inline: Any = alt.Data  # has no types
    return alt.Chart(inline(values=list(rows)))


def _ends(outlook: Outlook) -> tuple[Units, Units]:
    """The lowest and the highest of all that is drawn, and of zero."""
    drawn = [0, outlook.item.safety_stock, *(step.projected for step in outlook.steps)]
    return min(drawn), max(*drawn, min(drawn) + 1)


def _ticks(low: Units, high: Units) -> range:
    """Round quantities between the ends, whole smallest units all of them."""
    sizes = (digit * 10**power for power in count() for digit in (1, 2, 5))
    size = next(size for size in sizes if high - low <= size * _MOST_TICKS)
    return range(-(-low // size) * size, high + 1, size)


def _rows(outlook: Outlook, time: Axis, bounds: tuple[float, float]) -> list[Row]:
    """The points of every line; the last ones are drawn over the first ones."""
    steps = [*outlook.steps, replace(outlook.steps[-1], time=time.end)]
    safety = _number(outlook.item.safety_stock, outlook)
    points = {
        _SAFETY: [(at, safety) for at in (time.begin, time.end)] if safety else [],
        _NOW: [(outlook.now, bound) for bound in bounds],
        _PROJECTED: [(step.time, _number(step.projected, outlook)) for step in steps],
        _PROMISABLE: [(step.time, _number(step.promisable, outlook)) for step in steps],
    }
    return [
        Row(line=name, time=_clock(at, outlook), quantity=quantity)
        for name, line in points.items()
        for at, quantity in line
    ]


def _clock(at: Instant, outlook: Outlook) -> int:
    return clock_milliseconds(at, outlook.zone)


def _number(units: Units, outlook: Outlook) -> float:
    return float(from_units(units, outlook.item.decimals))
