"""Values out of JSON objects of others, where anything may be missing, null or of another kind than was said."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from agents.sources.errors import UnreadableError
from agents.sources.exact import number
from agents.sources.json_text import PIECES_MOST, Piece, pieces, written
from agents.sources.texts import quoted

Json: TypeAlias = Mapping[str, Any]


def text(values: Json, key: str) -> str:
    """A value as text; empty where it is missing, null or no plain value."""
    value = values.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return str(value).strip()


def amount(values: Json, key: str, what: str) -> Decimal | None:
    """A value as an exact number; None where there is none. Raises UnreadableError, which names `what` and the key."""
    told = text(values, key)
    return number(told, f"{what}: {key}") if told else None


def child(values: Json, key: str) -> Json:
    """An object within an object; empty where there is none."""
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def children(values: Json, key: str) -> list[Json]:
    """The objects of a list within an object."""
    value = values.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def pairs(values: Json, key: str, what: str, name: str = "name") -> dict[str, Any]:
    """A list of `{name, value}` as one mapping. Raises UnreadableError where a name has several values."""
    found: dict[str, Any] = {}
    for pair in children(values, key):
        named = text(pair, name)
        if named and found.setdefault(named, pair.get("value")) != pair.get("value"):
            raise UnreadableError(f"{what}: {quoted(named)} has several values")
    return found


def day(told: str, pattern: str, what: str) -> str:
    """A date written in a `strptime` pattern, as the contract writes it. Raises UnreadableError with `what`."""
    try:
        return dt.datetime.strptime(told, pattern).date().isoformat()  # noqa: DTZ007 a date has no time zone
    except ValueError as error:
        raise UnreadableError(f"{what} {quoted(told)} is not a date as {quoted(pattern)} writes it") from error


def wrapped(body: bytes, one: str, several: str) -> Iterator[Piece]:
    """The objects of a body: bare, in an array, one a line, in `{one: {…}}`, or in `{several: […]}`.

    Raises UnreadableError where these are more than a body may hold.
    """
    left = PIECES_MOST
    for piece in pieces(body):
        value = piece.value
        if isinstance(value, dict) and not piece.fault and isinstance(listed := value.get(several), list):
            left -= len(listed)
            if left < 0:
                raise UnreadableError(f"{several} holds more than {PIECES_MOST} documents: send them in pieces")
            for index, each in enumerate(listed):
                yield Piece(".".join(filter(None, (piece.position, str(index)))), each, "", written(each))
            if not listed:
                yield Piece(piece.position, None, f"the list of {several} is empty", piece.text)
        elif isinstance(value, dict) and isinstance(value.get(one), dict):
            yield Piece(piece.position, value[one], piece.fault, piece.text)
        else:
            yield piece


def peek(body: bytes) -> Json:
    """A body that is one JSON object, to see what it is about; empty where it is none. It is not checked."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def listed(body: bytes) -> list[Json]:
    """The objects of a body that is a JSON list of them, to see what they are about; empty where it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
