"""Reads other people's names of items and units: aliases.csv and uom_conversions.csv."""

from __future__ import annotations

from decimal import Decimal

from knowledge.plant import Alias
from knowledge.reading.cells import code, number, quoted
from knowledge.reading.items import Items
from knowledge.reading.tables import Table

FACTOR = number(above=0)


def read_aliases(table: Table, items: Items) -> dict[tuple[str, str], Alias]:
    """Our item for each source's number; an empty source stands for any."""
    aliases: dict[tuple[str, str], Alias] = {}
    for row in table:
        source, foreign = row.read("source", code, ""), row.need("foreign_item", code)
        item, factor = row.need("item", items.known), row.read("quantity_factor", FACTOR, Decimal(1))
        if foreign is None:
            continue
        what = f"number {quoted(foreign)} of {f'source {quoted(source)}' if source else 'any source'}"
        if row.first((source, foreign), "foreign_item", what) and item is not None:
            aliases[source, foreign] = Alias(item, factor)
    return aliases


def read_conversions(table: Table, items: Items) -> dict[tuple[str, str], Decimal]:
    """Units of the item's own unit in one of another."""
    conversions: dict[tuple[str, str], Decimal] = {}
    for row in table:
        item, uom, factor = row.need("item", items.known), row.need("uom", code), row.need("factor", FACTOR)
        if item is None or uom is None:
            continue
        known = items.by_code.get(item)
        if known is not None and known.uom == uom and factor not in (None, 1):
            row.wrong("factor", f"{factor} is not 1, but {quoted(uom)} is the item's own unit")
        if row.first((item, uom), "uom", f"unit {quoted(uom)} of {quoted(item)}") and factor is not None:
            conversions[item, uom] = factor
    return conversions
