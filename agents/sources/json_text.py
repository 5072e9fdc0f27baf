"""JSON bodies cut into their documents: one object, an array of objects, or one object a line.

Nothing is lost or invented on the way: a number with a point keeps its digits as text, and what JSON readers like to
overlook (a key twice, NaN, numbers without end) is a fault of the one object that it stands in.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from agents.sources.texts import decode, is_clean, quoted, stain

DEPTH_MOST = 32
"""Levels of nesting in one document; no honest one comes near."""

DIGITS_MOST = 100
"""Characters of one number; what a number may be worth is the documents' to say."""

PIECES_MOST = 500_000
"""Documents of one body: three bytes can be one, and each is kept in memory until all are read."""

_TOO_MANY = f"more than {PIECES_MOST} documents: send them in pieces"
_NOT_BLANK = re.compile(r"[^ \t\r\n]")


@dataclass(frozen=True, slots=True)
class Piece:
    """One document of a JSON body. `fault` says why `value` is not to be used, and is empty where it is."""

    position: str
    value: object
    fault: str
    text: str


def pieces(body: bytes) -> list[Piece]:
    """The documents of a JSON body, in order.

    Positions: empty for a single object, the index from 0 in an array, the number of the line where there is one
    object a line. Broken syntax costs its line; in an array or a single object, where nothing says where the next
    document begins, it costs the whole body.
    """
    text = decode(body)
    reader = _Reader()
    begin = _skip(text, 0)
    lines = text.split("\n")
    if text[begin : begin + 1] == "[" and not _is_array_line(text[begin:].split("\n", 1)):
        return reader.array(text, begin)
    whole = reader.single(text, begin)
    filled = sum(map(_has_text, lines))
    if whole.fault and sum(_is_object_line(line) for line in lines) and filled > 1:
        if filled > PIECES_MOST:
            return [Piece("", None, f"these are {_TOO_MANY}", text)]
        return [reader.line(line, number) for number, line in enumerate(lines, 1) if _has_text(line)]
    return [whole]


def _has_text(line: str) -> bool:
    return bool(_NOT_BLANK.search(line))


def _is_object_line(line: str) -> bool:
    return line.startswith("{") and line.rstrip(" \t\r").endswith("}")


def _is_array_line(lines: list[str]) -> bool:
    """Whether an array ends in the line where it begins, and lines of objects follow: it is one bad line of them."""
    return len(lines) > 1 and lines[0].rstrip().endswith("]") and lines[1].lstrip().startswith("{")


def _skip(text: str, at: int) -> int:
    found = _NOT_BLANK.search(text, at)
    return found.start() if found else len(text)


class _BrokenError(Exception):
    """A value that cannot be told from what follows it."""


class _Reader:
    """Reads one value after the other, and collects what is wrong with each."""

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._integer,
            parse_float=self._fraction,
            parse_constant=self._constant,
        )

    def single(self, text: str, begin: int) -> Piece:
        """The whole text as one value."""
        try:
            value, end = self._value(text, begin)
            if (rest := _skip(text, end)) < len(text):
                raise _BrokenError(
                    f"more follows the JSON value at {_place(text, rest)}: one object a line, or an array"
                )
        except _BrokenError as fault:
            return Piece("", None, str(fault), text)
        return self._piece("", value, text)

    def line(self, line: str, number: int) -> Piece:
        """One line as one value."""
        piece = self.single(line, _skip(line, 0))
        return Piece(str(number), piece.value, piece.fault, line)

    def array(self, text: str, begin: int) -> list[Piece]:
        """The elements of an array, each by itself."""
        found: list[Piece] = []
        try:
            at = _skip(text, begin + 1)
            while text[at : at + 1] != "]" or found:
                if len(found) >= PIECES_MOST:
                    raise _BrokenError(f"the array holds {_TOO_MANY}")
                value, end = self._value(text, at)
                found.append(self._piece(str(len(found)), value, text[at:end]))
                at = _skip(text, end)
                if text[at : at + 1] == "]":
                    break
                if text[at : at + 1] != ",":
                    raise _BrokenError(f"not valid JSON at {_place(text, at)}: a comma or ] is wanted")
                at = _skip(text, at + 1)
            if (rest := _skip(text, at + 1)) < len(text):
                raise _BrokenError(f"more follows the JSON array at {_place(text, rest)}")
        except _BrokenError as fault:
            return [Piece("", None, f"{fault}; nothing of the array was read", text)]
        return found or [Piece("", None, "the array is empty: there is no document in it", text)]

    def _value(self, text: str, at: int) -> tuple[object, int]:
        self._faults.clear()
        try:
            return self._decoder.raw_decode(text, at)
        except json.JSONDecodeError as error:
            if error.pos >= len(text.rstrip()):
                raise _BrokenError("not valid JSON: the text breaks off before its end") from error
            raise _BrokenError(f"not valid JSON at {_place(text, error.pos)}: {error.msg.lower()}") from error
        except StopIteration as error:  # what raw_decode raises where no value begins
            raise _BrokenError(f"not valid JSON at {_place(text, at)}: a value is wanted") from error
        except RecursionError as error:
            raise _BrokenError(f"nested deeper than {DEPTH_MOST} levels") from error

    def _piece(self, position: str, value: object, text: str) -> Piece:
        fault = self._faults[0] if self._faults else _trouble(value, is_clean(text) and "\\u" not in text)
        return Piece(position, value, fault, text)

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
            self._faults.append(f"the key {quoted(twice)} stands twice in one object: keep one")
        return result

    def _integer(self, digits: str) -> int:
        if len(digits) > DIGITS_MOST:
            self._faults.append(f"the number {quoted(digits, 20)} has {len(digits)} digits: more than any quantity")
            return 0
        return int(digits)

    def _fraction(self, digits: str) -> str:
        if len(digits) > DIGITS_MOST:
            self._faults.append(f"the number {quoted(digits, 20)} has more digits than any quantity")
        return digits

    def _constant(self, name: str) -> None:
        self._faults.append(f"{name} is not a number of JSON: give a number, or null")


def _place(text: str, at: int) -> str:
    column = f"column {at - text.rfind(chr(10), 0, at)}"
    return f"line {text.count(chr(10), 0, at) + 1}, {column}" if "\n" in text else column


def _trouble(value: object, is_text_clean: bool) -> str:
    """What is wrong with a value that JSON allows: text that no file can hold, and nesting without end."""
    level: list[object] = [value]
    for _ in range(DEPTH_MOST):
        below: list[object] = []
        for each in level:
            if isinstance(each, dict):
                below.extend(each.values())
                below.extend([] if is_text_clean else each.keys())
            elif isinstance(each, list):
                below.extend(each)
            elif isinstance(each, str) and not is_text_clean and (reason := stain(each)):
                return reason
        if not below:
            return ""
        level = below
    return f"nested deeper than {DEPTH_MOST} levels"


def written(value: object) -> str:
    """A value as JSON again, for a person to mend."""
    return json.dumps(value, ensure_ascii=False, indent=1)
