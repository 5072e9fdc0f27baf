"""How numbers with an uncertainty are written: to the second digit of what is uncertain, and no further."""

from __future__ import annotations

from simulations.experiments.definitions import Definition
from simulations.experiments.statistics import Estimate

_DIGITS = 4
"""Of a number whose uncertainty is not known."""


def shown(found: Estimate, definition: Definition, *, signed: bool = False) -> str:
    """A mean with its half width, in the unit of its definition: `94.1 ± 1.3`, `1,280 ± 90`; – where there is none."""
    if found.mean is None:
        return "–"
    mean = found.mean * definition.scale
    half = found.half_width
    if half is None or half == 0:
        places = _places(abs(mean), _DIGITS)
        return _written(mean, places, signed) + ("" if half is None else " ± 0")
    half *= definition.scale
    places = _places(half, 2)
    return f"{_written(mean, places, signed)} ± {_written(half, places, signed=False)}"


def shown_p(p: float | None) -> str:
    """A p value as journals write it."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def _places(value: float, digits: int) -> int:
    """How many places after the point show so many digits of a value; negative for whole tens and more."""
    return digits - 1 - int(f"{value:.{digits - 1}e}".partition("e")[2]) if value > 0 else 0


def _written(value: float, places: int, signed: bool) -> str:
    rounded = round(value, places) + 0.0
    text = f"{abs(rounded):,.{max(places, 0)}f}"
    sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return sign + text
