"""Reads items.csv, and the lot rules that items and offers share."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.plant import Item, Kind, LotRule, Replenishment
from knowledge.quantities import Units, show_units
from knowledge.reading.cells import (
    MOST_DAYS,
    MOST_ITEM_DECIMALS,
    Known,
    Parser,
    choice,
    code,
    number,
    units,
    whole,
)
from knowledge.reading.tables import Row, Table
from knowledge.reading.working_time import Times

DECIMALS = whole(least=0, most=MOST_ITEM_DECIMALS)
SHELF_LIFE = whole(least=1, most=10 * MOST_DAYS)
MONEY = number(least=0)
KIND = choice(Kind)
SUPPLY = choice(Replenishment)


@dataclass(frozen=True, slots=True)
class Items:
    """The items by code, how to refer to them, and their decimals (absent where they are not known)."""

    by_code: dict[str, Item]
    known: Known
    decimals: dict[str, int]

    def units(self, item: str | None, *, least: int | None = None, above: int | None = None) -> Parser[Units]:
        """The parser of quantities of an item."""
        return units(self.decimals.get(item or ""), least=least, above=above)


def read_items(table: Table, times: Times) -> Items:
    """The items in file order."""
    by_code: dict[str, Item] = {}
    codes: set[str] = set()
    decimals: dict[str, int] = {}
    for row in table:
        item = row.key("item", "item")
        places = row.need("decimals", DECIMALS) if row.given("decimals") else 0
        value = _item(row, item or "", places, times)
        if item is None:
            continue
        codes.add(item)
        by_code[item] = value
        if places is not None and not row.muted:
            decimals[item] = places
    return Items(by_code, table.known("item", codes), decimals)


def _item(row: Row, item: str, decimals: int | None, times: Times) -> Item:
    return Item(
        code=item,
        description=row.given("description"),
        uom=row.read("uom", code, "EA"),
        decimals=decimals or 0,
        kind=row.read("kind", KIND, Kind.FINISHED),
        supply=row.read("supply", SUPPLY, Replenishment.MAKE),
        group=row.read("group", code, ""),
        lead_time=times.lead_time(row),
        safety_stock=row.read("safety_stock", units(decimals, least=0), 0),
        lot=_lot(row, decimals),
        unit_cost=row.read("unit_cost", MONEY, None),
        shelf_life_days=row.read("shelf_life_days", SHELF_LIFE, None),
    )


def _lot(row: Row, decimals: int | None) -> LotRule:
    lot = LotRule(
        minimum=row.read("lot_minimum", units(decimals, least=0), 0),
        maximum=row.read("lot_maximum", units(decimals, above=0), None),
        multiple=row.read("lot_multiple", units(decimals, above=0), 1),
    )
    if decimals is not None and lot.maximum is not None:
        _check_maximum(row, lot, lot.maximum, decimals)
    return lot


def _check_maximum(row: Row, lot: LotRule, maximum: Units, decimals: int) -> None:
    """A lot has to exist: some multiple that is not below the minimum nor above the maximum."""
    least, multiple, most = (show_units(value, decimals) for value in (lot.minimum, lot.multiple, maximum))
    if maximum < lot.minimum:
        row.wrong("lot_maximum", f"{most} is below the lot minimum {least}")
    elif maximum < lot.multiple:
        row.wrong("lot_maximum", f"{most} is below the lot multiple {multiple}")
    elif lot.raise_to(max(lot.minimum, 1)) > maximum:
        row.wrong("lot_maximum", f"no multiple of {multiple} lies between the lot minimum {least} and {most}")
