"""Tables as CSV, so that every value comes back as it was, whoever reads them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO


def write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write a header and rows. A lone carriage return ends a line for some readers, so a row with one is quoted whole:
    otherwise a value could make rows of its own.
    """
    plain = csv.writer(file, lineterminator="\n")
    quoted = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    plain.writerow(columns)
    for row in rows:
        values = [row[name] for name in columns]
        (quoted if any("\r" in value for value in values if isinstance(value, str)) else plain).writerow(values)
