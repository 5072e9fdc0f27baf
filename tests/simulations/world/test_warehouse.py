"""The warehouse ships as planned, and what is late already as soon as it is there, at nobody's cost."""

from __future__ import annotations

import datetime as dt

import pytest

from knowledge.instants import DAY, Instant, from_datetime, iso
from protocols.publishing import ShippingLineNews, ShippingOrderNews
from simulations.world.orders import Line, Order, OrderBook
from simulations.world.reading import read_setting
from simulations.world.scenario import Warehouse
from simulations.world.scene import Scene
from simulations.world.warehouse import WarehouseWorld

PLANT = read_setting("machine-shop").plant
START = from_datetime(dt.datetime(2026, 3, 2, tzinfo=dt.UTC))


def _day(number: int) -> Instant:
    return START + number * DAY


class Dock:
    """A warehouse with orders for pins; `gone` are the orders that left, with the day."""

    def __init__(self) -> None:
        self.scene, self.book = Scene(0, PLANT, START, _day(100)), OrderBook()
        self.told: dict[str, ShippingOrderNews] = {}
        self.warehouse = WarehouseWorld(self.scene, Warehouse(), self.book, lambda number, now: self.told.get(number))

    def order(self, number: str, pieces: int, wanted: int, planned: int) -> None:
        """An order that is wanted by the end of a day and is to be shipped on one."""
        self.book.add(Order(f"t/{number}", "t", number, "shop", START, _day(wanted), {"1": Line("PIN", pieces, 1.0)}))
        line = ShippingLineNews(line="1", item="PIN", description="", quantity=str(pieces), uom="")
        self.told[number] = ShippingOrderNews(
            shipping_order=number,
            source="t",
            number=number,
            customer="shop",
            ship_to="",
            ship=iso(_day(planned), dt.UTC),
            status="released",
            lines=(line,),
        )
        self.warehouse.hear(START, self.told[number])

    def gone(self, stock: int, day: int) -> set[str]:
        """The orders that have left with so many pieces on the shelf on a day."""
        self.scene.shelf.put("PIN", stock)
        self.warehouse.ship(_day(day))
        return set(self.warehouse.shipped)


@pytest.mark.parametrize(("day", "gone"), [(4, set()), (5, {"A"})])
def test_what_is_planned_in_time_is_not_shipped_before(day: int, gone: set[str]) -> None:
    dock = Dock()
    dock.order("A", 5, wanted=9, planned=5)
    assert dock.gone(5, day) == gone


@pytest.mark.parametrize(("day", "gone"), [(2, set()), (3, {"A"})])
def test_what_is_planned_late_is_shipped_once_it_is_there_and_wanted(day: int, gone: set[str]) -> None:
    dock = Dock()
    dock.order("A", 5, wanted=3, planned=9)
    assert dock.gone(5, day) == gone
    assert dock.book.orders["t/A"].complete == bool(gone)


@pytest.mark.parametrize(("stock", "gone"), [(5, set()), (9, {"LATE"})])
def test_what_is_shipped_early_takes_nothing_from_what_goes_before_it(stock: int, gone: set[str]) -> None:
    dock = Dock()
    dock.order("SOON", 4, wanted=7, planned=6)
    dock.order("LATE", 5, wanted=3, planned=9)
    assert dock.gone(stock, 5) == gone


def test_what_is_planned_anew_meanwhile_stays() -> None:
    dock = Dock()
    dock.order("A", 5, wanted=9, planned=5)
    dock.told["A"] = dock.told["A"].model_copy(update={"status": "planned"})
    assert dock.gone(5, 5) == set()
    assert not dock.warehouse.waiting
