"""Charts by Altair, turned to SVG without a browser or a network: the same input gives the same bytes.

Altair and vl-convert take half a second to start, so they are imported when the first chart is drawn.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from knowledge.instants import Instant
from simulations.report.availability import Course
from simulations.report.axis import Axis, clock_milliseconds
from simulations.report.gantt import FOR_STOCK, OTHERS, WIDTH, Gantt
from simulations.report.vega import for_page

FONT = "Liberation Sans"
INK, FAINT = "var(--ink)", "var(--rule)"
LANE = 24
_CHARACTER = 5.9  # width of a bar's label's average character

_MEASURES = {"projected": "var(--projected)", "promisable": "var(--promisable)"}


def group_colours(groups: Sequence[str]) -> dict[str, str]:
    """The style of each colour group of the Gantt chart, as the page's style sheet names it."""
    named = {group: f"var(--group-{number})" for number, group in enumerate(groups, 1)}
    return {**named, OTHERS: "var(--group-others)", FOR_STOCK: "var(--group-stock)"}


def gantt_chart(gantt: Gantt, zone: dt.tzinfo, now: Instant, label: str, links: Mapping[str, str]) -> str:
    """Lanes of machines with their operations; a bar leads to its work order where `links` has it."""
    import altair as alt

    colours = group_colours(gantt.groups)
    rows = [_bar_row(gantt, number, zone, colours, links) for number in range(len(gantt.bars))]
    bars = alt.Chart(_data(rows)).encode(
        x=alt.X("from:T", scale=_clock(gantt.axis, zone), axis=_axis(gantt.axis, zone, "top"), title=None),
        y=alt.Y(
            "lane:N",
            sort=list(gantt.lanes),
            title=None,
            scale=alt.Scale(paddingInner=0.18, paddingOuter=0.1),
            axis=alt.Axis(grid=True, tickBand="extent", tickSize=0, labelPadding=6, labelLimit=140),
        ),
    )
    shapes = bars.mark_bar(aria=True, stroke="var(--paper)", strokeWidth=0.6, cornerRadius=2).encode(
        x2="to:T", color=alt.Color("colour:N", scale=None), description="told:N", href="link:N"
    )
    words = bars.mark_text(align="left", dx=4, fontSize=10, color="#111").encode(text="word:N")
    layers = [shapes, words.transform_filter("datum.word != ''")]
    if gantt.axis.begin <= now < gantt.axis.end:
        layers.append(_rule_at(now, zone))
    chart = alt.layer(*layers).properties(width=WIDTH, height=alt.Step(LANE))
    return _svg(chart, label, "gantt")


def step_chart(course: Course, axis: Axis, zone: dt.tzinfo, label: str, name: str) -> str:
    """The projected available balance and what is promisable of one item, with its safety stock."""
    import altair as alt

    chart = alt.Chart(_data(_step_rows(course, axis, zone)))
    lines = chart.mark_line(interpolate="step-after", clip=True).encode(
        x=alt.X("time:T", scale=_clock(axis, zone), axis=_axis(axis, zone, "bottom"), title=None),
        y=alt.Y(
            "quantity:Q",
            title=None,
            axis=alt.Axis(tickCount=4, format=_number_form(course), minExtent=36),
            scale=alt.Scale(nice=True),
        ),
        color=alt.Color("colour:N", scale=None),
        strokeDash=alt.StrokeDash("dash:N", scale=alt.Scale(domain=["no", "yes"], range=[[1, 0], [5, 3]]), legend=None),
        strokeWidth=alt.StrokeWidth("dash:N", scale=alt.Scale(domain=["no", "yes"], range=[2.2, 1.8]), legend=None),
        detail="measure:N",
    )
    layers = [lines]
    if course.safety_stock > 0:
        safety = alt.Chart(_data([{"quantity": float(course.safety_stock)}]))
        layers.append(safety.mark_rule(color="var(--safety)", strokeDash=[1, 3], strokeWidth=2).encode(y="quantity:Q"))
    return _svg(alt.layer(*layers).properties(width=300, height=120), label, name)


def _bar_row(
    gantt: Gantt, number: int, zone: dt.tzinfo, colours: Mapping[str, str], links: Mapping[str, str]
) -> dict[str, object]:
    bar, span = gantt.bars[number], gantt.axis
    begin, end = max(bar.start, span.begin), min(bar.finish, span.end)
    room = (span.share(end) - span.share(begin)) * WIDTH - 8
    return {
        "lane": bar.lane,
        "from": clock_milliseconds(begin, zone),
        "to": clock_milliseconds(end, zone),
        "colour": colours.get(bar.group, colours[OTHERS]),
        "told": bar.told,
        "link": links.get(bar.work_order, ""),
        "word": bar.work_order if len(bar.work_order) * _CHARACTER <= room else "",
    }


def _step_rows(course: Course, axis: Axis, zone: dt.tzinfo) -> list[dict[str, object]]:
    """Both functions as rows: what holds before the axis begins starts with it, what holds last is drawn to its end."""
    before = [step for step in course.steps if step.time <= axis.begin][-1:]
    within = [step for step in course.steps if axis.begin < step.time < axis.end]
    steps = [*before, *within] or [course.first]
    moments = [*(max(step.time, axis.begin) for step in steps), axis.end]
    rows: list[dict[str, object]] = []
    for measure, colour in _MEASURES.items():
        for moment, step in zip(moments, [*steps, steps[-1]], strict=True):
            quantity = step.projected if measure == "projected" else step.promisable
            dash = "yes" if measure == "promisable" else "no"
            where = {"time": clock_milliseconds(moment, zone), "quantity": float(quantity)}
            rows.append({**where, "measure": measure, "colour": colour, "dash": dash})
    return rows


def _number_form(course: Course) -> str:
    """The d3 format of an axis of quantities: plain up to five digits, then thousands, millions, …"""
    return "~s" if max(abs(step.projected) for step in course.steps) >= 100_000 else ",~r"


def _rule_at(now: Instant, zone: dt.tzinfo) -> Any:
    import altair as alt

    here = alt.Chart(_data([{"now": clock_milliseconds(now, zone), "told": "now"}]))
    return here.mark_rule(aria=True, color="var(--bad)", strokeWidth=1.6, strokeDash=[4, 2]).encode(
        x="now:T", description="told:N"
    )


def _data(rows: Sequence[Mapping[str, object]]) -> Any:
    import altair as alt

    inline: Any = alt.Data  # has no types
    return inline(values=list(rows))


def _clock(axis: Axis, zone: dt.tzinfo) -> Any:
    """The wall clock as a scale: UTC in name, so that no zone of the machine comes in."""
    import altair as alt

    return alt.Scale(type="utc", domain=[clock_milliseconds(at, zone) for at in (axis.begin, axis.end)], nice=False)


def _axis(axis: Axis, zone: dt.tzinfo, side: Literal["top", "bottom"]) -> Any:
    import altair as alt

    values = [clock_milliseconds(at, zone) for at in axis.ticks]
    return alt.Axis(values=values, format=axis.form, orient=side, labelFlush=False, labelOverlap=True, tickSize=4)


def _svg(chart: Any, label: str, name: str) -> str:
    """Convert one chart; its colours are variables of the page's style sheet, so they follow light and dark."""
    import vl_convert

    plain = {"font": FONT, "background": "transparent", "view": {"stroke": FAINT}, "aria": False}
    axes = {"labelColor": INK, "gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT, "labelFontSize": 11}
    spec = chart.configure(**plain, axis=axes).to_dict(validate=False)
    return for_page(vl_convert.vegalite_to_svg(spec), label, name)
