"""The sources that are installed: the society's own, and those of any package that has an entry point for one.

Both come through the same door. A package says, in its pyproject.toml,

    [project.entry-points."society.sources"]
    myshop = "my_package.myshop:MyShop"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from agents.sources.errors import SourceError
from agents.sources.source import Source
from agents.sources.texts import quoted

GROUP = "society.sources"

OWN = tuple(
    EntryPoint(name, f"agents.sources.{place}", GROUP)
    for name, place in (
        ("x12", "x12:X12"),
        ("edifact", "edifact:Edifact"),
        ("ubl", "ubl:Ubl"),
        ("cxml", "cxml:Cxml"),
        ("b2mml", "b2mml:B2mmlReports"),
        ("hubspot", "hubspot:HubSpot"),
        ("salesforce", "salesforce:Salesforce"),
        ("shopify", "shopify:Shopify"),
        ("woocommerce", "woocommerce:WooCommerce"),
        ("mail", "mail:Mail"),
        ("table", "table:Table"),
        ("json", "json_documents:JsonDocuments"),
    )
)
"""In the order in which they are asked whether they recognise a body."""


class UnknownSourceError(SourceError):
    """A kind of source that is not installed."""


class BadSourceError(SourceError):
    """An installed source that cannot be loaded, or is none."""


@cache
def _points() -> Mapping[str, EntryPoint]:
    """The entry points by kind; others cannot take the name of one of ours. JSON, which takes any, is asked last."""
    own = {point.name: point for point in OWN}
    others = {point.name: point for point in sorted(entry_points(group=GROUP)) if point.name not in own}
    last = own.pop("json")
    return {**own, **others, "json": last}


def kinds() -> Iterator[str]:
    """The kinds of source that are installed."""
    yield from _points()


def package_of(kind: str) -> str:
    """The package and version that a kind comes from; empty for one of ours."""
    found = _points()[kind].dist
    return f"{found.name} {found.version}" if found is not None else ""


@cache
def source_class(kind: str) -> type[Source[Any]]:
    """The class of a kind. Raises UnknownSourceError, BadSourceError."""
    point = _points().get(kind)
    if point is None:
        raise UnknownSourceError(f"source {quoted(kind)} is not installed; there are {', '.join(kinds())}")
    try:
        found = point.load()
    except Exception as error:  # whatever a package of others does when it is imported
        raise BadSourceError(f"source {quoted(kind)} ({point.value}) cannot be loaded: {error!r}") from error
    if not (isinstance(found, type) and issubclass(found, Source)):
        raise BadSourceError(f"source {quoted(kind)}: {point.value} is no Source")
    if getattr(found, "kind", None) != kind:
        raise BadSourceError(
            f"source {quoted(kind)}: the entry point's name and the kind of {point.value} have to be the same"
        )
    return found


@cache
def formats() -> tuple[Source[Any], ...]:
    """A source of each kind without configuration, where it needs none, to be asked what a body is."""
    found: list[Source[Any]] = []
    for kind in kinds():
        try:
            kept = source_class(kind)
        except BadSourceError:
            continue  # `sources list` tells of it
        if not any(field.is_required() for field in kept.Config.model_fields.values()):
            found.append(kept())
    return tuple(found)
