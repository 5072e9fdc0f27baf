"""One parser for each kind of value that a cell may hold: text in, value out, ValueError with a sentence otherwise."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache, lru_cache
from typing import TypeAlias, TypeVar

from knowledge import instants
from knowledge.instants import Instant
from knowledge.quantities import Units, parse_decimal, to_units

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Parser: TypeAlias = Callable[[str], T]

LONGEST_CODE = 200
MOST_ITEM_DECIMALS = 9
MOST_DAYS = 3650

_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
_DATE = re.compile(r"([0-9]{4})-[0-9]{2}-[0-9]{2}")


_remembered = lru_cache(maxsize=4096)
"""Large tables say the same few numbers again and again."""


def quoted(text: str) -> str:
    """A cell's text as a problem shows it: on one line and not long."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def free_text(text: str) -> str:
    """Any text."""
    return text


def code(text: str) -> str:
    """A code or a number by which something is known."""
    if len(text) > LONGEST_CODE:
        raise ValueError(f"{quoted(text)} is longer than {LONGEST_CODE} characters")
    if not text.isprintable():
        raise ValueError(f"{quoted(text)} has a character that cannot be seen; type it anew")
    return text


@dataclass(frozen=True, slots=True)
class Known:
    """Parses a reference: the codes that one file defines.

    `codes` is None where that file is absent or could not be read whole; then nothing is held against a reference.
    """

    what: str
    file: str
    codes: Container[str] | None

    def __call__(self, text: str) -> str:
        if self.codes is not None and text not in self.codes:
            raise ValueError(f"unknown {self.what} {quoted(text)}; it has no row in {self.file}")
        return code(text)


def choice(values: type[E], *allowed: E) -> Parser[E]:
    """One word of an enumeration, or of those of it that are allowed here."""
    words = {str(value): value for value in (allowed or values)}

    def parse(text: str) -> E:
        if text not in words:
            raise ValueError(f"{quoted(text)} is not allowed; write {one_of(words)}")
        return words[text]

    return parse


def one_of(words: Iterable[str]) -> str:
    """Words as an enumeration in a sentence: `a, b or c`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def yes_no(text: str) -> bool:
    """`yes` or `no`."""
    if text not in ("yes", "no"):
        raise ValueError(f"{quoted(text)} is not allowed; write yes or no")
    return text == "yes"


def currency(text: str) -> str:
    """The three letters of a currency."""
    if not re.fullmatch("[A-Z]{3}", text):
        raise ValueError(f"{quoted(text)} is not a currency; write its three capital letters, such as EUR")
    return text


@cache
def number(*, least: int | None = None, above: int | None = None, most: int | None = None) -> Parser[Decimal]:
    """An exact decimal within bounds."""

    @_remembered
    def parse(text: str) -> Decimal:
        value = _decimal(text)
        _bound(value, text, least, above, most)
        return value

    return parse


@cache
def whole(*, least: int, most: int | None = None) -> Parser[int]:
    """A whole number within bounds."""

    @_remembered
    def parse(text: str) -> int:
        value = _decimal(text)
        if value != int(value):
            raise ValueError(f"{text} is not a whole number")
        _bound(value, text, least, None, most)
        return int(value)

    return parse


@cache
def units(decimals: int | None, *, least: int | None = None, above: int | None = None) -> Parser[Units]:
    """A quantity in smallest units; `decimals` is None where the item is not known, then only its size is looked at."""

    @_remembered
    def parse(text: str) -> Units:
        value = _decimal(text)
        _bound(value, text, least, above, None)
        if decimals is None:
            return 1
        try:
            return to_units(value, decimals)
        except ValueError as error:
            hint = "; round it, or give the item more decimals in items.csv" if value % 1 else ""
            raise ValueError(f"{error}{hint}") from error

    return parse


def _decimal(text: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError as error:
        cure = "; write digits and a point, such as 12.5" if "not a number" in str(error) else ""
        raise ValueError(f"{error}{cure}") from error


def _bound(value: Decimal, text: str, least: int | None, above: int | None, most: int | None) -> None:
    if above is not None and value <= above:
        raise ValueError(f"{text} is too low; it has to be above {above}")
    if least is not None and value < least:
        raise ValueError(f"{text} is too low; it has to be at least {least}")
    if most is not None and value > most:
        raise ValueError(f"{text} is too high; it has to be at most {most}")


def clock(text: str) -> int:
    """A time of day in minutes after midnight; 24:00 is 1440."""
    match = _CLOCK.fullmatch(text)
    minutes = int(match[1]) * 60 + int(match[2]) if match and int(match[2]) < 60 else 1441
    if minutes > 1440:
        raise ValueError(f"{quoted(text)} is not a time of day; write it as 06:30, up to 24:00")
    return minutes


def date(text: str) -> dt.date:
    """A day."""
    match = _DATE.fullmatch(text)
    try:
        day = dt.date.fromisoformat(text) if match else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"{quoted(text)} is not a date; write it as 2026-01-31")
    _near(day.year)
    return day


@cache
def instant(zone: dt.tzinfo) -> Parser[Instant]:
    """A time, or a date that stands for the midnight that begins it in the zone."""

    def parse(text: str) -> Instant:
        try:
            moment = instants.parse(text, zone) if _DATE.match(text) else None
        except ValueError:
            moment = None
        if moment is None:
            raise ValueError(f"{quoted(text)} is not a date or time; write it as 2026-01-31 or 2026-01-31T14:00")
        _near(int(text[:4]))
        return moment

    return parse


def _near(year: int) -> None:
    if not 1970 < year < 2200:
        raise ValueError(f"{year} is not a year of this or the next century")
