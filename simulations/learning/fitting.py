"""Robust fits: medians, quantiles, and a line through points by the median of all slopes (Theil 1950, Sen 1968)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

_MOST = 200
"""Of more points than these, so many spread over all of them are looked at: slopes grow with the square."""


def median(values: Sequence[Fraction | int]) -> Fraction:
    """The middle of some values; of an even number, halfway between the two in the middle."""
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return Fraction(ordered[half])
    return Fraction(ordered[half - 1] + ordered[half]) / 2


def quantile(values: Sequence[Fraction | int], percent: int) -> Fraction:
    """The smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return Fraction(ordered[max(0, -(-len(ordered) * percent // 100) - 1)])


def line(points: Sequence[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction] | None:
    """(at 0, slope) of the line through (x, y): the median of the slopes of all pairs, and the median of what is left.

    None where it says nothing of work, which takes longer for more and never less than no time: fewer than 5 points or
    3 places, a slope not above 0, or a beginning below 0.
    """
    points = _some(points)
    if len(points) < 5 or len({x for x, _ in points}) < 3:
        return None
    slopes = [(y - v) / (x - u) for n, (x, y) in enumerate(points) for u, v in points[:n] if x != u]
    slope = median(slopes)
    start = median([y - slope * x for x, y in points])
    return (start, slope) if slope > 0 and start >= 0 else None


def _some(points: Sequence[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    ordered = sorted(points)
    count = len(ordered)
    return ordered if count <= _MOST else [ordered[n * count // _MOST] for n in range(_MOST)]
