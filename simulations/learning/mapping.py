"""What the columns of a shop-floor log mean: by their usual names, or as a mapping says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agents.sources.table_config import Encoding, Zone
from agents.sources.texts import one_line, quoted
from knowledge.errors import SocietyError

USUAL: Mapping[str, tuple[str, ...]] = {
    "case": (
        "work order", "work order no", "work order number", "work order id", "wo", "production order", "job", "job id",
        "case id", "case", "caseid", "case concept name", "order", "order id", "order number",
    ),
    "item": (
        "item", "item id", "part", "part id", "part number", "part no", "part desc", "part description", "product",
        "product id", "material", "article",
    ),
    "quantity": (
        "work order qty", "work order quantity", "order qty", "order quantity", "ordered quantity", "lot size",
        "quantity", "qty",
    ),
    "step": ("step", "operation", "activity", "process step", "operation name", "concept name", "task"),
    "work_centre": ("work centre", "work center", "workcentre", "workcenter", "machine group", "station"),
    "machine": ("machine", "machine id", "equipment", "resource", "org resource"),
    "started": ("started", "start timestamp", "start time", "start", "begin", "begin time"),
    "finished": (
        "finished", "complete timestamp", "end timestamp", "completion time", "complete time", "end time", "end",
        "finish", "completed", "time timestamp", "timestamp",
    ),
    "minutes": ("minutes", "duration", "activity duration", "duration minutes", "span"),
    "good": ("good", "qty completed", "quantity completed", "completed qty", "good qty", "good quantity", "yield"),
    "scrap": ("scrap", "qty rejected", "quantity rejected", "rejected", "scrap qty"),
    "rework": ("rework", "is rework"),
    "report": ("report", "report type", "event type", "lifecycle transition", "transition"),
    "due": ("due", "due date", "requested", "requested date", "delivery date"),
    "received": ("received", "order date", "release date", "released", "created"),
    "customer": ("customer", "customer id", "customer name"),
}  # fmt: skip
"""The fields of a log, each with the headers that mean it, the surest first."""

REPORTS = ("setup", "run", "breakdown", "start", "complete", "ignore")
"""What a report may be of. `start` and `complete` are two rows of one piece of work."""

_WORDS: Mapping[str, str] = {
    **dict.fromkeys(("s", "setup", "set up", "set-up", "changeover"), "setup"),
    **dict.fromkeys(("d", "run", "running", "production", "daily production", "work", ""), "run"),
    **dict.fromkeys(("b", "breakdown", "down", "downtime", "failure"), "breakdown"),
    **dict.fromkeys(("start", "begin"), "start"),
    **dict.fromkeys(("complete", "end", "finish"), "complete"),
}

YES = frozenset(("y", "yes", "true", "1", "x", "rework"))


class LogError(SocietyError):
    """A log, or a mapping of one, that cannot be used; its text says why, and what would help."""


class LogMapping(BaseModel):
    """A mapping, with the keys that mappings of order tables have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: Mapping[str, str] = Field({}, description="field = header")
    values: Mapping[str, Mapping[str, str]] = Field({}, description="field = {theirs = ours}")
    sheet: str = ""
    delimiter: Literal["", ",", ";", "\t", "|"] = ""
    encoding: Encoding = ""
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    date_format: tuple[str, ...] = ()
    timezone: Zone = Field("UTC", min_length=1)
    duration: Literal["seconds", "minutes", "hours"] = "minutes"
    """The unit of the column `minutes`."""

    @field_validator("date_format", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("columns")
    @classmethod
    def _known_columns(cls, columns: Mapping[str, str]) -> Mapping[str, str]:
        _check_names(columns, tuple(USUAL))
        return columns

    @field_validator("values")
    @classmethod
    def _known_values(cls, values: Mapping[str, Mapping[str, str]]) -> Mapping[str, Mapping[str, str]]:
        _check_names(values, ("report", "step", "item", "machine", "work_centre", "customer"))
        _check_names(dict.fromkeys(values.get("report", {}).values(), ""), REPORTS)
        return values

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times without an offset, and of the plant."""
        return ZoneInfo(self.timezone)

    def translated(self, field: str, text: str) -> str:
        """Our word for one of theirs."""
        known = self.values.get(field, {})
        return next((ours for theirs, ours in known.items() if theirs.strip().casefold() == text.casefold()), text)

    def report_of(self, text: str) -> str:
        """What a report is of. Raises LogError for a word that nobody has given a meaning."""
        word = self.translated("report", text)
        found = word if word in REPORTS else _WORDS.get(word.casefold())
        if found is None:
            raise LogError(
                f"{quoted(text)} is no kind of report that is known; say which of {', '.join(REPORTS)} it is under "
                "[values.report] in a mapping"
            )
        return found


def log_mapping(given: Mapping[str, object], name: str) -> LogMapping:
    """The mapping that a file says. Raises LogError, which names each key that is wrong."""
    try:
        return LogMapping.model_validate(given)
    except ValidationError as error:
        said = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg'].removeprefix('Value error, ')}"
            for each in error.errors(include_url=False)[:5]
        ]
        raise LogError(one_line(f"{name}: {'; '.join(said)}")) from error


def find_fields(headers: Mapping[int, str], mapping: LogMapping) -> dict[str, int]:
    """The column of each field that a log has. Raises LogError where one is missing, or two may be meant."""
    found: dict[str, int] = {}
    for field, header in mapping.columns.items():
        at = [column for column, text in headers.items() if _exact(text) == _exact(header)]
        if len(at) != 1:
            what = "is no column" if not at else "stands twice"
            raise LogError(f"columns.{field}: {quoted(header)} {what}; there are {_there(headers)}")
        found[field] = at[0]
    for field, names in USUAL.items():
        if field not in found:
            column = _usual(field, names, {c: h for c, h in headers.items() if c not in found.values()})
            found |= {} if column is None else {field: column}
    _check_complete(found, headers)
    return found


def _usual(field: str, names: tuple[str, ...], headers: Mapping[int, str]) -> int | None:
    for name in names:
        at = [column for column, header in headers.items() if _plain(header) == name]
        if len(at) > 1:
            told = " or ".join(quoted(headers[column]) for column in at)
            raise LogError(f"{told} may be the {field}; say which under [columns] in a mapping ({field} = …)")
        if at:
            return at[0]
    return None


def _check_complete(found: Mapping[str, int], headers: Mapping[int, str]) -> None:
    missing = [field for field in ("case", "item", "step") if field not in found]
    if not found.keys() & {"machine", "work_centre"}:
        missing.append("machine")
    if missing:
        cure = "name them under [columns] in a mapping"
        raise LogError(f"no column says the {' nor the '.join(missing)}; there are {_there(headers)}: {cure}")
    times = found.keys() & {"started", "finished", "minutes"}
    if not times & {"started", "finished"} or (len(times) < 2 and "report" not in found):
        raise LogError(
            "when work began and ended cannot be told: two of started, finished and minutes are wanted, or a report "
            f"column of starts and completions; there are {_there(headers)}: name them under [columns] in a mapping"
        )


def _there(headers: Mapping[int, str]) -> str:
    return ", ".join(quoted(header, 30) for header in list(headers.values())[:25])


def _exact(header: str) -> str:
    return " ".join(header.casefold().split())


def _plain(header: str) -> str:
    """A header without marks; a spreadsheet program numbers those that stand twice (`Resource.1`)."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"\.\d+$", "", header.strip().casefold())).split())


def _check_names(found: Mapping[str, object], known: tuple[str, ...]) -> None:
    for name in found:
        if name not in known:
            raise ValueError(f"{quoted(name)} is none of {', '.join(known)}")
