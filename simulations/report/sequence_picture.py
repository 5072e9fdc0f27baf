"""The machines before and after improving as one picture that stands alone: SVG or PNG, by the suffix of the file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.wording import shorten, show_time, showable
from simulations.report.axis import Axis, axis, clock_milliseconds
from simulations.report.outlook_picture import LOOK
from simulations.report.records import Records
from simulations.report.sequence_bars import SET_UP, Sequence, sequence_of
from simulations.report.vega import for_page

WIDTH, LANE, MOST_LANES = 900, 40, 30
_MOST_GROUPS = 9

_INK, _LATE, _SET_UP, _OTHERS = "#1d2330", "#c218c2", "#c3c8d0", "#7d8694"
_PALETTE = ("#1a66c2", "#d98200", "#2e8b57", "#7a1fa2", "#0097a7", "#8d6e63", "#c2185b", "#558b2f", "#455a64")
_NAMED = {
    "white": "#e9e4d4",
    "yellow": "#f2c40f",
    "red": "#d24a3d",
    "black": "#3b3f46",
    "blue": "#1a66c2",
    "green": "#2e8b57",
    "orange": "#e67e22",
}
"""Groups that are named after a colour are drawn in it."""

_REST = "others"


def write_sequences(before: Records, after: Records, plant: Plant, now: Instant, file: Path) -> None:
    """Draw the machines of two plans of a plant, one above the other, into a file (`outlook_picture.SUFFIXES`)."""
    import vl_convert

    plans = {"Before": sequence_of(before, plant), "Improved": sequence_of(after, plant)}
    spec = _chart(plans, plant, now).to_dict(validate=False)
    if file.suffix.lower() == ".png":
        file.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
        return
    label = "; ".join(f"{name}: {plan.told}" for name, plan in plans.items())
    file.write_text(for_page(vl_convert.vegalite_to_svg(spec), label, "sequence") + "\n", encoding="utf-8")


def _chart(plans: dict[str, Sequence], plant: Plant, now: Instant) -> Any:
    import altair as alt

    bars = [bar for plan in plans.values() for bar in plan.bars]
    begin = min((bar.start for bar in bars), default=now)
    end = max((bar.finish for bar in bars), default=now + 1)
    time = axis(begin, end + (end - begin) // 50, plant.zone, 10)
    lanes = sorted({bar.lane for bar in bars}, key=lambda lane: _place(lane, plans))[:MOST_LANES]
    colours = _colours(bar.group for bar in bars if bar.group != SET_UP)
    charts = [_panel(name, plan, lanes, colours, time, plant) for name, plan in plans.items()]
    title = alt.TitleParams(
        text=f"{shorten(showable(plant.name or 'The plant'), 60)}: work on its machines, before and after improving",
        subtitle=f"As of {show_time(now, plant.zone)}; outlined in magenta is what is for a line that is promised late",
        anchor="start",
        offset=14,
    )
    return alt.vconcat(*charts, spacing=22).properties(title=title, padding=16).configure(**LOOK)


def _place(lane: str, plans: dict[str, Sequence]) -> tuple[float, str]:
    """Where a lane stands: in the order of the steps, which is that of the mean times of the work on them."""
    times = [bar.start + bar.finish for plan in plans.values() for bar in plan.bars if bar.lane == lane]
    return sum(times) / len(times), lane


def _colours(groups: Iterable[str]) -> dict[str, str]:
    """The colour of each group; where there are too many, the least frequent share one."""
    tally: dict[str, int] = {}
    for group in groups:
        tally[group] = tally.get(group, 0) + 1
    frequent = sorted(sorted(tally, key=lambda group: (-tally[group], group))[:_MOST_GROUPS])
    free = iter(_PALETTE)
    found = {group: _NAMED.get(group) or next(free) for group in frequent}
    return {**found, **({_REST: _OTHERS} if len(tally) > len(found) else {}), SET_UP: _SET_UP}


def _panel(name: str, plan: Sequence, lanes: list[str], colours: dict[str, str], time: Axis, plant: Plant) -> Any:
    import altair as alt

    def clock(at: Instant) -> int:
        return clock_milliseconds(at, plant.zone)

    rows = [
        {
            "lane": bar.lane,
            "from": clock(bar.start),
            "to": clock(bar.finish),
            "group": bar.group if bar.group in colours else _REST,
            "edge": _LATE if bar.late else _INK,
            "width": 2.0 if bar.late else 0.5,
        }
        for bar in sorted(plan.bars, key=lambda bar: (bar.late, bar.lane, bar.start))
        if bar.lane in lanes
    ]
    inline: Any = alt.Data  # has no types
    domain = list(colours)
    scale = alt.Scale(type="utc", domain=[clock(time.begin), clock(time.end)], nice=False)
    across = alt.Axis(values=[clock(at) for at in time.ticks], format=time.form, labelFlush=False)
    legend = alt.Legend(title=None, orient="top", symbolType="square", symbolStrokeWidth=0.5, columnPadding=20)
    return (
        alt.Chart(inline(values=rows), height=LANE * max(1, len(lanes)), width=WIDTH)
        .mark_bar(clip=True)
        .encode(
            x=alt.X("from:T", title=f"Time ({plant.zone})" if name != "Before" else None, scale=scale, axis=across),
            x2="to:T",
            y=alt.Y("lane:N", sort=lanes, title=None, scale=alt.Scale(domain=lanes, paddingInner=0.25)),
            color=alt.Color("group:N", scale=alt.Scale(domain=domain, range=list(colours.values())), legend=legend),
            stroke=alt.Stroke("edge:N", scale=None),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
        )
        .properties(title=alt.TitleParams(text=f"{name}: {plan.told}", fontSize=14, anchor="start", offset=6))
    )
