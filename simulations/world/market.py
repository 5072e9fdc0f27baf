"""A market in which suppliers' free capacity moves from day to day, and with it what they offer."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from knowledge.plant import Offer, Plant
from knowledge.quantities import Units, round_money
from simulations.policies.rewriting import rows_of, with_rows
from simulations.world.scenario import SupplierMarket
from simulations.world.scene import Scene


@dataclass(slots=True)
class Supply:
    """One item of one supplier: how much of it can be made on a day, in whole units, and how much is ordered."""

    base: Decimal
    """The price where nothing is free."""
    capacity: float
    rng: Random
    ours: float = 0
    """What we order a day, as of late."""
    others: float = 0

    @property
    def free(self) -> float:
        """What is left of a day's capacity."""
        return max(0.0, self.capacity - self.others - self.ours)


class MarketWorld:
    """Capacity of each offer walks about its mean; what is free of it makes the price, and the lead time where
    `slower_days` says so. The base price is the item's unit cost, or else that of the offer."""

    def __init__(self, scene: Scene, rules: SupplierMarket) -> None:
        self.rules, self.plant = rules, scene.plant
        self.lines: dict[tuple[str, str], Supply] = {}
        for item, offers in sorted(scene.plant.offers.items()):
            for offer in offers:
                rng = scene.chance("supply", offer.supplier, item)
                expected = rules.capacity_per_day * min(1.0, rules.others.mean_value)
                line = Supply(_base(scene.plant, offer), rules.capacity_per_day, rng, others=expected)
                self.lines[offer.supplier, item] = line
        self.day = 0
        self.seen = self._look()
        """What was free when offers were last made, and which share of the capacity that was."""

    def pass_day(self, ordered: dict[tuple[str, str], Units]) -> bool:
        """A day goes by on which we ordered so much; whether offers are to be made anew."""
        rules, mean = self.rules, self.rules.capacity_per_day
        self.day += 1
        for key in sorted(self.lines):
            line = self.lines[key]
            step = line.rng.gauss(0, mean * rules.step_percent / 100)
            line.capacity = max(1.0, line.capacity + rules.pull * (mean - line.capacity) + step)
            line.others = line.capacity * min(1.0, max(0.0, rules.others.draw(line.rng)))
            units = ordered.get(key, 0) / 10 ** self.plant.items[key[1]].decimals
            line.ours += (units - line.ours) / rules.every_days
        if self.day % rules.every_days:
            return False
        self.seen = self._look()
        return True

    def _look(self) -> dict[tuple[str, str], tuple[float, float]]:
        return {key: (line.free, line.free / line.capacity) for key, line in self.lines.items()}

    @property
    def until(self) -> int:
        """The day on which offers are made anew."""
        return (self.day // self.rules.every_days + 1) * self.rules.every_days

    def slower(self, supplier: str, item: str) -> int:
        """By how many days what is ordered now takes longer than where everything is free."""
        return round(self.rules.slower_days * (1 - self.seen[supplier, item][1]))

    def offers(self, files: dict[str, str]) -> dict[str, str]:
        """The knowledge folder with what is offered now: base × (1 − discount × free ÷ capacity) is the price."""
        rows = []
        for row in rows_of(files, "offers.csv"):
            key = row["supplier"].strip(), row["item"].strip()
            free, share = self.seen[key]
            factor = Decimal(repr(round(1 - self.rules.discount * share, 4)))
            moved = {**row, "unit_price": str(round_money(self.lines[key].base * factor))}
            if slower := self.slower(*key):
                moved["lead_time_days"] = str(int(row.get("lead_time_days") or 0) + slower)
            if self.rules.limits:
                moved["capacity_per_week"] = str(math.floor(free * 7))
            rows.append(moved)
        return with_rows(files, "offers.csv", rows)


def _base(plant: Plant, offer: Offer) -> Decimal:
    known = plant.items[offer.item].unit_cost
    return offer.breaks[0][1] if known is None else known
