"""How the pictures of an experiment look: on the page, where colours follow light and dark, and in a paper."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from simulations.report.vega import for_page

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
COLOURS = 8

PAPER = {
    "ink": "#1d2330",
    "dim": "#5a6372",
    "rule": "#d9dde4",
    "paper": "#ffffff",
    "soft": "#eceef2",
    "policy-1": "#0072b2",
    "policy-2": "#c44e00",
    "policy-3": "#00805d",
    "policy-4": "#b5577f",
    "policy-5": "#8a6d00",
    "policy-6": "#3a8fc4",
    "policy-7": "#7f3c8d",
    "policy-8": "#5a6372",
}
"""What the page's variables are in a picture that stands alone; policies after Okabe and Ito, for any eye."""

DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [10, 4], [4, 2, 1, 2], [3, 1], [1, 3])

_VARIABLE = re.compile(r"var\(--([a-z0-9-]+)\)")


def colour_of(policies: Sequence[str], policy: str) -> str:
    """A policy's colour, the same in every picture."""
    return f"var(--policy-{policies.index(policy) % COLOURS + 1})"


def svg_of(chart: Any, label: str, name: str) -> str:
    """A chart of Altair as SVG for the page; `name` begins its identifiers, `label` says what it shows."""
    import vl_convert

    axis = {
        "labelColor": "var(--ink)",
        "titleColor": "var(--ink)",
        "gridColor": "var(--rule)",
        "domainColor": "var(--dim)",
        "tickColor": "var(--dim)",
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelLimit": 190,
        "titlePadding": 6,
    }
    title = {"color": "var(--ink)", "fontSize": 13, "anchor": "start", "offset": 8}
    legend = {"labelColor": "var(--ink)", "labelFontSize": 11, "labelLimit": 150, "symbolStrokeWidth": 2.5}
    plain = {"font": FONT, "background": "transparent", "view": {"stroke": "var(--rule)"}, "aria": False}
    spec = chart.configure(**plain, axis=axis, title=title, legend=legend).to_dict(validate=False)
    return for_page(vl_convert.vegalite_to_svg(spec), label, name)


def for_paper(svg: str) -> str:
    """A picture of the page as one that stands alone: on white, its colours by value."""
    plain = _VARIABLE.sub(lambda found: PAPER[found[1]], svg)
    return plain.replace("<svg ", '<svg style="background:#ffffff" ', 1) + "\n"


def chart_of(rows: Sequence[Mapping[str, object]]) -> Any:
    """An empty chart of some rows."""
    import altair as alt

    inline: Any = alt.Data  # has no types
    return alt.Chart(inline(values=list(rows)))
