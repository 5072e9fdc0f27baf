"""Exact numbers of foreign documents, and sums that have to agree with them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted
from knowledge.quantities import MOST_DECIMALS, parse_decimal

EXACT = Context(prec=200, traps=[InvalidOperation, Inexact])
"""Products and sums of numbers of the bounded size that `parse_decimal` lets pass are exact in it."""

ROUNDING = Context(prec=200, traps=[InvalidOperation])
"""As `EXACT`, where rounding is meant."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_MINOR_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0),
    **dict.fromkeys(("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""ISO 4217's digits of the minor unit, where they are not two."""


def number(text: str, what: str) -> Decimal:
    """A plain decimal with a point and no exponent; `what` names it in the reason."""
    if not _NUMBER.fullmatch(text):
        raise UnreadableError(f"{what} {quoted(text)} is not a number")
    try:
        return parse_decimal(text)
    except ValueError as error:
        raise UnreadableError(f"{what} {error}") from error


def product(one: Decimal, other: Decimal) -> Decimal:
    """The exact product."""
    return EXACT.multiply(one, other)


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    result = Decimal(0)
    for each in numbers:
        result = EXACT.add(result, each)
    return result


def unit_price(price: Decimal, base: Decimal, what: str) -> Decimal:
    """The price of one where `price` is for `base`; refused where decimals cannot express it."""
    if base == 1:
        return price
    if base <= 0:
        raise UnreadableError(f"{what}: a price cannot be for a quantity of {base}")
    try:
        result = EXACT.divide(price, base)
        exponent = int(result.as_tuple().exponent)
        if exponent < -MOST_DECIMALS:
            raise Inexact
    except Inexact as error:
        raise UnreadableError(f"{what}: a price of {price} for {base} is no exact price of one") from error
    return result.quantize(Decimal(1), context=EXACT) if exponent > 0 else result


def price_of_one(amount: Decimal, quantity: Decimal, currency: str | None) -> Decimal:
    """The price of one where so many come to an amount: the shortest that comes to it, rounded to the minor unit."""
    minor = minor_digits(currency)
    for digits in range(minor, MOST_DECIMALS):
        price = ROUNDING.divide(amount, quantity).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, ROUNDING)
        if product(price, quantity).quantize(Decimal(1).scaleb(-minor), ROUND_HALF_UP, ROUNDING) == amount:
            return price
    return ROUNDING.divide(amount, quantity).quantize(Decimal(1).scaleb(1 - MOST_DECIMALS), ROUND_HALF_UP, ROUNDING)


def minor_digits(currency: str | None) -> int:
    """The decimals that amounts of a currency have."""
    return _MINOR_DIGITS.get((currency or "").upper(), 2)


def adds_up(stated: Decimal, amounts: Iterable[Decimal], currency: str | None) -> bool:
    """Whether a stated amount is the sum of amounts, rounded at the end or each by itself to the minor unit."""
    parts = list(amounts)
    minor = Decimal(1).scaleb(-minor_digits(currency))
    rounded = total(part.quantize(minor, ROUND_HALF_UP, ROUNDING) for part in parts)
    return abs(EXACT.subtract(stated, total(parts))) < minor or abs(EXACT.subtract(stated, rounded)) < minor


def plain(value: Decimal) -> str:
    """A number as people write it, without exponent."""
    return f"{value:f}"
