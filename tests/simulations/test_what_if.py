"""What would change, in the very words that a person reads, and as data."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from knowledge.instants import HOUR
from simulations.report.what_if import print_difference
from simulations.report.what_if_json import difference_json
from simulations.what_if import Difference, compare
from simulations.what_if.values import State
from tests.simulations.what_if.states import (
    PLANT,
    Known,
    Made,
    Rows,
    day,
    operation,
    order_row,
    promise,
    purchase,
    release,
    shipment,
    state,
    when,
    work_order,
)

DOWN = "SAW is down: promised 2026-03-11T00:00:00+00:00"


def action(kind: str, document: str, reason: str) -> dict[str, str]:
    return {"action": kind, "document": document, "item": "R", "quantity": "5", "time": when(6), "reason": reason}


def approval(number: str, status: str) -> dict[str, str]:
    row = {"approval": number, "decision": "change", "subject": "t/2", "status": status, "by": ""}
    return {**row, "reason": "2 d later than promised"}


def before() -> State:
    known = Known(
        orders=[order_row("1", "BIG", "100", "5"), order_row("2", "SMALL", "100", "5")],
        made=[Made("WO-1", {"SAW": 60})],
        on_hand={"R": 9},
    )
    return state(
        known,
        promises=[promise("1/1", 5, 9, 9), promise("2/1", 5, 9, 9), promise("3/1", 5, 9, 9)],
        work_orders=[
            work_order("WO-1", 8, "t/1/1=5"),
            work_order("WO-2", 6, "WO-1=5"),
            work_order("WO-3", 8, "t/3/1=5"),
        ],
        operations=[operation("WO-1", "10", "SAW", when(7, 8), when(7, 9))],
        purchase_orders=[purchase("PO-1", 6, "WO-1=5"), purchase("PO-2", 6, "WO-3=5")],
        shipping_orders=[shipment("SH-1", "1/1", 9)],
        action_messages=[action("defer", "PO-2", "not needed yet")],
    )


def after() -> State:
    known = Known(
        orders=[order_row("1", "BIG", "100", "5"), order_row("2", "SMALL", "100", "5")],
        made=[Made("WO-1", {"SAW": 60}), Made("WO-4", {"MILL": 90})],
        bought=[("PO-9", "S")],
        downtimes={"SAW": ((day(7), day(8)),)},
        releases=[release("2/1", 11, 9)],
        on_hand={"R": 2},
    )
    return state(
        known,
        promises=[
            promise("1/1", 5, 9, 12, reason=DOWN),
            promise("2/1", 5, 9, 9, "at_risk", reason=DOWN),
            promise("3/1", 5, 9, 9),
            promise("4/1", 2, 12, 12),
            promise("4/1", 3, 12, None, "infeasible", reason="no supplier offers R"),
        ],
        work_orders=[
            work_order("WO-1", 11, "t/1/1=5"),
            work_order("WO-2", 6, "WO-1=5"),
            work_order("WO-3", 7, "t/3/1=5"),
            work_order("WO-4", 11, "t/4/1=2", quantity=2),
        ],
        operations=[operation("WO-1", "10", "MILL", when(9, 8), when(9, 9))],
        purchase_orders=[
            purchase("PO-9", 6, "WO-1=5", supplier="D", unit_price="3"),
            purchase("PO-2", 5, "WO-3=5"),
        ],
        shipping_orders=[shipment("SH-7", "1/1", 12), shipment("SH-8", "4/1", 12, 2, "SMALL")],
        action_messages=[action("expedite", "SAW", "SAW is down")],
        approvals=[approval("AP-1", "pending")],
        quarantine=[{"document": "docs.jsonl:2", "reason": "order t/99 was never received"}],
    )


GOLDEN = """\
As of 2026-03-02 00:00 (UTC)

Would be quarantined  1 document
  docs.jsonl:2
      order t/99 was never received

Promises  2 worse, 1 new, 1 as before
  t/1/1  5 EA of F  3 d later
      2026-03-10 24:00 → 2026-03-13 24:00 (3 d late)
      SAW is down: promised 2026-03-11T00:00:00+00:00
  t/2/1  5 EA of F  2 d later
      2026-03-10 24:00 → 2026-03-10 24:00 (at risk, planned for 2026-03-12 24:00)
      SAW is down: promised 2026-03-11T00:00:00+00:00
  t/4/1  5 EA of F  new
      2 2026-03-13 24:00, 3 infeasible
      no supplier offers R

On the shelf  1 item
  R  9 EA → 2 EA

