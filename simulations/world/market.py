"""A market in which suppliers' free capacity and prices move from day to day."""

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
    """Capacity of each offer walks about its mean; what is free of it makes the price. The base price is the item's
    unit cost, or else that of the offer."""

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
        return self.day % rules.every_days == 0

    def offers(self, files: dict[str, str]) -> dict[str, str]:
        """The knowledge folder with the prices of today: base × (1 − discount × free ÷ capacity)."""
        rows = []
        for row in rows_of(files, "offers.csv"):
            line = self.lines[row["supplier"].strip(), row["item"].strip()]
            share = Decimal(repr(round(1 - self.rules.discount * line.free / line.capacity, 4)))
            moved = {**row, "unit_price": str(round_money(line.base * share))}
            if self.rules.limits:
                moved["capacity_per_week"] = str(math.floor(line.free * 7))
            rows.append(moved)
        return with_rows(files, "offers.csv", rows)


def _base(plant: Plant, offer: Offer) -> Decimal:
    known = plant.items[offer.item].unit_cost
    return offer.breaks[0][1] if known is None else known
