"""Baselines that buy by one rule: the cheapest supplier, the nearest one, or to stock by (s, S)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from statistics import NormalDist
from typing import ClassVar

from pydantic import Field

from knowledge.plant import Offer, Plant
from simulations.policies.policy import Files, Known, Policy
from simulations.policies.requirements import needed_per_day
from simulations.policies.rewriting import rows_of, with_rows, with_setting


class Cheapest(Policy):
    """Each item is bought of the supplier whose price for a single one is lowest, however long that takes."""

    name: ClassVar[str] = "cheapest"
    title: ClassVar[str] = "always the cheapest supplier"

    def knowledge(self, files: Files, known: Known) -> Files:
        plant = known.plant
        return _with_one_supplier(files, plant, lambda offer: (_price(plant, offer), offer.lead_time.days))


class Nearest(Policy):
    """Each item is bought of the supplier that delivers soonest, whatever it costs."""

    name: ClassVar[str] = "nearest"
    title: ClassVar[str] = "always the supplier with the shortest lead time"

    def knowledge(self, files: Files, known: Known) -> Files:
        plant = known.plant
        return _with_one_supplier(files, plant, lambda offer: (_elapsed_days(offer), _price(plant, offer)))


class OrderUpTo(Policy):
    """(s, S): what is bought is kept in stock. Where its balance is to fall below s, at least S − s is bought.

    The balance is what is left after all that is ordered so far. So s is the need expected within the lead time of the
    first offer of which customers give no notice, and a safety stock for a service level, need being taken as a Poisson
    stream of a day's orders each; S − s is the need of some days. Nothing is issued sooner than it has to be for
    everybody to hear of it in time: what comes later than need that is new would be ordered twice.
    """

    name: ClassVar[str] = "s-S"
    title: ClassVar[str] = "(s, S) stock of what is bought"

    service: float = Field(default=0.95, gt=0.5, lt=1)
    """The chance that no item runs out while more of it is on its way."""
    cover_days: float = Field(default=10, gt=0)
    """For so many days is bought at a time."""

    def knowledge(self, files: Files, known: Known) -> Files:
        plant, needed = known.plant, needed_per_day(known)
        notice = min((each.lead_days.mean_value for each in known.scenario.customers.values()), default=0.0)
        levels = {item: self._levels(plant, item, needed[item], notice) for item in plant.offers if needed.get(item)}
        if not levels:  # a plant that buys nothing has nothing to stock
            return files
        items = [
            {**row, "safety_stock": _written(plant, row["item"].strip(), levels[row["item"].strip()][0])}
            if row["item"].strip() in levels
            else row
            for row in rows_of(files, "items.csv")
        ]
        offers = [
            {**row, "minimum": _written(plant, row["item"].strip(), self._minimum(row, levels[row["item"].strip()][1]))}
            if row["item"].strip() in levels
            else row
            for row in rows_of(files, "offers.csv")
        ]
        found = with_rows(with_rows(files, "items.csv", items), "offers.csv", offers)
        heard = known.scenario.listen_minutes / 1440
        return with_setting(found, "release_horizon_days", f"{heard:.4f}")

    def _levels(self, plant: Plant, item: str, per_day: float, notice: float) -> tuple[float, float]:
        """s, and S − s."""
        days = _elapsed_days(min(plant.offers[item], key=lambda offer: offer.preference))
        safety = NormalDist().inv_cdf(self.service) * math.sqrt(per_day * days * max(1.0, per_day))
        return per_day * max(0.0, days - notice) + safety, per_day * self.cover_days

    @staticmethod
    def _minimum(row: dict[str, str], lot: float) -> float:
        return max(lot, float(row.get("minimum") or 0))


def _with_one_supplier(files: Files, plant: Plant, rank: Callable[[Offer], tuple[float | Decimal, ...]]) -> Files:
    """The offers of one supplier for each item: the one that ranks lowest."""
    chosen = {item: min(offers, key=rank).supplier for item, offers in plant.offers.items()}
    rows = rows_of(files, "offers.csv")
    return with_rows(files, "offers.csv", [r for r in rows if chosen.get(r["item"].strip()) == r["supplier"].strip()])


def _price(plant: Plant, offer: Offer) -> Decimal:
    """For one, in the plant's currency."""
    supplier = plant.suppliers.get(offer.supplier)
    return offer.breaks[0][1] * (plant.rate(supplier.currency if supplier else "") or Decimal(1))


def _elapsed_days(offer: Offer) -> float:
    """A lead time in days of the calendar, on average."""
    calendar = offer.lead_time.calendar
    if calendar is None or calendar.always_open:
        return offer.lead_time.days
    return offer.lead_time.days * 7 / max(1, len({shift.weekday for shift in calendar.shifts}))


def _written(plant: Plant, item: str, quantity: float) -> str:
    """A quantity, rounded up to the item's unit."""
    scale = 10 ** plant.items[item].decimals
    return f"{Decimal(math.ceil(quantity * scale - 1e-9)) / scale:f}"
