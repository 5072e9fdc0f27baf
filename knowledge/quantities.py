"""Exact quantities and money. Inside, a quantity is an integer of the item's smallest unit; no float, ever."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

Units: TypeAlias = int

LARGEST = 10**15
"""No quantity in smallest units may be larger: it keeps every sum within 64 bits for the solver."""

_LARGEST_EXPONENT = 15

MOST_DECIMALS = 28
"""No number that is read may have more digits after its point."""

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,6})?")
_NOT_FINITE = re.compile(r"[+-]?(inf|infinity|s?nan)", re.IGNORECASE)


def parse_decimal(text: str) -> Decimal:
    """A finite decimal with a point, of a size that people use. Raises ValueError.

    The bounds on size keep what is exact inside (fractions, integers of the smallest unit) small as well.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        shown = text if len(text) <= 40 else text[:40] + "…"
        raise ValueError(f"{shown!r} is not a {'finite ' if _NOT_FINITE.fullmatch(text) else ''}number")
    number = Decimal(text)
    plain = len(text) <= MOST_DECIMALS and "e" not in text and "E" not in text
    exponent = 0 if plain else int(number.as_tuple().exponent)
    if abs(number) > LARGEST or exponent > _LARGEST_EXPONENT:
        raise ValueError(f"{text[:40]} is larger than any real quantity")
    if exponent < -MOST_DECIMALS:
        raise ValueError(f"{text[:40]} has more than {MOST_DECIMALS} decimals")
    return number


def to_units(quantity: Decimal, decimals: int) -> Units:
    """Smallest units of a quantity. Raises ValueError where it is finer than the unit or beyond `LARGEST`."""
    if abs(quantity) > LARGEST or abs(scaled := quantity.scaleb(decimals)) > LARGEST:
        raise ValueError(f"{quantity} is larger than any real quantity")
    units = int(scaled)
    if from_units(units, decimals) != quantity:
        finer = f"has more than {decimals} decimals" if decimals else "is not a whole number"
        raise ValueError(f"{quantity} {finer}")
    return units


def from_units(units: Units, decimals: int) -> Decimal:
    """The quantity of so many smallest units."""
    return Decimal(units).scaleb(-decimals)


def show_units(units: Units, decimals: int) -> str:
    """A quantity as tables write it: plain digits, no trailing zeros."""
    if not decimals:
        return str(units)
    text = f"{from_units(units, decimals):f}"
    return text.rstrip("0").rstrip(".")


def ceil_div(numerator: int, denominator: int) -> int:
    """The smallest integer not below numerator ÷ denominator (denominator > 0)."""
    return -(-numerator // denominator)


def round_money(amount: Decimal) -> Decimal:
    """An amount to the cent, half away from zero."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
