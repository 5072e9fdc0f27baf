"""The pictures of an experiment by Altair: means, differences, courses over time, and measures over cases.

Altair and vl-convert take half a second to start, so they are imported when the first picture is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simulations.experiments.analysis import Compared, Estimated
from simulations.experiments.definitions import Definition
from simulations.experiments.report.look import DASHES, chart_of, colour_of, svg_of
from simulations.experiments.report.series import Curve
from simulations.experiments.statistics import Estimate

WIDTH, LANE, HEIGHT = 300, 34, 170


def mean_chart(found: Sequence[Estimated], definition: Definition, policies: Sequence[str], name: str) -> str:
    """A lane a policy: above the mean with its interval, below it every replication as a dot."""
    import altair as alt

    dots = [
        {
            "lane": each.policy,
            "value": value * definition.scale,
            "colour": colour_of(policies, each.policy),
            "told": f"seed {seed}",
            "side": 1,
        }
        for each in found
        for seed, value in each.values.items()
        if value is not None
    ]
    means = _reaches([(each.policy, each.estimate) for each in found], definition, policies)
    beside = alt.YOffset("side:Q", scale=alt.Scale(domain=[-1, 2], range=[0, LANE]))
    across = alt.X("value:Q", title=definition.called, scale=_room(), axis=_axis([*dots, *means]))
    places = {"x": across, "y": _lanes(policies), "yOffset": beside}
    cloud = chart_of(dots).mark_circle(size=22, opacity=0.4, aria=True)
    layers = [cloud.encode(**places, color=_given("colour"), description="told:N"), *_whiskers(means, places)]
    return _picture(layers, alt.Step(LANE), definition.title, name)


def difference_chart(
    found: Sequence[Compared], definition: Definition, policies: Sequence[str], baseline: str, name: str
) -> str:
    """The difference of each policy to the baseline with its interval; a hollow mark where it may well be chance."""
    import altair as alt

    rows = _reaches([(e.comparison.policy, e.comparison.difference) for e in found], definition, policies)
    sure = {each.comparison.policy: each.comparison.differs() for each in found}
    drawn = [row if sure[str(row["lane"])] else {**row, "fill": "var(--paper)"} for row in rows]
    words = {"more": "more is better →", "less": "← less is better", "": ""}[definition.better]
    unit = definition.difference.unit
    title = [f"difference to {baseline}" + (f" ({unit})" if unit else ""), words]
    across = alt.X("value:Q", title=title, scale=_room(), axis=_axis(rows))
    zero = chart_of([{"value": 0}]).mark_rule(color="var(--dim)", strokeDash=[4, 3]).encode(x=across)
    places = {"x": across, "y": _lanes([each.comparison.policy for each in found])}
    return _picture([zero, *_whiskers(drawn, places)], alt.Step(LANE - 8), f"{definition.title}, difference", name)


def series_chart(
    curves: Sequence[Curve], definition: Definition, policies: Sequence[str], warm_up: int, name: str
) -> str:
    """The mean of a daily series over time, a curve a policy, with a band; the warm-up is shaded."""
    import altair as alt

    rows = [
        {"day": day, "policy": each.policy, **_scaled(point, definition.scale)}
        for each in curves
        for day, point in zip(each.days, each.points, strict=True)
    ]
    across = alt.X("day:Q", title="day", scale=alt.Scale(nice=False), axis=_axis([]))
    up = alt.Y("value:Q", title=definition.unit or None, axis=_axis(rows), scale=_room())
    colour, dash = _legends(policies)
    layers = []
    if warm_up:
        shade = chart_of([{"day": 0, "end": min(warm_up, max(each.days[-1] for each in curves))}])
        layers.append(shade.mark_rect(color="var(--soft)").encode(x=across, x2="end:Q"))
    bands = [row for row in rows if row["low"] is not None]
    if bands:
        low, high = up.copy(), alt.Y2("high:Q")
        low.shorthand = "low:Q"
        layers.append(chart_of(bands).mark_area(opacity=0.16).encode(across, low, high, color=colour))
    layers.append(chart_of(rows).mark_line(strokeWidth=1.8).encode(across, up, color=colour, strokeDash=dash))
    return _picture(layers, HEIGHT, f"{definition.title} over time", name)


def case_chart(
    found: Sequence[tuple[str | float, Estimated]],
    definition: Definition,
    policies: Sequence[str],
    title: str,
    name: str,
) -> str:
    """The mean of a measure over the cases, a curve a policy, with intervals; cases that are numbers lie to scale."""
    import altair as alt

    rows: list[dict[str, Any]] = [
        {"case": case, "policy": each.policy, **_scaled(each.estimate, definition.scale)}
        for case, each in found
        if each.estimate.mean is not None
    ]
    places: dict[str, Any]
    if all(isinstance(case, float) for case, _ in found):
        beside = _beside([float(case) for case, _ in found], policies)
        rows = [{**row, "case": row["case"] + beside[row["policy"]]} for row in rows]
        places = {"x": alt.X("case:Q", title=title, scale=alt.Scale(zero=False, padding=16), axis=_axis(rows, "case"))}
    else:
        order = list(dict.fromkeys(str(case) for case, _ in found))
        across = alt.X("case:N", title=title, sort=order, axis=alt.Axis(grid=False, labelAngle=-20))
        places = {"x": across, "xOffset": alt.XOffset("policy:N", sort=list(policies))}
    up = alt.Y("value:Q", title=definition.unit or None, axis=_axis(rows), scale=_room())
    low, high = up.copy(), alt.Y2("high:Q")
    low.shorthand = "low:Q"
    colour, dash = _legends(policies)
    layers = [chart_of(rows).mark_line(strokeWidth=1.6).encode(up, **places, color=colour, strokeDash=dash)]
    layers.append(chart_of(rows).mark_point(size=34, filled=True, opacity=1).encode(up, **places, color=colour))
    reaching = [row for row in rows if row["low"] is not None]
    if reaching:
        layers.insert(0, chart_of(reaching).mark_rule(strokeWidth=1.4).encode(low, high, **places, color=colour))
    return _picture(layers, HEIGHT, definition.title, name)


def _picture(layers: Sequence[Any], height: Any, title: str, name: str) -> str:
    import altair as alt

    chart = alt.layer(*layers).properties(width=WIDTH, height=height, title=title)
    return svg_of(chart, title, name)


def _scaled(found: Estimate, scale: int) -> dict[str, float | None]:
    ends = {"value": found.mean, "low": found.low, "high": found.high}
    return {name: None if value is None else value * scale for name, value in ends.items()}


def _reaches(
    found: Sequence[tuple[str, Estimate]], definition: Definition, policies: Sequence[str]
) -> list[dict[str, object]]:
    """Rows of means with their intervals, a lane each; without a mean there is no row."""
    return [
        {
            "lane": policy,
            "colour": colour_of(policies, policy),
            "fill": colour_of(policies, policy),
            "side": 0,
            **_scaled(each, definition.scale),
        }
        for policy, each in found
        if each.mean is not None
    ]


def _whiskers(rows: Sequence[dict[str, object]], places: dict[str, Any]) -> list[Any]:
    """A point at each mean, and the interval through it where there is one."""
    import altair as alt

    points = chart_of(rows).mark_point(size=42, opacity=1, strokeWidth=1.8)
    layers = [points.encode(**places, stroke=_given("colour", alt.Stroke), fill=_given("fill", alt.Fill))]
    reaching = [row for row in rows if row["low"] is not None]
    if reaching:
        low = places["x"].copy()
        low.shorthand = "low:Q"
        bars = chart_of(reaching).mark_rule(strokeWidth=2)
        layers.insert(0, bars.encode(**{**places, "x": low}, x2="high:Q", color=_given("colour")))
    return layers


def _lanes(names: Sequence[str]) -> Any:
    import altair as alt

    return alt.Y(
        "lane:N",
        sort=list(names),
        scale=alt.Scale(domain=list(names)),
        title=None,
        axis=alt.Axis(tickSize=0, labelPadding=8),
    )


def _given(field: str, channel: Any = None) -> Any:
    """A colour that the rows name themselves."""
    import altair as alt

    return (channel or alt.Color)(f"{field}:N", scale=None, legend=None)


def _legends(policies: Sequence[str]) -> tuple[Any, Any]:
    """Colour and dashes of the policies' curves, with one legend for both."""
    import altair as alt

    names = list(policies)
    legend = alt.Legend(orient="bottom", title=None, symbolType="stroke", columns=3, symbolSize=260, symbolOpacity=1)
    colours = alt.Scale(domain=names, range=[colour_of(names, each) for each in names])
    dashes = alt.Scale(domain=names, range=[DASHES[place % len(DASHES)] for place in range(len(names))])
    return alt.Color("policy:N", scale=colours, legend=legend), alt.StrokeDash("policy:N", scale=dashes, legend=legend)


def _beside(cases: Sequence[float], policies: Sequence[str]) -> dict[str, float]:
    """How far each policy's marks stand beside a case's place, so that intervals do not hide one another."""
    step = (max(cases) - min(cases)) * 0.012
    return {policy: step * (place - (len(policies) - 1) / 2) for place, policy in enumerate(policies)}


def _room() -> Any:
    """A scale that leaves a little room beside the outermost values."""
    import altair as alt

    return alt.Scale(zero=False, nice=False, padding=10)


def _axis(rows: Sequence[Mapping[str, Any]], field: str = "value") -> Any:
    """An axis of numbers: in thousands or millions where they are large, and then all of them."""
    import altair as alt

    largest = max((abs(row[field]) for row in rows if row[field] is not None), default=0)
    form = "~s" if largest >= 10_000 else ",~r"
    return alt.Axis(tickCount=5, labelExpr=f"replace(format(datum.value, '{form}'), '-', '−')", labelOverlap=True)
