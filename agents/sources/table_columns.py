"""Which column of a sheet is which field: the row of headers is found, and each header gets its meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.sources.errors import UnreadableError
from agents.sources.sheets import Sheet, Value, column_of, is_empty, letters
from agents.sources.table_config import LINE_FIELDS, ORDER_FIELDS, TableConfig
from agents.sources.texts import one_line, quoted

SEARCHED = 30
"""Rows at the beginning of a sheet among which the headers may be."""

OPTION = "configuration."
"""What the name of an option begins with among the fields."""

_FIELDS = frozenset((*ORDER_FIELDS, *LINE_FIELDS))
_HELP = (
    "name the columns as the fields are (number, customer, line, item, quantity, requested, unit_price, …), or write "
    'which is which into a file NAME.mapping.toml beside it, such as columns.number = "Order no."'
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a sheet: `fields` by number, `first` the first row below the headers, `width` how many there are.

    A field is a name of the contract, `item.2`, `item.3` … for further numbers, or `configuration.OPTION`.
    """

    fields: Mapping[int, str]
    headers: Mapping[int, str]
    first: int
    width: int

    def title(self, column: int) -> str:
        """A column as a person finds it."""
        header = self.headers.get(column, "")
        return f"column {letters(column)}{f' ({one_line(header)[:40]})' if header else ''}"

    def is_repeated(self, row: Sequence[Value]) -> bool:
        """Whether a row is the headers once more."""
        return bool(self.headers) and self.headers == _headers(row)


def find_columns(sheet: Sheet, config: TableConfig) -> Columns:
    """The columns of a sheet. Raises UnreadableError, which says what is missing and how to name it."""
    if config.header == 0:
        return _by_letters(config)
    if config.header is not None:
        return _columns(
            sheet.rows[config.header - 1] if config.header <= len(sheet.rows) else (), config.header, config
        )
    best = _best_row(sheet, config)
    columns = _columns(sheet.rows[best] if sheet.rows else (), best + 1, config)
    for at, row in enumerate(sheet.rows[:best]):
        if len(_headers(row)) >= len(columns.headers):  # a title is not as wide as a table
            raise UnreadableError(
                f"row {sheet.row_name(at)} above the headers in row {sheet.row_name(best)} looks like one below them: "
                "take it away, or say which row the headers are with `header` in a mapping"
            )
    return columns


def likeness(sheet: Sheet, config: TableConfig) -> int:
    """How many of the columns asked for the best row of headers has."""
    return max((_known(row, config) for row in sheet.rows[:SEARCHED]), default=0)


def fits(sheet: Sheet, config: TableConfig) -> bool:
    """Whether a sheet has every column that is asked for."""
    try:
        find_columns(sheet, config)
    except UnreadableError:
        return False
    return True


def _best_row(sheet: Sheet, config: TableConfig) -> int:
    counts = [_known(row, config) for row in sheet.rows[:SEARCHED]]
    if not any(counts):
        return next((at for at, row in enumerate(sheet.rows[:SEARCHED]) if not is_empty(row)), 0)
    return counts.index(max(counts))


def _known(row: Sequence[Value], config: TableConfig) -> int:
    """How many of the headers that are asked for stand in a row."""
    if config.columns:
        wanted = {_plain(header) for header in _asked(config).values()}
        return len({_plain(value) for value in row if isinstance(value, str)} & wanted)
    return len({_field(value) for value in row if isinstance(value, str)} - {""})


def _columns(row: Sequence[Value], first: int, config: TableConfig) -> Columns:
    headers = _headers(row)
    fields = _mapped(headers, config) if config.columns else _named(headers)
    _check_complete(fields, headers, config)
    ignored = {_plain(header) for header in config.ignore}
    options = _options(headers, config)
    for at, header in headers.items():
        if at in fields or _plain(header) in ignored:
            continue
        option = options.get(_plain(header), header)
        if OPTION + option in fields.values():
            raise UnreadableError(f"two columns are the option {quoted(option)}: rename one, or put it under `ignore`")
        fields[at] = OPTION + option
    return Columns(fields, headers, first, max(headers, default=-1) + 1)


