"""What is written as CSV is read as it was."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from knowledge.csv_text import write_csv

VALUES = st.text(st.sampled_from('ab,"\r\n\t =+-@;\u20ac\u2028'), max_size=6)
ROWS = st.lists(st.fixed_dictionaries({"one": VALUES, "two": VALUES}), max_size=5)


@given(ROWS)
def test_every_value_comes_back_and_makes_no_row_of_its_own(rows: list[dict[str, str]]) -> None:
    file = io.StringIO(newline="")
    write_csv(file, ("one", "two"), rows)
    assert list(csv.DictReader(io.StringIO(file.getvalue(), newline=""))) == rows
    again = io.StringIO(newline="")
    write_csv(again, ("one", "two"), rows)
    assert again.getvalue() == file.getvalue()


def test_what_needs_no_quotes_has_none() -> None:
    file = io.StringIO(newline="")
    write_csv(file, ("one", "two"), [{"one": "=1+1", "two": 7}])
    assert file.getvalue() == "one,two\n=1+1,7\n"
