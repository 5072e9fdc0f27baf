"""Student's t distribution: how probable a value is, and which value a probability belongs to.

The distribution is the regularised incomplete beta function, taken by its continued fraction (DLMF 8.17.22) with the
modified algorithm of Lentz; quantiles are found on it by bisection. Both are good to about twelve digits.
"""

from __future__ import annotations

import math
from functools import lru_cache

_TINY = 1e-300
_MOST_TERMS = 10_000


def two_sided(t: float, freedom: int) -> float:
    """The probability that a value is at least as far from zero as `t`, with so many degrees of freedom."""
    if math.isinf(t):
        return 0.0
    return _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t), t * t / (freedom + t * t))


@lru_cache(maxsize=1024)
def quantile(confidence: float, freedom: int) -> float:
    """How far from zero the middle `confidence` of the distribution reaches: 2.262 for 0.95 and 9 degrees."""
    if not 0 < confidence < 1 or freedom < 1:
        raise ValueError(f"no quantile for confidence {confidence} with {freedom} degrees of freedom")
    low, high = 0.0, 1.0
    while two_sided(high, freedom) > 1 - confidence:
        low, high = high, high * 2
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if two_sided(middle, freedom) > 1 - confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """The regularised incomplete beta function; `rest` is 1 − x, told apart since a small one would be lost."""
    if x <= 0 or rest <= 0:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log(rest))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, rest) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _kept(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _kept(1 + term * d)
            c = _kept(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-15:
            return value
    raise ArithmeticError(f"the continued fraction at a = {a}, b = {b}, x = {x} does not settle")


def _kept(value: float) -> float:
    """A denominator that is not zero."""
    return value if abs(value) > _TINY else _TINY