def _headers(row: Sequence[Value]) -> dict[int, str]:
    return {at: text for at, value in enumerate(row) if (text := str(value).strip())}


def _options(headers: Mapping[int, str], config: TableConfig) -> dict[str, str]:
    options = {_plain(header): option for option, header in config.configuration.items()}
    there = {_plain(header) for header in headers.values()}
    if missing := [header for header in config.configuration.values() if _plain(header) not in there]:
        raise UnreadableError(_missing(missing, headers))
    return options


def _mapped(headers: Mapping[int, str], config: TableConfig) -> dict[int, str]:
    places: dict[str, list[int]] = {}
    for at, header in headers.items():
        places.setdefault(_plain(header), []).append(at)
    asked = _asked(config)
    if missing := [header for header in asked.values() if _plain(header) not in places]:
        raise UnreadableError(_missing(missing, headers))
    fields: dict[int, str] = {}
    for field, header in asked.items():
        found = places[_plain(header)]
        if len(found) > 1:
            raise UnreadableError(
                f"column {quoted(header)} stands twice ({', '.join(map(letters, found))}): rename one"
            )
        if found[0] in fields:
            raise UnreadableError(f"the mapping gives column {quoted(header)} to {fields[found[0]]} and to {field}")
        fields[found[0]] = field
    return fields


def _named(headers: Mapping[int, str]) -> dict[int, str]:
    fields: dict[int, str] = {}
    for at, header in headers.items():
        field = _field(header)
        if not field:
            continue
        if field in fields.values():
            raise UnreadableError(f"two columns are named {quoted(header)}: rename one")
        fields[at] = field
    return fields


def _by_letters(config: TableConfig) -> Columns:
    fields: dict[int, str] = {}
    named = {OPTION + option: letter for option, letter in config.configuration.items()}
    for field, letter in (_asked(config) | named).items():
        column = column_of(letter)
        if column is None or column in fields:
            raise UnreadableError(f"{field}: {quoted(letter)} is not the letter of a column of its own, such as B")
        fields[column] = field
    _check_complete(fields, {}, config)
    return Columns(fields, {}, 0, max(fields) + 1)


def _check_complete(fields: Mapping[int, str], headers: Mapping[int, str], config: TableConfig) -> None:
    there = {*fields.values(), *config.constants}
    missing = [] if "number" in there else ["number"]
    if "type" not in there:  # a list of cancellations needs no more than numbers
        missing += [] if "quantity" in there else ["quantity"]
        missing += [] if there & {"item", "description"} else ["item (or description)"]
    if missing:
        raise UnreadableError(f"there is no column {' and no '.join(missing)}; {_there(headers)}{_HELP}")


def _missing(missing: Sequence[str], headers: Mapping[int, str]) -> str:
    return f"the mapping names {', '.join(map(quoted, missing[:5]))}, which is no column; {_there(headers)}correct it"


def _there(headers: Mapping[int, str]) -> str:
    return f"there are {', '.join(quoted(each, 30) for each in list(headers.values())[:12])}; " if headers else ""


def _asked(config: TableConfig) -> dict[str, str]:
    """The header of each field of the mapping."""
    asked: dict[str, str] = {}
    for field, headers in config.columns.items():
        for number, header in enumerate([headers] if isinstance(headers, str) else headers, 1):
            asked[field if number == 1 else f"{field}.{number}"] = header
    return asked


def _plain(header: Value) -> str:
    return " ".join(str(header).casefold().split())


def _field(header: str) -> str:
    """The field that a header names by itself; empty where it names none."""
    text = header.strip()
    if text.startswith(OPTION) and len(text) > len(OPTION):
        return text
    name = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    stem, _, ordinal = name.partition(".")
    is_further = stem == "item" and ordinal.isascii() and ordinal.isdigit() and 2 <= int(ordinal[:3]) <= 99
    return name if name in _FIELDS or (is_further and name == f"item.{int(ordinal)}") else ""
