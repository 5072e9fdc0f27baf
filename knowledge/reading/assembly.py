"""Puts a plant together from the texts of a knowledge folder."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path

from knowledge.calendars import OPEN_ALWAYS
from knowledge.plant import Plant
from knowledge.reading.customers import read_customers
from knowledge.reading.folder import scan_folder
from knowledge.reading.items import read_items
from knowledge.reading.layout import FILES, SETTINGS, unknown_file
from knowledge.reading.names import read_aliases, read_conversions
from knowledge.reading.opening import read_open_orders, read_stock
from knowledge.reading.problems import Problems
from knowledge.reading.production import read_boms, read_routes
from knowledge.reading.purchasing import read_offers, read_rates, read_suppliers
from knowledge.reading.settings import read_settings
from knowledge.reading.shop_floor import read_setups, read_work_centres
from knowledge.reading.tables import open_tables
from knowledge.reading.working_time import read_calendars


def load_plant(path: Path) -> Plant:
    """The plant of a knowledge folder. Raises KnowledgeError with every problem of the folder and its files."""
    problems = Problems()
    scan = scan_folder(path, problems)
    plant = _assemble(scan.files, scan.unread, problems)
    problems.raise_any()
    return plant


def read_plant(files: Mapping[str, str]) -> Plant:
    """The plant of the texts by file name that `read_folder` gives. Pure. Raises KnowledgeError with every problem."""
    problems = Problems()
    for name in sorted(set(files) - set(FILES)):
        problems.add(name, 0, "", unknown_file(name))
    plant = _assemble(files, (), problems)
    problems.raise_any()
    return plant


def _assemble(files: Mapping[str, str], unread: Container[str], problems: Problems) -> Plant:
    """The plant as far as it can be read; it is of no use where there are problems."""
    table = open_tables(files, unread, problems)
    settings = read_settings(files.get(SETTINGS, ""), problems)
    zone, own = settings.zone, settings.currency
    times = read_calendars(table("calendars.csv"), table("holidays.csv"), zone)
    default = times.by_name.get(settings.calendar(times.known) or "", OPEN_ALWAYS)
    item_table = table("items.csv")
    if not item_table.present:
        problems.add("items.csv", 0, "", "is missing; it is the one file that a plant has to have")
    items = read_items(item_table, times)
    work_centres = read_work_centres(table("work_centres.csv"), times, default)
    rates = read_rates(table("rates.csv"), own)
    suppliers = read_suppliers(table("suppliers.csv"), rates.known, own)
    customers = read_customers(table("customers.csv"))
    stock, reserved = read_stock(table("stock.csv"), items, customers.known)
    return Plant(
        name=settings.name,
        zone=zone,
        currency=own,
        release_horizon_days=settings.release_horizon_days,
        frozen_horizon_days=settings.frozen_horizon_days,
        sourcing=settings.sourcing,
        approvals=settings.approvals(customers.known, items.known, suppliers.known),
        learning=settings.learning,
        items=items.by_code,
        boms=read_boms(table("bom.csv"), items),
        routes=read_routes(table("routes.csv"), items, work_centres.known),
        work_centres=work_centres.by_code,
        setups=read_setups(table("setups.csv"), work_centres.known),
        calendars=times.by_name,
        suppliers=suppliers.by_code,
        offers=read_offers(table("offers.csv"), items, suppliers.known, times),
        customers=customers.by_code,
        stock=stock,
        reserved=reserved,
        open_orders=read_open_orders(table("open_orders.csv"), items, suppliers.known, zone),
        aliases=read_aliases(table("aliases.csv"), items),
        uom_conversions=read_conversions(table("uom_conversions.csv"), items),
        rates=rates.by_currency,
    )
