"""Reads the log of a shop floor: a table of reports, CSV or XLSX. What cannot be used is dropped, counted and said."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from agents.sources.errors import UnreadableError
from agents.sources.sheets import Sheet, Value, is_empty
from agents.sources.table_cells import Cells
from agents.sources.table_config import TableConfig
from agents.sources.table_csv import DELIMITERS, csv_sheet, csv_text
from agents.sources.table_xlsx import ZIP, workbook_sheets
from knowledge.instants import DAY, Instant, to_datetime
from simulations.learning.clocks import Clock
from simulations.learning.mapping import YES, LogError, LogMapping, find_fields, log_mapping

LONGEST = 7 * DAY
"""A report that covers more than a week is a clock that was wrong."""

_ROWS_NAMED = 5
_MIDNIGHTS = 20
_TEXTS = ("case", "item", "step", "machine", "work_centre", "report", "due", "received", "customer")


@dataclass(frozen=True, slots=True)
class Report:
    """One row: work on a step of a work order, from `begin` to `end`. `timed` where both have a time of day."""

    row: int
    case: str
    item: str
    step: str
    centre: str
    machine: str
    begin: Instant
    end: Instant
    kind: str = "run"
    quantity: Decimal | None = None
    good: Decimal | None = None
    scrap: Decimal | None = None
    rework: bool = False
    timed: bool = True
    due: Instant | None = None
    received: Instant | None = None
    customer: str = ""

    @property
    def seconds(self) -> int:
        return self.end - self.begin


@dataclass(slots=True)
class Log:
    """The reports of a log in order of time, and what was dropped: by reason, the rows."""

    name: str
    zone: ZoneInfo
    reports: list[Report] = field(default_factory=list)
    dropped: dict[str, list[int]] = field(default_factory=dict)
    rows: int = 0
    notes: list[str] = field(default_factory=list)
    """What else was found and decided."""
    tells_setup: bool = False
    """Whether set-ups are reported as such."""

    def drop(self, row: int, why: str) -> None:
        """Leave a row out."""
        self.dropped.setdefault(why, []).append(row)

    def said(self) -> Iterator[str]:
        """What was dropped, in sentences."""
        for why, rows in sorted(self.dropped.items(), key=lambda entry: (-len(entry[1]), entry[0])):
            named = ", ".join(map(str, rows[:_ROWS_NAMED])) + (", …" if len(rows) > _ROWS_NAMED else "")
            yield f"{len(rows)} {'rows' if len(rows) > 1 else 'row'}: {why} (row {named})"


def read_mapping(path: Path | None) -> LogMapping:
    """The mapping of a file; by usual names alone without one. Raises LogError."""
    if path is None:
        return LogMapping()
    try:
        return log_mapping(tomllib.loads(path.read_text("utf-8-sig")), path.name)
    except OSError as error:
        raise LogError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LogError(f"{path}: is not valid TOML: {error}") from error


def read_log(path: Path, mapping: LogMapping) -> Log:
    """The log of a file. Raises LogError where nothing can be learned from it."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise LogError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        log = _Reader(path.name, _sheet(body, mapping), mapping).log()
    except (UnreadableError, LogError) as error:
        raise LogError(f"{path.name}: {error}") from error
    if not log.reports:
        told = "; ".join(log.said()) or "it has no rows"
        raise LogError(f"{path.name}: no report can be used: {told}")
    return log


def _sheet(body: bytes, mapping: LogMapping) -> Sheet:
    if body.startswith(ZIP):
        sheets = [sheet for sheet in workbook_sheets(body, mapping.sheet)[0] if not all(map(is_empty, sheet.rows))]
        if len(sheets) != 1:
            told = f"{len(sheets)} sheets hold something: name one with `sheet` in a mapping" if sheets else "is empty"
            raise LogError(told)
        return sheets[0]
    text = csv_text(body, mapping.encoding or "utf-8")
    head = text.lstrip().partition("\n")[0]
    return csv_sheet(text, mapping.delimiter or max(DELIMITERS, key=head.count))


class _Unusable(Exception):  # noqa: N818 -- no error: it is said in the report
    """Why a row cannot be used."""


