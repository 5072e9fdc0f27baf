"""The sinks that are installed: the society's own, and those of any package that has an entry point for one.

[project.entry-points."society.sinks"]
mytracker = "my_package.mytracker:MyTracker"
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from agents.sinks.sink import Sink, SinkError
from knowledge.plugins import Plugins

GROUP = "society.sinks"

OWN = {
    "json": "json_sink:JsonSink",
    "b2mml": "b2mml:B2mml",
    "ubl": "ubl_purchase:UblPurchase",
    "x12": "x12_purchase:X12Purchase",
    "edifact": "edifact_purchase:EdifactPurchase",
    "pdf": "pdf_purchase:PdfPurchase",
}


PLUGINS: Plugins[Sink[Any]] = Plugins(
    "sink", GROUP, Sink, "kind", "agents.sinks", OWN, missing=SinkError, bad=SinkError, show="'{}'".format
)


def kinds() -> Iterator[str]:
    """The kinds of sink that are installed."""
    yield from PLUGINS.points


@cache
def sink_class(kind: str) -> type[Sink[Any]]:
    """The class of a kind. Raises SinkError."""
    return PLUGINS.load(kind)
