"""The sinks that are installed: the society's own, and those of any package that has an entry point for one.

[project.entry-points."society.sinks"]
mytracker = "my_package.mytracker:MyTracker"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from agents.sinks.sink import Sink, SinkError

GROUP = "society.sinks"

OWN = tuple(
    EntryPoint(name, f"agents.sinks.{place}", GROUP)
    for name, place in (
        ("json", "json_sink:JsonSink"),
        ("b2mml", "b2mml:B2mml"),
        ("ubl", "ubl_purchase:UblPurchase"),
        ("x12", "x12_purchase:X12Purchase"),
        ("edifact", "edifact_purchase:EdifactPurchase"),
        ("pdf", "pdf_purchase:PdfPurchase"),
    )
)


@cache
def _points() -> Mapping[str, EntryPoint]:
    own = {point.name: point for point in OWN}
    others = {point.name: point for point in sorted(entry_points(group=GROUP)) if point.name not in own}
    return {**own, **others}


def kinds() -> Iterator[str]:
    """The kinds of sink that are installed."""
    yield from _points()


@cache
def sink_class(kind: str) -> type[Sink[Any]]:
    """The class of a kind. Raises SinkError."""
    point = _points().get(kind)
    if point is None:
        raise SinkError(f"sink '{kind}' is not installed; there are {', '.join(kinds())}")
    try:
        found = point.load()
    except Exception as error:  # whatever a package of others does when it is imported
        raise SinkError(f"sink '{kind}' ({point.value}) cannot be loaded: {error!r}") from error
    if not (isinstance(found, type) and issubclass(found, Sink) and getattr(found, "kind", None) == kind):
        raise SinkError(f"sink '{kind}': {point.value} is no Sink of that kind")
    return found
