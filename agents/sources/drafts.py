"""Validated documents from plain values; what pydantic says of them put into words for a person."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted
from knowledge.documents import DOCUMENT, Document, Received

PROBLEMS_SHOWN = 5

TYPES: tuple[str, ...] = tuple(str(model.model_fields["type"].default) for model in get_args(Document))
"""The types of document that the contract names."""

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
_R = TypeVar("_R", bound=Received)


def document(value: object) -> Document:
    """Any document of the contract from JSON values. Raises UnreadableError, which names the path of each field."""
    if not isinstance(value, dict):
        raise UnreadableError("a document is a JSON object: {…}")
    received = value.get("received")
    if received is not None and not (isinstance(received, str) and _TIME.fullmatch(received)):
        raise UnreadableError("received: a time in ISO 8601 with an offset is wanted, such as 2026-01-05T08:00:00Z")
    try:
        return bounded(DOCUMENT.validate_python(value))
    except ValidationError as error:
        raise UnreadableError(in_words(error, str(value.get("type")), None)) from error


def aware_time(text: str) -> dt.datetime | None:
    """The time that a text carries, where it is whole: date, clock and offset."""
    if not _TIME.fullmatch(text):
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and _is_of_our_time(moment) else None


def _is_of_our_time(moment: dt.datetime) -> bool:
    return 1970 < moment.year < 2200


def bounded(document: _R) -> _R:
    """The document, unless its time of receipt is so far out that no calendar reaches it."""
    if document.received is not None and not _is_of_our_time(document.received):
        raise UnreadableError(f"received: {document.received.isoformat()} is not a year of this or the next century")
    return document


def in_words(error: ValidationError, kind: str, lines: Sequence[str] | None) -> str:
    """What a validator complains of, for a person; `lines` are the names of an order's lines."""
    every = error.errors(include_url=False)
    # A list whose entries are wrong is called too short as well: that tells nobody anything.
    problems = [problem for problem in every if problem["type"] != "too_short"] or every
    said = [_problem(problem, kind, lines) for problem in problems[:PROBLEMS_SHOWN]]
    if len(problems) > PROBLEMS_SHOWN:
        said.append(f"and {len(problems) - PROBLEMS_SHOWN} problems more")
    return "; ".join(dict.fromkeys(said))


def _problem(problem: ErrorDetails, kind: str, lines: Sequence[str] | None) -> str:
    steps = list(problem["loc"])
    if steps and steps[0] == kind:
        steps = steps[1:]
    place = ""
    if lines is not None and steps[:1] == ["lines"] and len(steps) > 1:
        place, steps = f"line {quoted(lines[int(steps[1])])}: ", steps[2:]
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")
    return f"{place}{path}{': ' if path else ''}{_complaint(problem, kind)}"


def _complaint(problem: ErrorDetails, kind: str) -> str:
    code, found = problem["type"], problem["input"]
    known = {
        "missing": "is missing",
        "extra_forbidden": f"is not a field of {kind}: take it out, or correct its name",
        "union_tag_not_found": f"there is no `type`; it is one of {', '.join(TYPES)}",
        "union_tag_invalid": f"the type {quoted(kind)} is not known; it is one of {', '.join(TYPES)}",
        "too_short": "is empty",
        "string_too_short": "is empty",
        "timezone_aware": f"{quoted(str(found))} has no offset; end it in Z or +01:00",
    }
    if code in known:
        return known[code]
    message = problem["msg"].removeprefix("Value error, ")
    if code == "value_error":
        return message
    shown = f" ({quoted(str(found))} was found)" if isinstance(found, str | int | Decimal) else ""
    return message.replace("Input should", "should") + shown
