"""The outlook of an item as it is printed, and as JSON."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from knowledge.instants import DAY
from knowledge.outlook import Outlook
from simulations.report.outlook import print_outlook
from simulations.report.outlook_json import outlook_json
from tests.simulations.outlooks import LINE, many, outlook, three


def printed(shown: Outlook, width: int = 80, *, colour: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colour, color_system="standard" if colour else None)
    print_outlook(console, shown)
    return out.getvalue()


def joined(shown: Outlook, width: int = 80) -> str:
    """What is printed, with its line breaks taken out."""
    return " ".join(printed(shown, width).split())


@pytest.mark.parametrize("width", [70, 80, 100, 130, 200])
@pytest.mark.parametrize("name", many())
def test_no_line_is_wider_than_the_terminal_or_ends_in_spaces(name: str, width: int) -> None:
    lines = printed(many()[name], width).splitlines()
    assert max(len(line) for line in lines) <= width
    assert all(line == line.rstrip() for line in lines)


def test_it_begins_with_the_key_figures() -> None:
    said = joined(three())
    assert said.startswith("A Axle As of 2026-01-05 08:00 (Europe/Berlin) on hand 2 EA safety stock 1 EA")
    assert "promisable −1 EA from now on, 0 EA from 2026-01-07 08:00, 5 EA from 2026-01-09 08:00" in said
    assert "lowest balance −1 EA at 2026-01-06 08:00" in said
    assert "shortage 1 EA from 2026-01-06 08:00" in said


def test_many_rises_of_what_is_promisable_are_told_by_the_first_and_the_last() -> None:
    rising = outlook([(f"W{number}", number * DAY, 1) for number in range(1, 9)])
    said = joined(rising)
    assert "promisable 0 EA from now on, 1 EA from 2026-01-06 08:00, …, 8 EA from 2026-01-13 08:00" in said


def test_a_balance_below_safety_stock_is_no_shortage_but_is_told() -> None:
    said = joined(outlook([(LINE, DAY, -1)], 4, safety_stock=5))
    assert "shortage none, but 1 EA below safety stock from 2026-01-05 08:00" in said


def test_each_event_says_what_it_is_and_both_ways_what_it_is_pegged_to() -> None:
    said = joined(three())
    assert "on hand 2 stock for shop:a/SO-1/1 × 2" in said
    assert "−3 −1 −1 shop:a/SO-1/1 order line (ACME), firm; from stock × 2; waits for W1 × 1" in said
    assert "2026-01-07 08:00 +1 0 0 W1 work order, firm; for shop:a/SO-1/1" in said
    assert "2026-01-09 08:00 +5 5 5 W2 work order, firm; for safety stock × 1, stock × 4" in said


def test_a_requirement_that_nothing_covers_says_so() -> None:
    assert "from stock × 1; short of 3" in joined(outlook([(LINE, DAY, -4)], 1))


def test_what_is_overdue_is_said_with_the_event_and_at_the_top() -> None:
    said = joined(outlook([(LINE, -DAY, -1)], 4))
    assert "overdue 1 event, counted as of now" in said
    assert "2026-01-04 08:00 −1 3 3 shop:a/SO-1/1 order line (ACME), firm, overdue; from stock" in said
    assert "\x1b[33m2026-01-04 08:00" in printed(outlook([(LINE, -DAY, -1)], 4), colour=True)


def test_the_balance_stands_with_the_last_event_of_an_instant() -> None:
    said = joined(outlook([("W1", DAY, 4), (LINE, DAY, -3)], 1))
    assert "2026-01-06 08:00 +4 W1" in said
    assert "2026-01-06 08:00 −3 2 2 shop:a/SO-1/1" in said


def test_a_wide_terminal_has_an_event_on_one_line() -> None:
    (line,) = (line for line in printed(three(), 130).splitlines() if " W1 " in line and "+1" in line)
    assert " ".join(line.split()) == "2026-01-07 08:00 +1 0 0 W1 work order, firm for shop:a/SO-1/1"


def test_a_narrow_terminal_has_the_words_below_the_numbers() -> None:
    lines = printed(three(), 55).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("2026-01-07"))
    assert lines[place + 1] == "    W1; work order, firm; for shop:a/SO-1/1"


def test_a_document_is_not_parted_from_its_quantity() -> None:
    moves = [(f"{LINE}#{number}", number * DAY, -1) for number in range(1, 9)]
    lines = printed(outlook([*moves, ("W1", DAY, 8)])).splitlines()
    assert not any(line.endswith("×") or line.lstrip().startswith("×") for line in lines)


def test_long_lists_of_pegs_say_how_many_more_there_are() -> None:
    moves = [(f"{LINE}#{number}", number * DAY, -1) for number in range(1, 31)]
    assert "shop:a/SO-1/1#12 × 1 and 18 more" in joined(outlook(moves, 30))


def test_an_item_that_never_moves_says_so_instead_of_a_plot() -> None:
    said = printed(outlook((), 3))
    assert "Nothing is to come in, and nothing is to go out." in said
    assert "┼" not in said


def test_control_characters_never_reach_the_terminal() -> None:
    said = printed(outlook([("W%1B[31m", DAY, 1)], description="Axle\x1b[2J", uom="E\x07A"))
    assert not {"\x1b", "\x07"} & set(said)


def test_a_pipe_gets_no_colour_and_a_terminal_does() -> None:
    assert "\x1b[" not in printed(three())
    assert "\x1b[" in printed(three(), colour=True)


# -- JSON


def test_json_has_everything_with_quantities_in_the_unit_of_the_item() -> None:
    body = outlook_json(outlook([(LINE, DAY, -1250), ("W1", 2 * DAY, 500)], 1000, decimals=3, uom="KG", safety_stock=5))
    assert json.loads(json.dumps(body)) == body
    assert (body["item"], body["description"], body["uom"], body["on_hand"]) == ("A", "Axle", "KG", "1")
    assert body["safety_stock"] == "0.005"
    assert body["lowest"] == {"time": "2026-01-06T08:00:00+01:00", "quantity": "-0.25"}
    assert body["first_shortage"] == {"time": "2026-01-06T08:00:00+01:00", "quantity": "0.25"}
    assert body["stock_pegged_to"] == [{"document": LINE, "quantity": "1", "late": False}]
    need, receipt = body["events"]
    assert need == {
        "time": "2026-01-06T08:00:00+01:00",
        "overdue": False,
        "document": LINE,
        "kind": "order_line",
        "status": "firm",
        "customer": "ACME",
        "quantity": "-1.25",
        "projected": "-0.25",
        "promisable": "-0.25",
        "pegs": [
            {"document": "stock", "quantity": "1", "late": False},
            {"document": "W1", "quantity": "0.25", "late": True},
        ],
        "short": "0",
    }
    assert [peg["document"] for peg in receipt["pegs"]] == [LINE, "safety_stock", "stock"]
    assert [step["projected"] for step in body["steps"]] == ["1", "-0.25", "0.25"]


def test_json_of_an_item_without_a_shortage_says_null() -> None:
    body = outlook_json(outlook((), 3))
    assert body["first_shortage"] is None
    assert body["events"] == []
