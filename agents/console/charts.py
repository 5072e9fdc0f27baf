"""Charts of the console, as Vega-Lite specifications: drawn in the browser; each page says the same in a table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from knowledge.instants import Instant, iso, to_datetime
from knowledge.outlook import Outlook
from knowledge.quantities import from_units

_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_COLOURS = {"planned": "#8fb4dc", "firm": "#2f6fb3", "released": "#2d8a5f", "done": "#9aa39e"}
"""How operations are coloured by the status of their work order, on light and on dark paper."""

Spec = dict[str, Any]


def embedded(spec: Spec) -> Markup:
    """A specification as the content of a script of type JSON: nothing in it can end the script."""
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _clock(instant: Instant, zone: Any) -> str:
    """The wall clock of the plant, which the chart shows as it is."""
    return to_datetime(instant, zone).replace(tzinfo=None).isoformat()


def availability(outlook: Outlook, end: Instant) -> Spec:
    """The step plot of an item: its projected balance, what may be promised, and its safety stock."""
    decimals, zone = outlook.item.decimals, outlook.zone
    rows: list[dict[str, Any]] = []
    for name, pick in (("projected", 0), ("promisable", 1)):
        values = [(step.time, (step.projected, step.promisable)[pick]) for step in outlook.steps if step.time <= end]
        if values:
            values.append((end, values[-1][1]))
        rows += [
            {"t": _clock(time, zone), "q": float(from_units(units, decimals)), "of": name} for time, units in values
        ]
    line = {
        "data": {"values": rows},
        "mark": {"type": "line", "interpolate": "step-after", "strokeWidth": 2},
        "encoding": {
            "x": {"field": "t", "type": "temporal", "title": None},
            "y": {"field": "q", "type": "quantitative", "title": outlook.item.uom, "scale": {"zero": True}},
            "color": {"field": "of", "type": "nominal", "title": None, "legend": {"orient": "top"}},
            "strokeDash": {
                "field": "of",
                "type": "nominal",
                "scale": {"domain": ["projected", "promisable"], "range": [[1, 0], [5, 3]]},
                "legend": None,
            },
            "tooltip": [
                {"field": "t", "type": "temporal", "title": "from", "format": "%Y-%m-%d %H:%M"},
                {"field": "q", "type": "quantitative", "title": "quantity"},
                {"field": "of", "title": "what"},
            ],
        },
    }
    layers: list[Spec] = [line]
    if outlook.item.safety_stock:
        level = float(from_units(outlook.item.safety_stock, decimals))
        rule = {"mark": {"type": "rule", "strokeDash": [2, 4], "color": "#b3443c"}, "encoding": {"y": {"datum": level}}}
        layers.append(rule)
    return {"$schema": _SCHEMA, "width": "container", "height": 260, "layer": layers, "autosize": _FIT}


_FIT = {"type": "fit", "contains": "padding"}
_FIT_WIDTH = {"type": "fit-x", "contains": "padding"}


def gantt(
    rows: Sequence[Mapping[str, Any]],
    machines: Sequence[str],
    window: tuple[Instant, Instant],
    now: Instant,
    frozen: Instant,
    zone: Any,
) -> Spec:
    """Operations as bars by machine in a window of time, coloured by status; what is frozen is shaded.

    A line marks the present.
    """
    start, end = window
    values = [
        {
            "m": machine_of(row),
            "s": _clock(max(row["start"], start), zone),
            "f": _clock(min(row["finish"], end), zone),
            "w": row["work_order"],
            "i": row["item"],
            "k": row["status"],
            "when": f"{iso(row['start'], zone)[:16]} – {iso(row['finish'], zone)[:16]}".replace("T", " "),
            "step": row["step"],
        }
        for row in rows
    ]
    statuses = list(_COLOURS)
    axis = {"nice": False}  # the window is what the invisible layer spans
    bars = {
        "data": {"values": values},
        "mark": {"type": "bar", "cornerRadius": 2, "stroke": "#00000055", "strokeWidth": 0.5},
        "encoding": {
            "x": {"field": "s", "type": "temporal", "title": None, "scale": axis},
            "x2": {"field": "f"},
            "y": {"field": "m", "type": "nominal", "title": None, "sort": None, "scale": {"domain": list(machines)}},
            "color": {
                "field": "k",
                "type": "nominal",
                "title": None,
                "scale": {"domain": statuses, "range": [_COLOURS[each] for each in statuses]},
                "legend": {"orient": "top"},
            },
            "tooltip": [
                {"field": "w", "title": "work order"},
                {"field": "i", "title": "item"},
                {"field": "step", "title": "step"},
                {"field": "when", "title": "when"},
                {"field": "k", "title": "status"},
            ],
        },
    }
    stretches = [{"s": _clock(start, zone), "f": _clock(end, zone), "o": 0.0}]
    if frozen > max(start, now):
        stretches.append({"s": _clock(start, zone), "f": _clock(min(frozen, end), zone), "o": 0.14})
    shades = {
        "data": {"values": stretches},
        "mark": {"type": "rect", "color": "#c97a16"},
        "encoding": {
            "x": {"field": "s", "type": "temporal", "scale": axis},
            "x2": {"field": "f"},
            "opacity": {"field": "o", "type": "quantitative", "scale": None, "legend": None},
        },
    }
    present = {"data": {"values": [{"s": _clock(now, zone)}]}, "mark": {"type": "rule", "color": "#b3443c"}}
    present["encoding"] = {"x": {"field": "s", "type": "temporal"}}
    layers = [shades, bars, present] if start < now < end else [shades, bars]
    height = 26 * len(machines)
    return {"$schema": _SCHEMA, "width": "container", "height": height, "layer": layers, "autosize": _FIT_WIDTH}


def machine_of(row: Mapping[str, Any]) -> str:
    """A machine by name: `SAW 1`."""
    return f"{row['work_centre']} {row['machine']}"


def machines_of(rows: Iterable[Mapping[str, Any]], counts: Mapping[str, int]) -> list[str]:
    """Every machine of some work centres, idle ones too, and those that operations name besides."""
    known = {f"{code} {number}": None for code, count in counts.items() for number in range(1, count + 1)}
    return list(known | dict.fromkeys(machine_of(row) for row in rows))
