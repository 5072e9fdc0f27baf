"""The summary: what matters of a run, in a terminal of any width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from simulations.report import print_summary
from simulations.report.reading import Tables
from tests.simulations.sample_tables import NOW, ZONE, Row, empty_tables, sample


def printed(tables: Tables, width: int = 80, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, color_system="standard" if colour else None)
    print_summary(console, tables, ZONE, NOW)
    return out.getvalue()


def joined(tables: Tables, width: int = 80) -> str:
    """The summary with its line breaks taken out."""
    return " ".join(printed(tables, width).split())


def late(number: int, days: int) -> Row:
    return {
        "order": f"t/{number}", "line": "1", "item": "GEAR-7", "classified_as": "make", "quantity": "2",
        "requested": "2026-01-10T00:00:00+01:00", "promised": f"2026-01-{10 + days}T00:00:00+01:00",
        "status": "promised", "reason": "MILL is full [all of it]",
    }  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal_or_ends_in_spaces(width: int) -> None:
    lines = printed(sample().tables, width).splitlines()
    assert max(len(line) for line in lines) <= width
    assert all(line == line.rstrip() for line in lines)


def test_it_says_how_many_lines_are_promised_and_how() -> None:
    said = joined(sample().tables)
    assert "Promised 30 orders, 60 lines 27 on time 28 late 1 infeasible 1 question 1 awaiting engineering" in said


def test_it_says_what_is_late_since_when_and_why() -> None:
    said = joined({**empty_tables(), "promises": [late(1, 3)]})
    assert "t/1/1 2 × GEAR-7 3 d late 2026-01-09 24:00 → 2026-01-12 24:00 MILL is full [all of it]" in said


def test_it_shows_the_ten_latest_and_says_how_many_more_there_are() -> None:
    said = printed({**empty_tables(), "promises": [late(number, 1 + number) for number in range(14)]})
    assert said.count(" late\n") == 10 + 1  # and the count
    assert said.index("t/13/1") < said.index("t/12/1")
    assert "t/3/1" not in said
    assert "and 4 more in promises.csv" in said


def test_it_says_what_waits_for_whom() -> None:
    said = joined(sample().tables)
    assert "Waiting for engineering 1 line manual/SO-1009/1" in said
    assert "Waiting for a person to answer 1 line edi/SO-1005/1" in said
    assert "AP-000002 promise for edi/SO-1017, waiting late by 3 d; asked of manager until 2026-01-05 16:00" in said


def test_decisions_already_made_are_not_asked_for() -> None:
    assert "AP-000001" not in joined(sample().tables)


def test_it_says_what_was_quarantined_and_why() -> None:
    assert "orders-0105.edi:3 UNT says 41 segments, there are 39" in joined(sample().tables)


def test_it_shows_the_action_messages() -> None:
    assert "expedite PO-000001 40 × CASTING 2026-01-19 00:00 manual/SO-1003/1 needs it" in joined(sample().tables)


def test_it_says_what_was_planned_and_what_it_costs() -> None:
    said = joined(sample().tables)
    assert "99 work orders (86 planned, 13 released)" in said
    assert "17 purchase orders (12 planned, 5 released), 25,471.80 EUR + 8,996.40 USD" in said
    assert "55 shipping orders (55 planned)" in said


def test_a_run_without_anything_says_so_and_leaves_out_what_there_is_not() -> None:
    said = joined(empty_tables())
    assert "no orders were taken" in said
    assert "Late" not in said
    assert "quarantine" not in said


def test_without_colour_there_are_no_escape_sequences_and_with_colour_the_same_words() -> None:
    plain = printed(sample().tables)
    assert "\x1b" not in plain
    coloured = printed(sample().tables, colour=True)
    assert "\x1b[" in coloured
    assert _stripped(coloured) == plain


def _stripped(text: str) -> str:
    return Text.from_ansi(text).plain.rstrip("\n") + "\n"


def test_escape_sequences_in_names_do_not_reach_the_terminal() -> None:
    row = {**late(1, 3), "reason": "\x1b[2J wiped"}
    assert "\x1b" not in printed({**empty_tables(), "promises": [row]})
