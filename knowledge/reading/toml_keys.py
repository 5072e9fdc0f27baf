"""Reads plant.toml key by key, with the line on which each key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal

from knowledge.quantities import parse_decimal
from knowledge.reading.cells import Parser, T, one_of, quoted
from knowledge.reading.layout import SETTINGS
from knowledge.reading.problems import Problems

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)| \(at end of document\)")
_HEADER = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")


class Digits(str):
    """A decimal number of TOML as it is written."""

    __slots__ = ()


class Keys:
    """One table of plant.toml. Paths count rules from 1: `approvals[1].when.item`."""

    def __init__(
        self, values: Mapping[str, object], lines: Mapping[str, int], problems: Problems, path: str = ""
    ) -> None:
        self.values = values
        self._lines = lines
        self._problems = problems
        self._path = path

    def only(self, allowed: Iterable[str]) -> None:
        """Every other key is a problem."""
        names = list(allowed)
        for key in self.values:
            if key not in names:
                self.wrong(key, f"unknown key {quoted(key)}; the keys here are {', '.join(names)}")

    def text(self, key: str, parse: Parser[T]) -> T | None:
        """A value in quotes, parsed; None where it is not given or wrong."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or isinstance(value, Digits):
            self.wrong(key, "is not a text; write it in quotes")
            return None
        if not value.strip():
            self.wrong(key, "is empty; name something, or leave the key out")
            return None
        try:
            return parse(value.strip())
        except ValueError as error:
            self.wrong(key, str(error))
            return None

    def word(self, key: str, allowed: tuple[str, ...]) -> str | None:
        """One of the words that are allowed."""

        def parse(text: str) -> str:
            if text not in allowed:
                raise ValueError(f"{quoted(text)} is not allowed; write {one_of(allowed)}")
            return text

        return self.text(key, parse)

    def number(self, key: str) -> Decimal | None:
        """A number, 0 or more."""
        value = self.values.get(key)
        return None if value is None else self._number(key, value)

    def numbers(self, key: str) -> list[Decimal]:
        """A number, or a list of them; those that are wrong are left out."""
        value = self.values.get(key, [])
        found = (self._number(key, one) for one in (value if isinstance(value, list) else [value]))
        return [number for number in found if number is not None]

    def _number(self, key: str, value: object) -> Decimal | None:
        if isinstance(value, bool) or not isinstance(value, (int, Digits)):
            self.wrong(key, "is not a number; write it without quotes, such as 7 or 0.5")
            return None
        try:
            number = parse_decimal(str(value).replace("_", ""))
        except ValueError as error:
            self.wrong(key, str(error))
            return None
        if number < 0:
            self.wrong(key, f"{number} is too low; it has to be at least 0")
            return None
        return number

    def flag(self, key: str) -> bool | None:
        """A true or false of TOML."""
        value = self.values.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.wrong(key, "is neither true nor false; write one of them without quotes")
        return None

    def table(self, key: str) -> Keys:
        """The keys of a table inside; none where it is not given or wrong."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            self.wrong(key, "is not a table; write it as { key = value }")
            value = {}
        return Keys(value, self._lines, self._problems, f"{self._path}{key}.")

    def tables(self, key: str) -> list[Keys]:
        """The tables of a list of them; empty where it is not given or wrong."""
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(key, f"is not a list of tables; begin each with [[{key}]]")
            return []
        paths = (f"{self._path}{key}[{number}]." for number in range(1, len(value) + 1))
        return [Keys(one, self._lines, self._problems, path) for one, path in zip(value, paths, strict=True)]

    def wrong(self, key: str, text: str) -> None:
        """Note a problem of a key of this table; of the table itself where the key is empty."""
        path = (self._path + key).rstrip(".")
        shown = path if path.isprintable() and len(path) <= 80 else ""
        self._problems.add(SETTINGS, self._line(path), shown, text)

    def _line(self, path: str) -> int:
        """The line of a key, or of the nearest table around it that has one."""
        while path and path not in self._lines:
            path = path.rpartition(".")[0]
        return self._lines.get(path, 0)


def open_toml(text: str, problems: Problems) -> Keys:
    """The keys of a TOML text; none where it cannot be read as TOML, which is then a problem.

    As in a table, empty means not given; in the tables inside it is a problem, since a condition would hold too often.
    """
    try:
        values = tomllib.loads(text.removeprefix("\ufeff"), parse_float=Digits)
    except RecursionError:
        problems.add(SETTINGS, 0, "", "is not readable as TOML: brackets within brackets without end")
        return Keys({}, {}, problems)
    except ValueError as error:
        place = _AT_LINE.search(str(error))
        row = (int(place[1]) if place[1] else text.count("\n") + 1) if place else 0
        problems.add(SETTINGS, row, "", f"is not readable as TOML: {_AT_LINE.sub('', str(error))}")
        return Keys({}, {}, problems)
    given = {key: value for key, value in values.items() if value != ""}
    return Keys(given, _lines(text), problems)


def _lines(text: str) -> dict[str, int]:
    """The first line of each key and table, by path; found by their looks, so a text over several lines can mislead."""
    found: dict[str, int] = {}
    count: dict[str, int] = {}
    inside = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            name = header[2]
            if header[1] == "[[":
                count[name] = count.get(name, 0) + 1
            table, _, rest = name.partition(".")
            inside = f"{table}[{count[table]}]" if table in count else table
            inside += f".{rest}." if rest else "."
            found.setdefault(inside[:-1], number)
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault(inside + key[1], number)
    return found
