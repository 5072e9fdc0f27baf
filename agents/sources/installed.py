"""The sources that are installed: the society's own, and those of any package that has an entry point for one.

Both come through the same door. A package says, in its pyproject.toml,

    [project.entry-points."society.sources"]
    myshop = "my_package.myshop:MyShop"
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from agents.sources.errors import SourceError
from agents.sources.source import Source
from agents.sources.texts import quoted
from knowledge.plugins import Plugins

GROUP = "society.sources"

OWN = {
    "x12": "x12:X12",
    "edifact": "edifact:Edifact",
    "ubl": "ubl:Ubl",
    "cxml": "cxml:Cxml",
    "b2mml": "b2mml:B2mmlReports",
    "hubspot": "hubspot:HubSpot",
    "salesforce": "salesforce:Salesforce",
    "shopify": "shopify:Shopify",
    "woocommerce": "woocommerce:WooCommerce",
    "mail": "mail:Mail",
    "table": "table:Table",
    "json": "json_documents:JsonDocuments",
}
"""In the order in which they are asked whether they recognise a body."""


class UnknownSourceError(SourceError):
    """A kind of source that is not installed."""


class BadSourceError(SourceError):
    """An installed source that cannot be loaded, or is none."""


PLUGINS: Plugins[Source[Any]] = Plugins(
    "source",
    GROUP,
    Source,
    "kind",
    "agents.sources",
    OWN,
    missing=UnknownSourceError,
    bad=BadSourceError,
    show=quoted,
    last="json",  # which takes any body
)


def kinds() -> Iterator[str]:
    """The kinds of source that are installed."""
    yield from PLUGINS.points


def package_of(kind: str) -> str:
    """The package and version that a kind comes from; empty for one of ours."""
    found = PLUGINS.points[kind].dist
    return f"{found.name} {found.version}" if found is not None else ""


@cache
def source_class(kind: str) -> type[Source[Any]]:
    """The class of a kind. Raises UnknownSourceError, BadSourceError."""
    return PLUGINS.load(kind)


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
