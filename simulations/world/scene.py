"""What everybody in the world shares: the plant as it really is, time, chance, the door of the society, the shelf."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from agents.sources.reading import Read
from knowledge.documents import DOCUMENT
from knowledge.instants import Instant, iso, to_datetime
from knowledge.plant import Plant
from knowledge.quantities import Units, show_units, to_units
from simulations.world.agenda import Agenda
from simulations.world.chance import stream


@dataclass(slots=True)
class Shelf:
    """What lies in the warehouse, in smallest units; whoever waits for something looks again when anything came."""

    on_hand: dict[str, Units] = field(default_factory=dict)
    came: bool = False

    def has(self, item: str, units: Units) -> bool:
        """Whether so much is there."""
        return self.on_hand.get(item, 0) >= units

    def put(self, item: str, units: Units) -> None:
        """Something comes in."""
        self.on_hand[item] = self.on_hand.get(item, 0) + units
        self.came = True

    def take(self, item: str, units: Units) -> None:
        """Something goes out that is there."""
        self.on_hand[item] = self.on_hand.get(item, 0) - units


@dataclass(slots=True)
class Scene:
    """`plant` is the truth, which a policy may keep from the society; what engineering releases is added to it.

    `begin` is the first instant and `end` the last for which anything is drawn ahead. `costs` are what items are worth
    that were engineered here, by code.
    """

    seed: int
    plant: Plant
    begin: Instant
    end: Instant
    agenda: Agenda = field(default_factory=Agenda)
    shelf: Shelf = field(default_factory=Shelf)
    letters: list[Read] = field(default_factory=list)
    likes: dict[str, str] = field(default_factory=dict)
    """Of each item that was engineered here, the one that it resembles."""
    _said: int = 0

    def chance(self, *names: str | int) -> Random:
        """The stream of chance for a purpose."""
        return stream(self.seed, *names)

    def say(self, now: Instant, kind: str, **fields: Any) -> None:
        """Hand a document in at the society's door."""
        self._said += 1
        values = {"type": kind, "received": to_datetime(now), **fields}
        self.letters.append(Read(f"{kind}-{self._said}", DOCUMENT.validate_python(values), "", ""))

    def hand_in(self, letter: Read) -> None:
        """Hand in a document that was written elsewhere."""
        self.letters.append(letter)

    def units(self, item: str, quantity: str | int | Decimal) -> Units:
        """Smallest units of a quantity."""
        return to_units(Decimal(quantity), self.decimals(item))

    def units_to_whole(self, item: str, units: Units) -> Decimal:
        """How many whole units so many smallest ones are."""
        return Decimal(units).scaleb(-self.decimals(item))

    def shown(self, item: str, units: Units) -> str:
        """A quantity as documents write it."""
        return show_units(units, self.decimals(item))

    def decimals(self, item: str) -> int:
        """How many digits after the point an item's unit has."""
        known = self.plant.items.get(item)
        return known.decimals if known else 0

    def cost(self, item: str) -> Decimal:
        """What a whole unit is worth: the cost of items.csv, else the first price of its first offer, else nothing."""
        known = self.plant.items.get(self.likes.get(item, item))
        if known is not None and known.unit_cost is not None:
            return known.unit_cost
        offers = self.plant.offers.get(item, ())
        if not offers:
            return Decimal(0)
        supplier = self.plant.suppliers.get(offers[0].supplier)
        rate = self.plant.rate(supplier.currency if supplier else "") or Decimal(1)
        return offers[0].breaks[0][1] * rate

    def value(self, item: str, units: Units) -> Decimal:
        """What so much of an item is worth."""
        return self.cost(item) * self.units_to_whole(item, units)

    def text(self, time: Instant) -> str:
        """A time as documents write it."""
        return iso(time, dt.UTC)