class _Reader:
    """Makes reports of the rows of a sheet."""

    def __init__(self, name: str, sheet: Sheet, mapping: LogMapping) -> None:
        self._mapping = mapping
        first = next((at for at, row in enumerate(sheet.rows) if not is_empty(row)), 0)
        headers = {at: str(cell).strip() for at, cell in enumerate(sheet.rows[first] if sheet.rows else ())}
        self._fields = find_fields({at: header for at, header in headers.items() if header}, mapping)
        self._rows = [(n + 1, row) for n, row in enumerate(sheet.rows) if n > first and not is_empty(row)]
        times = [at for name, at in self._fields.items() if name in ("started", "finished", "due", "received")]
        texts = (str(row[at]) for _, row in self._rows for at in times if at < len(row))
        self._clock = Clock(mapping, texts)
        self._cells = Cells(TableConfig(decimal=mapping.decimal, thousands=mapping.thousands))
        self._log = Log(name, mapping.zone, rows=len(self._rows))
        self._begun: dict[tuple[str, ...], list[tuple[Instant, bool, int]]] = {}

    def log(self) -> Log:
        """Every row that can be used, once, in order of time."""
        log, seen = self._log, set[tuple[object, ...]]()
        for number, row in self._rows:
            try:
                report = self._report(number, row)
            except _Unusable as problem:
                log.drop(number, str(problem))
                continue
            if report is None:
                continue
            key = tuple(getattr(report, name) for name in Report.__slots__ if name != "row")
            if key in seen:
                log.drop(number, "says what another row says")
                continue
            seen.add(key)
            log.reports.append(report)
        for begun in self._begun.values():
            for _, _, number in begun:
                log.drop(number, "begins and is never completed")
        _drop_strays(log)
        _untime_midnights(log)
        _note_defaults(log)
        log.reports.sort(key=lambda each: (each.begin + (0 if each.timed else DAY), each.end, each.row))
        log.tells_setup = any(each.kind == "setup" for each in log.reports)
        return log

    def _report(self, number: int, row: Sequence[Value]) -> Report | None:
        """The report that a row is; None where it only begins what another completes. Raises _Unusable."""
        texts = {name: self._text(row, name) for name in _TEXTS}
        for name in ("case", "item", "step"):
            if not texts[name]:
                raise _Unusable(f"has no {name.replace('case', 'work order')}")
        centre, machine = texts["work_centre"] or texts["machine"], texts["machine"] or texts["work_centre"]
        if not centre:
            raise _Unusable("has no machine")
        kind = self._mapping.report_of(texts["report"]) if "report" in self._fields else "run"
        if kind == "ignore":
            raise _Unusable(f"is of a kind that the mapping leaves out ({texts['report']})")
        key = texts["case"], texts["step"], machine
        if kind == "start":
            self._begun.setdefault(key, []).append((*self._moment(row), number))
            return None
        begin, end, timed = self._completed(row, key) if kind == "complete" else self._span(row)
        if end < begin:
            raise _Unusable("ends before it begins")
        if end - begin > LONGEST:
            raise _Unusable("covers more than a week")
        amounts: dict[str, Decimal | None] = {}
        for name in ("quantity", "good", "scrap"):
            try:
                amounts[name] = self._number(row, name)
            except UnreadableError as error:
                raise _Unusable(f"{name} is not a number") from error
            if (amounts[name] or 0) < 0:
                raise _Unusable(f"{name} is below 0")
        return Report(
            number,
            texts["case"],
            texts["item"],
            texts["step"],
            centre,
            machine,
            begin,
            end,
            kind if kind in ("setup", "breakdown") else "run",
            amounts["quantity"],
            amounts["good"],
            amounts["scrap"],
            self._text(row, "rework").casefold() in YES,
            timed,
            self._instant(row, "due"),
            self._instant(row, "received"),
            texts["customer"],
        )

    def _moment(self, row: Sequence[Value]) -> tuple[Instant, bool]:
        """The one time of a row, and whether it has a time of day."""
        stamp = self._stamp(row, "finished") or self._stamp(row, "started")
        if stamp is None:
            raise _Unusable("has no time")
        return stamp

    def _completed(self, row: Sequence[Value], key: tuple[str, ...]) -> tuple[Instant, Instant, bool]:
        """When the work that a row completes began and ended: what was begun first is completed first."""
        end, timed = self._moment(row)
        if not self._begun.get(key):
            raise _Unusable("is completed and was never begun")
        begin, begin_timed, _ = self._begun[key].pop(0)
        return begin, end, timed and begin_timed

    def _span(self, row: Sequence[Value]) -> tuple[Instant, Instant, bool]:
        """When the work of a row began and ended."""
        begin, end = self._stamp(row, "started"), self._stamp(row, "finished")
        if begin and end:
            return begin[0], end[0], begin[1] and end[1]
        seconds = self._seconds(row)
        if seconds is None:
            raise _Unusable("does not say when it began, or how long it took")
        if end:
            return end[0] - seconds, end[0], end[1]
        if begin:
            return begin[0], begin[0] + seconds, begin[1]
        raise _Unusable("has no time")

    def _cell(self, row: Sequence[Value], name: str) -> Value:
        at = self._fields.get(name)
        return row[at] if at is not None and at < len(row) else ""

    def _text(self, row: Sequence[Value], name: str) -> str:
        text = " ".join(self._cells.text(self._cell(row, name)).split())
        text = "".join(letter for letter in text if letter.isprintable())[:200]
        return self._mapping.translated(name, text)

    def _number(self, row: Sequence[Value], name: str) -> Decimal | None:
        value = self._cell(row, name)
        return Decimal(self._cells.number(value)) if str(value).strip() else None

    def _stamp(self, row: Sequence[Value], name: str) -> tuple[Instant, bool] | None:
        value = self._cell(row, name)
        if not str(value).strip():
            return None
        stamp = self._clock.instant(value)
        if stamp is None:
            raise _Unusable("has a time that cannot be read")
        return stamp

    def _instant(self, row: Sequence[Value], name: str) -> Instant | None:
        stamp = self._stamp(row, name)
        return stamp[0] if stamp else None

    def _seconds(self, row: Sequence[Value]) -> int | None:
        value = self._cell(row, "minutes")
        try:
            return self._clock.seconds(Decimal(self._cells.number(value)))
        except UnreadableError:
            return self._clock.seconds(value)


