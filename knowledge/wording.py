"""How times, spans, quantities and money are written for people: on paper, in the terminal and in the browser."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from knowledge.instants import DAY, HOUR, MINUTE, Instant, to_datetime
from knowledge.plant import Plant
from knowledge.quantities import round_money

_UNSHOWABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u202a-\u202e\u2066-\u2069]")


def showable(text: str) -> str:
    """A text safe to show: control characters and reversals of the writing direction become a replacement mark."""
    return _UNSHOWABLE.sub("\ufffd", text)


def show_time(instant: Instant, zone: dt.tzinfo) -> str:
    """A time in the plant's zone, to the minute: `2026-02-02 14:30`."""
    return f"{to_datetime(instant, zone):%Y-%m-%d %H:%M}"


def show_end(instant: Instant, zone: dt.tzinfo) -> str:
    """A time that something is finished or delivered by: midnight is `2026-02-02 24:00`, the end of its day."""
    local = to_datetime(instant, zone)
    if local.hour == local.minute == local.second == 0:
        return f"{(local - dt.timedelta(days=1)):%Y-%m-%d} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"


def show_day(instant: Instant, zone: dt.tzinfo) -> str:
    """A day with its weekday: `Mon 2 Feb 2026`."""
    local = to_datetime(instant, zone)
    return f"{local:%a} {local.day} {local:%b %Y}"


def show_span(seconds: int) -> str:
    """A length of time in its two largest units: `3 d 4 h`, `5 h 30 min`, `12 min`."""
    if seconds < HOUR:
        return f"{-(-seconds // MINUTE)} min"
    large, small, names = (DAY, HOUR, ("d", "h")) if seconds >= DAY else (HOUR, MINUTE, ("h", "min"))
    first, rest = divmod(seconds, large)
    second = rest // small
    return f"{first} {names[0]} {second} {names[1]}" if second else f"{first} {names[0]}"


def show_quantity(quantity: Decimal) -> str:
    """Plain digits, no exponent, no trailing zeros."""
    text = f"{quantity:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_of(quantity: Decimal, item: str, plant: Plant) -> str:
    """A quantity with the item's unit where the plant knows it: `12 EA`."""
    known = plant.items.get(item)
    return f"{show_quantity(quantity)} {known.uom}" if known and known.uom else show_quantity(quantity)


def show_money(amount: Decimal, currency: str) -> str:
    """An amount to the cent with its currency: `1,234.50 EUR`."""
    return f"{round_money(amount):,.2f} {currency}".rstrip()


def show_price(price: Decimal, currency: str) -> str:
    """A unit price as exact as it is, with two decimals at least: `3.20 EUR`, `0.0185 EUR`."""
    exact = show_quantity(price)
    decimals = len(exact.partition(".")[2])
    return f"{price:.{max(decimals, 2)}f} {currency}".rstrip()


def show_spend(spend: dict[str, Decimal]) -> str:
    """Amounts in several currencies, side by side."""
    return " + ".join(show_money(amount, currency) for currency, amount in spend.items()) or "nothing"


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 line`, `2 lines`, `2 entries`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def shorten(text: str, length: int) -> str:
    """A text cut to a length, with an ellipsis where something is missing."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
