"""What a person says of a table of orders: which column is what, and how numbers, dates and text are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from agents.sources.errors import UnreadableError
from agents.sources.source import SourceConfig
from agents.sources.texts import one_line, quoted

ORDER_FIELDS = ("type", "partner", "number", "customer", "received", "currency")
"""What is said of an order; every row of it that says it says the same."""

LINE_FIELDS = (
    "line", "item", "description", "quantity", "uom", "requested", "unit_price", "price_base", "amount", "ship_to",
    "text",
)  # fmt: skip
"""What is said of a line."""

CONSTANTS = ("type", "customer", "currency", "ship_to", "uom", "price_base", "requested", "text")
"""What may be the same for every row without standing in it. A quantity, an item or a price never is."""

FILLED = (*ORDER_FIELDS, "ship_to", "requested", "line", "item", "description")
"""Fields that may stand once, in the first of several rows, where the mapping says so."""

CODECS = {"latin-1": "latin-1", "iso-8859-1": "latin-1", "windows-1252": "cp1252"} | {
    name: name
    for name in ("utf-8", "ascii", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "iso-8859-2", "iso-8859-15")
}
"""Encodings of text that may be named."""

DEFAULT_TOTALS = ("total", "totals", "grand total", "sum")


def _known_encoding(encoding: str) -> str:
    if encoding and encoding.lower() not in CODECS:
        raise ValueError(f"{quoted(encoding)} is none of {', '.join(CODECS)}")
    return encoding.lower()


def _known_zone(zone: str) -> str:
    if zone and zone not in available_timezones():
        raise ValueError(f"{quoted(zone)} is no time zone: one such as Europe/Berlin is wanted")
    return zone


Encoding: TypeAlias = Annotated[str, AfterValidator(_known_encoding)]
"""The name of a character set of a table; empty where it is not said."""

Zone: TypeAlias = Annotated[str, AfterValidator(_known_zone)]
"""The name of a time zone; empty where it is not said."""


class TableConfig(SourceConfig):
    """A mapping. `columns` names the column of each field, by its header or, where there is no header, by its letter.

    Without `columns` the headers are the fields' own names. Columns that no field is read from are kept with their
    line, as its configuration; those of `ignore` are not.
    """

    columns: Mapping[str, str | list[str]] = Field({}, description="field = header, or headers of several item numbers")
    configuration: Mapping[str, str] = Field({}, description="option = header")
    constants: Mapping[str, str | int] = Field({}, description="field = value of every row that does not give it")
    values: Mapping[str, Mapping[str, str]] = Field({}, description="field = {theirs = ours}")
    ignore: list[str] = Field([], description="headers of columns that mean nothing")
    fill_down: list[str] = Field([], description="fields that stand in the first row of several only")
    totals: list[str] = Field(list(DEFAULT_TOTALS), description="how a row of totals begins")
    sheet: str = Field("", max_length=100, description="the sheet of a workbook; else every visible one that fits")
    header: int | None = Field(None, ge=0, le=1_000, description="the row of the headers; 0: there is none")
    hidden_rows: Literal["refuse", "read", "skip"] = "refuse"
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    encoding: Encoding = Field("", description=f"one of {', '.join(CODECS)}")
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    marks: list[str] = Field([], description="what may stand before or behind a number, such as € or pcs")
    date_format: list[str] = Field([], description="such as %d.%m.%Y; ISO 8601 is always understood")
    timezone: Zone = Field("", description="of times without an offset; else the plant's")

    @field_validator("date_format", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("date_format")
    @classmethod
    def _whole_dates(cls, formats: list[str]) -> list[str]:
        for each in formats:
            if not ("%d" in each and "%m" in each and ("%Y" in each or "%y" in each)) or len(each) > 40:
                raise ValueError(f"{quoted(each)} is not a date: %d, %m and %Y or %y are wanted, such as %d.%m.%Y")
        return formats

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: Mapping[str, str | list[str]]) -> Mapping[str, str | list[str]]:
        _check_names(columns, (*ORDER_FIELDS, *LINE_FIELDS))
        for field, headers in columns.items():
            if isinstance(headers, list) and field != "item":
                raise ValueError(f"{field} is in one column: only item may have several numbers")
            if not headers or not all(headers):
                raise ValueError(f"{field} names no column")
        return columns

    @field_validator("constants")
    @classmethod
    def _known_constants(cls, constants: Mapping[str, str | int]) -> Mapping[str, str | int]:
        _check_names(constants, CONSTANTS)
        return constants

    @field_validator("values")
    @classmethod
    def _known_values(cls, values: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        _check_names(values, ("type", "customer", "currency", "uom", "ship_to", "item"))
        return values

    @field_validator("fill_down")
    @classmethod
    def _known_filled(cls, fields: list[str]) -> list[str]:
        _check_names(fields, FILLED)
        return fields

    @model_validator(mode="after")
    def _fits_together(self) -> TableConfig:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands are the same mark")
        if self.header == 0 and not self.columns:
            raise ValueError("without a header row (header = 0) columns has to name the column of each field")
        return self


def _check_names(found: Mapping[str, object] | list[str], known: tuple[str, ...]) -> None:
    for name in found:
        if name not in known:
            raise ValueError(f"{quoted(name)} is none of {', '.join(known)}")


def table_config(mapping: Mapping[str, object], partner: str = "") -> TableConfig:
    """The configuration that a mapping file says. Raises UnreadableError, which names each key that is wrong."""
    try:
        return TableConfig.model_validate({"partner": partner} | dict(mapping) if partner else dict(mapping))
    except ValidationError as error:
        said = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}".removeprefix(": ")
            for each in error.errors(include_url=False)[:5]
        ]
        raise UnreadableError(one_line(f"the mapping is wrong: {'; '.join(said)}")) from error
