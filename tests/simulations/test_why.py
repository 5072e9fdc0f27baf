"""Explanations as text and as JSON: what a planner reads of them, in a terminal of any width and in a pipe."""

from __future__ import annotations

import io
import json
import re
from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from knowledge.explanation.values import Cause, CauseKind, Cure, CureKind, Slack
from knowledge.instants import DAY, HOUR, parse
from knowledge.plant import Plant, SupplyStatus
from knowledge.supply import PurchaseRow, WorkOrder
from simulations.report.why import print_explanation
from simulations.report.why_json import explanation_json
from simulations.report.why_words import Words
from tests.explaining import Society, document, line, lines, order, society

ASK = 'name = "t"\n[[approvals]]\ndecision = "promise"\naction = "ask"\nrole = "boss"\non_silence = "approve"\n'


def printed(found: Society, name: str, width: int = 80, *, terminal: bool = False) -> str:
    out = io.StringIO()
    system = "standard" if terminal else None
    console = Console(file=out, width=width, force_terminal=terminal, color_system=system)  # type: ignore[arg-type]
    print_explanation(console, found.why(name), found.plant)
    return out.getvalue()


def plain(text: str) -> str:
    """A text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def as_json(found: Society, name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(json.dumps(explanation_json(found.why(name), found.plant)))
    return body


LATE = society([order()])
THREE_LEVELS = society([order(requested="2024-02-10")], {"stock.csv": "item,quantity\nF,2\nK,1\nR,1\n"})


def test_a_late_line_is_told_with_its_cause_what_cures_it_and_its_tree() -> None:
    assert printed(LATE, "t/1/1") == (
        "As of 2024-01-01 00:00 (UTC)\n"
        "\n"
        "t/1/1  F for A\n"
        "  5 EA  late by 12 d: wanted 2024-01-10 24:00, promised 2024-01-22 24:00\n"
        "    said: R cannot be bought by 2024-01-09T00:00:00+00:00, earliest 2024-01-21T00:00:00+00:00\n"
        "    1. R from S takes 20 days: 10 EA on PO-000001, ordered at once, due 2024-01-21 00:00\n"
        "       holds it until 2024-01-22 24:00; without it on time\n"
        "       → expedite PO-000001 by 12 d, to 2024-01-08 24:00: on time, 2024-01-10 24:00 (an estimate)\n"
        "    → agree on 2024-01-22 24:00, 12 d later\n"
        "    waits for\n"
        "    └── WO-000001  5 EA of F, made 2024-01-22 00:00 to 2024-01-22 24:00, planned\n"
        "        └── WO-000002  5 EA of K, made 2024-01-21 00:00 to 2024-01-21 24:00, planned\n"
        "            └── PO-000001  10 EA of R, from S, order by 2024-01-01 00:00, due 2024-01-21 00:00, released"
        "  ◀ binds\n"
    )


def test_a_line_on_time_is_told_with_its_slack_and_what_comes_off_the_shelf() -> None:
    text = printed(THREE_LEVELS, "t/1/1")
    assert "5 EA  on time: wanted 2024-02-10 24:00, promised 2024-02-10 24:00\n" in text
    assert "19 d of slack, the tightest place is R on PO-000001, to be ordered by 2024-01-20 00:00\n" in text
    assert "    ├── stock  2 EA of F\n" in text
    assert "        ├── stock  1 EA of K\n" in text
    assert "            ├── stock  1 EA of R\n" in text


def test_an_order_of_many_lines_is_told_without_trees() -> None:
    asked = lines("1", line("1", "F", "1", "2024-02-10"), line("2", "K", "1", "2024-02-10"))
    text = printed(society([asked]), "t/1")
    assert "waits for\n" not in text
    assert "Ask for a line by its name" in text


def test_a_supply_is_told_with_what_it_is_for_and_who_waits_for_it() -> None:
    found = society([order(), order("2", "5", "2024-03-01")])
    assert printed(found, "PO-000001").splitlines()[2:] == [
        "PO-000001  10 EA of R, from S, order by 2024-01-01 00:00, due 2024-01-21 00:00, released",
        "  bought as only offer, 30.00 EUR",
        "  is for",
        "  └── WO-000002  10 EA for 5 EA of K, begins 2024-01-21 00:00, planned",
        "      └── WO-000001  5 EA for 5 EA of F, begins 2024-01-22 00:00, planned",
        "          └── t/1/1  5 EA, to go 2024-01-22 24:00, late  ◀ waits for it",
    ]


def test_how_a_purchase_was_sourced_is_told_as_data_too() -> None:
    two = {
        "suppliers.csv": "supplier\nS\nT\n",
        "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,3,20\nT,R,4,60\n",
    }
    came = document("goods_receipt", "01-20T00:00:00", purchase_order="PO-000001", quantity="10")
    found = society([order(), came], two)
    [told] = explanation_json(found.why("PO-000001"), found.plant)["supplies"]
    assert told["award"] == {
        "policy": "only one in time",
        "text": "only one in time, 30.00 EUR; not in time: T",
        "outlay": "30.00",
        "currency": "EUR",
        "not_in_time": ["T"],
    }
    assert (told["on_time"]["came"], told["on_time"]["late"]) == (1, 0)
    assert "its supplier has been on time: 1 of 1 as asked\n" in printed(found, "PO-000001")


def test_what_is_kept_for_stock_is_told_so() -> None:
    fifty = {"offers.csv": "supplier,item,unit_price,lead_time_days,minimum\nS,R,3,20,50\n"}
    text = printed(society([order()], fifty), "PO-000001")
    assert "  └── stock  40 EA\n" in text


def test_a_promise_at_risk_and_an_approval_name_who_has_to_answer() -> None:
    text = printed(society([order(requested="2024-02-10")], {"plant.toml": ASK}), "t/1/1")
    assert "awaiting approval: wanted 2024-02-10 24:00, planned for 2024-02-10 24:00\n" in text
    assert "1. waits for approval by the boss: promise t/1, worth 500.00 EUR\n" in text
    assert "→ answer AP-000001: approved, the promise is 2024-02-10 24:00; silence approves\n" in text


def test_what_is_missing_of_an_infeasible_line_is_told() -> None:
    text = printed(society([order()], {"offers.csv": ""}), "t/1/1")
    assert "5 EA  infeasible: wanted 2024-01-10 24:00\n" in text
    assert "1. no supplier offers R: 10 EA missing\n" in text
    assert "→ an offer for 10 EA of R\n" in text


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", ["t/1", "t/1/1", "PO-000001", "WO-000001", "SH-000001"])
def test_on_a_terminal_no_line_is_wider_than_it_or_ends_in_spaces(name: str, width: int) -> None:
    told = plain(printed(LATE, name, width, terminal=True)).splitlines()
    assert max(len(each) for each in told) <= width
    assert all(each == each.rstrip() for each in told)


def test_into_a_pipe_every_line_stays_whole_and_has_no_colour() -> None:
    assert printed(LATE, "t/1/1", 40) == printed(LATE, "t/1/1", 400)
    assert "\x1b" not in printed(LATE, "t/1/1")
    assert "\x1b" in printed(LATE, "t/1/1", terminal=True)


def test_names_with_control_characters_and_markup_are_shown_harmlessly() -> None:
    text = printed(society([order("1\x1b[31m[bold]", requested="2024-02-10")]), "t/1\x1b[31m[bold]/1")
    assert "\x1b" not in text
    assert "t/1\ufffd[31m[bold]/1" in text


# -- sentences

SAMPLE = Cause(
    CauseKind.BUSY,
    ("WO-1",),
    "F",
    5,
    2,
    "S",
    "M",
    "10",
    parse("2024-01-02T08:00Z"),
    parse("2024-01-04T12:00Z"),
    seconds=52 * HOUR,
    line="2",
    text="because",
)


@pytest.mark.parametrize("kind", CauseKind)
def test_every_kind_of_cause_is_one_sentence(kind: CauseKind) -> None:
    values = {each.name: getattr(SAMPLE, each.name) for each in fields(SAMPLE)}
    told = Words(LATE.plant).cause(Cause(**{**values, "kind": kind}))
    assert told
    assert "\n" not in told


@pytest.mark.parametrize("kind", CureKind)
def test_every_kind_of_cure_is_one_sentence(kind: CureKind) -> None:
    cure = Cure(kind, "WO-1", "F", 5, "S", "M", 3 * HOUR, parse("2024-01-04T12:00Z"), parse("2024-01-06T00:00Z"), True)
    [told] = Words(LATE.plant).cures([cure])
    assert told
    assert "\n" not in told


BOUGHT = PurchaseRow("PO-1", 1, "S", "R", 5, Decimal(1), "EUR", 0, 4 * DAY, SupplyStatus.PLANNED)
MADE = WorkOrder("WO-1", "F", 5, DAY, 2 * DAY, SupplyStatus.FIRM)


@pytest.mark.parametrize(
    ("slack", "told"),
    [
        (Slack(9), "everything is on the shelf"),
        (Slack(2 * DAY, BOUGHT), "2 d of slack, the tightest place is R on PO-1, to be ordered by 1970-01-01 00:00"),
        (Slack(0, BOUGHT, True), "no slack, the tightest place is R on PO-1, due 1970-01-05 00:00"),
        (Slack(HOUR, MADE), "1 h of slack, the tightest place is F on WO-1, to be begun by 1970-01-02 00:00"),
        (Slack(-HOUR, MADE, True), "1 h too little time is left: F on WO-1, done 1970-01-02 24:00"),
    ],
)
def test_slack_is_told_with_its_tightest_place(slack: Slack, told: str) -> None:
    assert Words(Plant()).slack(slack) == told


# -- json


def test_json_has_the_tree_the_causes_and_the_cures_with_times_and_quantities_as_the_tables_write_them() -> None:
    [told] = as_json(LATE, "t/1/1")["lines"]
    [part] = told["parts"]
    assert (part["state"], part["quantity"], part["promised"]) == ("late", "5", "2024-01-23T00:00:00+00:00")
    [cause] = part["causes"]
    assert (cause["kind"], cause["documents"], cause["lead_time_days"]) == ("lead_time", ["PO-000001"], 20)
    assert cause["text"].startswith("R from S takes 20 days")
    [cure] = cause["cures"]
    assert (cure["kind"], cure["document"], cure["seconds"], cure["on_time"]) == (
        "expedite",
        "PO-000001",
        12 * DAY,
        True,
    )
    bought = part["waits_for"][0]["waits_for"][0]["waits_for"][0]
    assert (bought["document"], bought["quantity"], bought["binding"]) == ("PO-000001", "10", True)
    assert bought["due"] == "2024-01-21T00:00:00+00:00"


def test_json_of_a_supply_leads_up_to_the_order_lines() -> None:
    [told] = as_json(LATE, "PO-000001")["supplies"]
    line_ = told["is_for"][0]["is_for"][0]["is_for"][0]
    assert (told["kind"], told["supplier"], told["total"]) == ("purchase_order", "S", "10")
    assert (line_["document"], line_["quantity"], line_["state"], line_["binding"]) == ("t/1/1", "5", "late", True)


def test_json_names_the_document_encoded_and_as_people_write_it() -> None:
    found = society([{**order("1 #2", requested="2024-02-10"), "source": "t u"}])
    told = as_json(found, "t u/1 #2/1")
    assert (told["document"], told["name"], told["kind"]) == ("t%20u/1%20%232/1", "t u/1 #2/1", "line")


def test_json_of_a_count_of_things_that_were_shipped_is_short() -> None:
    gone = [order(), document("shipment_report", "01-11T00:00:00", shipping_order="SH-000001")]
    [told] = as_json(society(gone, {"stock.csv": "item,quantity\nF,9\n"}), "SH-000001")["lines"]
    [part] = told["parts"]
    assert part["state"] == "shipped"
    assert "causes" not in part
