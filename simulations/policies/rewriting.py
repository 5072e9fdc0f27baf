"""Rewrites the tables and settings of a knowledge folder."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

Row: TypeAlias = dict[str, str]


def rows_of(files: Mapping[str, str], name: str) -> list[Row]:
    """The rows of a table; none where there is no such file."""
    text = files.get(name, "").removeprefix("\ufeff")
    return [{key: value or "" for key, value in row.items()} for row in csv.DictReader(io.StringIO(text))]


def with_rows(files: dict[str, str], name: str, rows: Iterable[Row]) -> dict[str, str]:
    """The files with other rows in a table, which gets every column that a row names."""
    found = list(rows)
    columns = list(dict.fromkeys(column for row in found for column in row))
    if not found:
        return {key: text for key, text in files.items() if key != name}
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    return {**files, name: out.getvalue()}


def with_setting(files: dict[str, str], key: str, value: str) -> dict[str, str]:
    """The files with another value, as TOML writes it, of a key of plant.toml that is in no table."""
    text = files.get("plant.toml", "").removeprefix("\ufeff")
    head = re.split(r"(?m)^(?=\[)", text, maxsplit=1)[0]
    kept = [line for line in head.splitlines() if not re.match(rf"\s*{re.escape(key)}\s*=", line)]
    return {**files, "plant.toml": "\n".join([*kept, f"{key} = {value}", text[len(head) :]])}
