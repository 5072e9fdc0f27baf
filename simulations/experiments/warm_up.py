"""Whether a warm-up is long enough: MSER-5 and Welch's moving average on a daily series.

The measures of a run leave out what the scenario calls its warm-up. These two look at the series afterwards and say
where a run seems to have settled, so that a scenario's author can choose the warm-up, and a reader can check it.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

BATCH = 5


def settled_after(series: Sequence[float], batch: int = BATCH) -> int | None:
    """How many observations to leave out at the beginning, by MSER (White 1997) on means of `batch` of them.

    It is the truncation with the least standard error of what remains. None where that lies in the second half: then
    the series has not settled, or is too short to tell.
    """
    means = [fmean(series[start : start + batch]) for start in range(0, len(series) - batch + 1, batch)]
    most = len(means) // 2
    if most < 1:
        return None
    errors = _errors(means)
    best = min(range(len(errors)), key=lambda place: (errors[place], place))
    return best * batch if best < most else None


def _errors(means: Sequence[float]) -> list[float]:
    """The squared standard error of what remains after leaving out 0, 1, 2, … values; at least five remain.

    One pass from the end, by Welford's updating of the sum of squares.
    """
    mean = squares = 0.0
    found: list[float] = []
    for count, value in enumerate(reversed(means), 1):
        gap = value - mean
        mean += gap / count
        squares += gap * (value - mean)
        if count >= min(5, len(means)):
            found.append(squares / count**2)
    return found[::-1]


def moving_average(series: Sequence[float], reach: int) -> list[float]:
    """Welch's moving average: of `reach` values to each side, of fewer, but to both sides alike, near the ends."""
    last = len(series) - 1
    return [
        fmean(series[at - side : at + side + 1]) for at in range(len(series)) for side in [min(reach, at, last - at)]
    ]
