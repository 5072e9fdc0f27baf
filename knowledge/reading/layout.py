"""The files of a knowledge folder and their columns, in the contract's order."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

SETTINGS = "plant.toml"


@dataclass(frozen=True, slots=True)
class Layout:
    """One table: its columns, and those without which a row says nothing."""

    file: str
    columns: tuple[str, ...]
    required: tuple[str, ...]


def _layout(file: str, columns: str, required: str) -> Layout:
    return Layout(file, tuple(columns.split()), tuple(required.split()))


_TABLES = (
    _layout(
        "items.csv",
        "item description uom decimals kind supply group lead_time_days lead_time_calendar safety_stock"
        " lot_minimum lot_maximum lot_multiple unit_cost shelf_life_days",
        "item",
    ),
    _layout("bom.csv", "parent component quantity scrap_percent revision", "parent component quantity"),
    _layout(
        "routes.csv",
        "item step work_centre setup_minutes run_minutes teardown_minutes revision",
        "item step work_centre",
    ),
    _layout("work_centres.csv", "work_centre machines calendar efficiency_percent cost_per_hour", "work_centre"),
    _layout("setups.csv", "work_centre from_group to_group minutes", "work_centre from_group to_group minutes"),
    _layout("calendars.csv", "calendar weekday start end", "calendar weekday start end"),
    _layout("holidays.csv", "calendar date", "calendar date"),
    _layout("suppliers.csv", "supplier name currency order_cost", "supplier"),
    _layout(
        "offers.csv",
        "supplier item price_from unit_price minimum multiple lead_time_days lead_time_calendar capacity_per_week"
        " preference",
        "supplier item unit_price",
    ),
    _layout(
        "customers.csv",
        "customer name priority lateness_weight partial_shipments most_releases minimum_release_percent"
        " cost_per_shipment transit_days late_cost_per_day_percent",
        "customer",
    ),
    _layout("stock.csv", "item quantity customer", "item quantity"),
    _layout("open_orders.csv", "kind number item quantity start due supplier status", "kind number item quantity due"),
    _layout("aliases.csv", "source foreign_item item quantity_factor", "source foreign_item item"),
    _layout("uom_conversions.csv", "item uom factor", "item uom factor"),
    _layout("rates.csv", "currency rate", "currency rate"),
)

LAYOUTS = {layout.file: layout for layout in _TABLES}

FILES = (SETTINGS, *LAYOUTS)
"""Every file that a knowledge folder may have, in the order in which problems are told."""


def unknown_file(name: str) -> str:
    """What to say of a file that is none of them."""
    stems = {file.partition(".")[0]: file for file in FILES}
    close = get_close_matches(name.lower().partition(".")[0], stems, n=1, cutoff=0.7)
    hint = f"did you mean {stems[close[0]]}?" if close else f"the files are {', '.join(FILES)}"
    return f"is not a file of a knowledge folder; {hint}"
