"""The value of a cell as the contract writes it: exact numbers with a point, dates in ISO 8601, names as text.

Each raises UnreadableError with what is wrong and the cure, without the place, which its caller knows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from zoneinfo import ZoneInfo

from agents.sources.errors import UnreadableError
from agents.sources.exact import plain
from agents.sources.sheets import Value, shown
from agents.sources.table_config import TableConfig
from knowledge.quantities import parse_decimal

TYPES = {
    **dict.fromkeys(("customer_order", "order"), "customer_order"),
    **dict.fromkeys(("order_change", "change"), "order_change"),
    **dict.fromkeys(("order_cancel", "cancel"), "order_cancel"),
}

_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?", re.ASCII)
_DAY_ZERO = dt.date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050
"""The years 2000 to 2099: another number in a column of dates is none."""

_DIGITS_MOST = 10**15
"""A spreadsheet keeps 15 digits of a number."""


class Cells:
    """Reads cells as a mapping says that they are written; `is_1904` where a workbook counts days from 1904."""

    def __init__(self, config: TableConfig, is_1904: bool = False) -> None:
        self._config = config
        self._is_1904 = is_1904
        self._zone = ZoneInfo(config.timezone) if config.timezone else None
        mark = re.escape(config.decimal)
        whole = "[0-9]+"
        if config.thousands:
            whole = f"(?:[0-9]{{1,3}}(?:{re.escape(config.thousands)}[0-9]{{3}})+|[0-9]+)"
        self._written = re.compile(f"[+-]?(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)")
        self._values = {
            field: {theirs.strip().casefold(): ours for theirs, ours in values.items()}
            for field, values in config.values.items()
        }

    def read(self, field: str, value: Value) -> str:
        """The value of a field in the contract's terms; empty where the cell is."""
        if isinstance(value, str) and not value.strip():
            return ""
        stem = field.partition(".")[0]
        value = self._translated(stem, value)
        return _READERS.get(stem, Cells.text)(self, value)

    def _translated(self, stem: str, value: Value) -> Value:
        known: Mapping[str, str] = self._values.get(stem, {})
        return known.get(str(value).strip().casefold(), value) if known else value

    def text(self, value: Value) -> str:
        """Any text; a number as its digits, a date in ISO 8601."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, Decimal):
            return plain(value)
        return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value).strip()

    def name(self, value: Value) -> str:
        """The number of an order, a line or an item, which a spreadsheet may have taken for something else."""
        if isinstance(value, dt.date | dt.time | dt.timedelta):
            raise UnreadableError(
                f"{shown(value)} is a date: the spreadsheet has made one of what was written; format the column as text"
            )
        if (isinstance(value, Decimal) and abs(value) >= _DIGITS_MOST) or (
            isinstance(value, str) and _SHORTENED.fullmatch(value.strip())
        ):
            raise UnreadableError(
                f"{shown(value)} was shortened by a spreadsheet, which keeps 15 digits: format the column as text"
            )
        return self.text(value)

    def number(self, value: Value) -> str:
        """An exact number."""
        if isinstance(value, Decimal):
            text = plain(value)
        elif isinstance(value, str):
            text = self._with_point(value)
        else:
            raise UnreadableError(f"{shown(value)} is not a number")
        try:
            return plain(parse_decimal(text))
        except ValueError as error:
            raise UnreadableError(str(error)) from error

    def _with_point(self, value: str) -> str:
        text = value.strip().replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'")
        for mark in self._config.marks:
            text = text.removeprefix(mark).removesuffix(mark).strip()
        if not self._written.fullmatch(text):
            thousands = f" and the thousands mark '{self._config.thousands}'" if self._config.thousands else ""
            raise UnreadableError(
                f"{shown(value)} is not a number with the decimal mark '{self._config.decimal}'{thousands}: correct "
                "it, or say how numbers are written with `decimal`, `thousands` and `marks` in a mapping"
            )
        if self._config.thousands:
            text = text.replace(self._config.thousands, "")
        return text.replace(self._config.decimal, ".")

    def when(self, value: Value) -> str:
        """A date or a time in ISO 8601, with an offset where it is known."""
        if isinstance(value, dt.datetime):
            return self._moment(value)
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return self._number_when(value)
        if isinstance(value, str):
            return self._text_when(value.strip())
        raise UnreadableError(f"{shown(value)} is not a date")

    def _text_when(self, text: str) -> str:
        found = {moment for each in self._config.date_format if (moment := _parsed(text, each))}
        if not found and _ISO.fullmatch(text):
            try:
                iso = dt.datetime.fromisoformat(text)
            except ValueError as error:
                raise UnreadableError(f"{shown(text)} is not a date of the calendar") from error
            return self._moment(iso) if len(text) > 10 else text
        if len(found) > 1:
            raise UnreadableError(f"{shown(text)} is one date by one `date_format` and another by another: keep one")
        if not found:
            wanted = " or ".join(self._config.date_format) or "YYYY-MM-DD"
            raise UnreadableError(
                f"{shown(text)} is not a date ({wanted}): correct it, or say how dates are written with `date_format` "
                "in a mapping, such as %d.%m.%Y"
            )
        [(told, has_time)] = found
        return self._moment(told) if has_time else told.date().isoformat()

    def _number_when(self, value: Decimal) -> str:
        """A number in a column of dates: written so, or a count of days that lost its format."""
        text = plain(value)
        found = {moment for each in self._config.date_format if (moment := _parsed(text, each))}
        if len(found) == 1 or not _FIRST_SERIAL <= value <= _LAST_SERIAL or value != int(value) or self._is_1904:
            return self._text_when(text)
        return (_DAY_ZERO + dt.timedelta(days=int(value))).isoformat()

    def _moment(self, moment: dt.datetime) -> str:
        if moment.tzinfo is None and self._zone is not None:
            moment = moment.replace(tzinfo=self._zone)
        return moment.isoformat()

    def received(self, value: Value) -> str:
        """A time with its offset; empty where it has none, for then the clock's holds."""
        text = self.when(value)
        if len(text) == 10 and self._zone is not None:
            text = dt.datetime.fromisoformat(text).replace(tzinfo=self._zone).isoformat()
        return text if len(text) > 10 and dt.datetime.fromisoformat(text).tzinfo is not None else ""

    def type(self, value: Value) -> str:
        """A type of the contract's documents."""
        text = self.text(value)
        found = TYPES.get(text.casefold())
        if found is None:
            raise UnreadableError(
                f"{shown(text)} is no order that is wanted: {', '.join(sorted(set(TYPES.values())))} are; other words "
                "may be given these meanings with `values.type` in a mapping"
            )
        return found


def _parsed(text: str, form: str) -> tuple[dt.datetime, bool] | None:
    """The moment of a text in a form, and whether the form has a time of day."""
    try:
        moment = dt.datetime.strptime(text, form)  # noqa: DTZ007 -- a zone is given to it later, where there is one
    except ValueError:
        return None
    return moment, "%H" in form or "%I" in form


_READERS: Mapping[str, Callable[[Cells, Value], str]] = {
    "type": Cells.type,
    "received": Cells.received,
    "requested": Cells.when,
    **dict.fromkeys(("number", "line", "item", "customer", "partner"), Cells.name),
    **dict.fromkeys(("quantity", "unit_price", "price_base", "amount"), Cells.number),
}