def _drop_strays(log: Log) -> None:
    """Leave out what lies far from all the rest: its clock stood wrong."""
    times = sorted(report.end for report in log.reports)
    if not times:
        return
    low, high = times[len(times) // 100], times[-1 - len(times) // 100]
    room = max(30 * DAY, (high - low) // 2)
    kept = []
    for report in log.reports:
        if low - room <= report.end <= high + room:
            kept.append(report)
        else:
            log.drop(report.row, "lies far from all other times of the log")
    log.reports = kept


def _untime_midnights(log: Log) -> None:
    """Where far more work begins at midnight to the minute than at any other, only its day was written down."""
    at = [report for report in log.reports if report.timed and _minute_of_day(report, log.zone) == 0]
    if len(at) < _MIDNIGHTS or len(at) * 100 < len(log.reports):
        return
    untimed = {report.row for report in at}
    log.reports = [replace(report, timed=report.timed and report.row not in untimed) for report in log.reports]
    log.notes.append(
        f"reports that begin at midnight to the minute: {len(at)}; only their day is believed, they come last on it, "
        "and say nothing of calendars and of how many machines there are"
    )


def _minute_of_day(report: Report, zone: ZoneInfo) -> int:
    moment = to_datetime(report.begin, zone)
    return moment.hour * 60 + moment.minute


def _note_defaults(log: Log) -> None:
    """A length that a tenth of all reports have to the second is likely to be a default of whoever wrote them."""
    lengths: dict[int, int] = {}
    for report in log.reports:
        lengths[report.seconds] = lengths.get(report.seconds, 0) + 1
    for seconds, count in sorted(lengths.items()):
        if seconds and count * 20 > len(log.reports) and count > _MIDNIGHTS:
            log.notes.append(
                f"reports that last {seconds // 60} minutes to the second: {count}, a default, it seems; kept"
            )
    if lengths.get(0):
        log.notes.append(f"reports that take no time at all: {lengths[0]}; they count for the order of steps only")


def one_item(log: Log) -> None:
    """Give every work order one item and quantity, those that most of its rows say; the rest is dropped."""
    said: dict[str, dict[tuple[str, Decimal | None], int]] = {}
    for report in log.reports:
        counts = said.setdefault(report.case, {})
        key = report.item, report.quantity
        counts[key] = counts.get(key, 0) + 1
    chosen: Mapping[str, tuple[str, Decimal | None]] = {
        case: max(counts, key=lambda key: (counts[key], str(key))) for case, counts in said.items()
    }
    kept = []
    for report in log.reports:
        item, quantity = chosen[report.case]
        if report.item != item:
            log.drop(report.row, "names another item than the other rows of its work order")
        else:
            kept.append(replace(report, quantity=quantity))
    log.reports = kept