Work orders  1 new, 1 moved
  new WO-4  2 EA of F, 2026-03-12 00:00 to 2026-03-12 24:00, planned, for t/4/1
  moved WO-1  F: done 2026-03-09 24:00 → 2026-03-12 24:00 (3 d later)
  1 more row re-timed, by 1 d at most, for what stands as before

Operations of open work orders  1 changed
  changed WO-1 step 10  on MILL instead of SAW

Purchases  1 changed
  changed PO-1 → PO-9  R: S → D, 2.00 EUR → 3.00 EUR
  1 more row re-timed, by 1 d at most, for what stands as before

Shipping orders  1 new, 1 moved
  new SH-8  2 EA of F for t/4/1, ships 2026-03-13 24:00, planned
  moved SH-1 → SH-7  t/1/1: ships 2026-03-10 24:00 → 2026-03-13 24:00 (3 d later)

Action messages  1 new, 1 dropped
  new expedite SAW  5 R  2026-03-08 00:00
      SAW is down
  no longer defer PO-2  5 R  2026-03-08 00:00

Approvals that would be asked for  1
  AP-1  change for t/2, pending
      2 d later than promised

Costs  of the whole plan
  purchases  20.00 → 25.00 EUR (+5.00)
  order costs  0.00 → 20.00 EUR (+20.00)
  work  30.00 → 120.00 EUR (+90.00)
  lateness  0.00 → 30.00 EUR (+30.00)
  all together  65.00 → 210.00 EUR (+145.00)
  weighted hours late  0 → 264

Work centres  machine hours
  MILL  week of 2026-03-09: 0 → 1 of 168 h open (0 % → 1 %)
  SAW  week of 2026-03-09: 1 → 0 of 80 → 64 h open (1 % → 0 %)
"""


def printed(found: Difference, width: int = 100) -> str:
    out = io.StringIO()
    print_difference(Console(file=out, width=width), found, PLANT)
    return out.getvalue()


def test_everything_that_would_change_is_said_in_a_planners_words() -> None:
    assert printed(compare(before(), after())) == GOLDEN


def test_where_nothing_would_change_it_says_so() -> None:
    assert printed(compare(before(), before())).splitlines()[2] == "Nothing would change  3 lines as before"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal_or_ends_in_spaces(width: int) -> None:
    lines = printed(compare(before(), after()), width).splitlines()
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_of_long_lists_the_first_are_shown_and_how_many_more_there_are() -> None:
    rows: Rows = [work_order(f"WO-{number}", 5, f"t/{number}/1=5") for number in range(1000)]
    said = printed(compare(state(), state(work_orders=rows)))
    assert said.count("  new WO-") == 10
    assert "and 990 more in --json" in said


def test_a_thousand_re_timed_rows_are_one_line() -> None:
    rows: Rows = [work_order(f"WO-{number}", 5, f"t/{number}/1=5") for number in range(1000)]
    moved = [{**row, "finish": when(5, 3)} for row in rows]
    said = printed(compare(state(work_orders=rows), state(work_orders=moved)))
    assert said.splitlines()[2:] == [
        "Promises  0 as before",
        "",
        "Work orders  at other times only",
        "  1,000 more rows re-timed, by 3 h at most, for what stands as before",
    ]


def test_as_data_it_has_the_columns_of_the_tables() -> None:
    said = difference_json(compare(before(), after()), PLANT)
    effects = {each["line"]: each["effect"] for each in said["promises"]}
    assert effects == {"t/1/1": "worse", "t/2/1": "worse", "t/4/1": "new"}
    assert said["promises"][1]["after"][0]["delivery"] == "2026-03-13T00:00:00+00:00"
    (moved,) = said["work_orders"]["moved"]
    assert (moved["before"]["finish"], moved["after"]["finish"]) == (when(8), when(11))
    assert said["work_orders"]["retimed"] == {"rows": 1, "most_seconds": 24 * HOUR}
    (changed,) = said["purchase_orders"]["changed"]
    assert (changed["after"]["supplier"], changed["after"]["pegged_to"]) == ("D", {"WO-1": "5"})
    assert said["costs"]["after"]["total"] == "210.00"
    assert said["costs"]["after"]["weighted_hours_late"] == "264"
    assert said["work_centres"]["MILL"][0]["busy_seconds"] == {"before": 0, "after": HOUR}


def test_as_data_where_nothing_would_change_every_list_is_empty() -> None:
    said: dict[str, Any] = difference_json(compare(before(), before()), PLANT)
    assert not said["differs"]
    assert said["promises_unchanged"] == 3
    assert not any(said[name][kind] for name in ("work_orders", "purchase_orders") for kind in ("new", "dropped"))
