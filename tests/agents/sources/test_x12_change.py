from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.source import transactions
from agents.sources.x12 import X12
from knowledge.documents import OrderCancel, OrderChange
from tests.agents.sources.builders import BCH, reason, x12_change

SOURCE = X12()
QUANTITY_AND_PRICE = "POC*1*PQ*5**EA*9.50"


def changed(*lines: str, **more: Any) -> OrderChange:
    [transaction] = transactions(SOURCE, {}, x12_change(*lines, **more))
    assert isinstance(transaction.outcome, OrderChange), transaction.outcome
    return transaction.outcome


def fields(*lines: str, **more: Any) -> dict[str, Any]:
    """What the only line of a change says."""
    [line] = changed(*lines, **more).lines
    return {name: value for name, value in line.model_dump().items() if value is not None}


def said(*lines: str, **more: Any) -> str:
    return reason(SOURCE, x12_change(*lines, **more))


def test_a_change_names_its_partner_and_order() -> None:
    change = changed(QUANTITY_AND_PRICE)
    assert (change.source, change.number) == ("x12:NORTHBUY", "45001")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("POC*1*QI*5*5*EA*9.50*PE*VP*PUMP", {"quantity": Decimal(5), "uom": "EA"}),
        ("POC*1*QD*5**EA*9.50*PE*VP*PUMP", {"quantity": Decimal(5), "uom": "EA"}),
        ("POC*1*PC*5**EA*9.50*PE*VP*PUMP", {"unit_price": Decimal("9.50")}),
        ("POC*1*PC****950*HP", {"unit_price": Decimal("9.5")}),
        (QUANTITY_AND_PRICE, {"quantity": Decimal(5), "uom": "EA", "unit_price": Decimal("9.50")}),
        ("POC*1*DI*5**EA*9.50*PE*VP*PUMP", {"quantity": Decimal(0)}),
        (
            "POC*2*AI*5**EA*9.50**VP*PUMP*BP*P-7",
            {"line": "2", "quantity": Decimal(5), "uom": "EA", "unit_price": Decimal("9.50"), "item": "PUMP",
             "other_items": ("P-7",), "configuration": {"BP": "P-7"}},
        ),
    ],
)  # fmt: skip
def test_a_change_code_says_what_of_a_line_is_changed(line: str, wanted: dict[str, Any]) -> None:
    assert fields(line) == {"line": "1", **wanted}


def test_a_line_that_is_rescheduled_keeps_its_quantity_and_price() -> None:
    assert fields("POC*1*RS*5**EA*9.50", "DTM*002*20260303") == {"line": "1", "requested": "2026-03-03"}


def test_a_new_schedule_must_come_to_the_quantity() -> None:
    schedule = ("SCH*2*EA***002*20260303", "SCH*3*EA***002*20260310")
    line = fields("POC*1*RS*5**EA", *schedule)
    assert [(each["quantity"], each["requested"]) for each in line["schedule"]] == [
        (Decimal(2), "2026-03-03"),
        (Decimal(3), "2026-03-10"),
    ]
    assert "the schedule comes to 5, but POC03 is 6" in said("POC*1*RS*6**EA", *schedule)
    assert "a schedule without the quantity" in said("POC*1*RS***EA", *schedule)


def test_a_date_of_the_header_is_for_lines_whose_dates_change() -> None:
    header = (BCH, "DTM*002*20260404")
    lines = changed("POC*1*RS", "POC*2*QI*5**EA", "POC*3*RS", "DTM*002*20260505", header=header).lines
    assert [line.requested for line in lines] == ["2026-04-04", None, "2026-05-05"]


def test_a_line_that_does_not_change_is_left_alone() -> None:
    assert [line.line for line in changed("POC*1*NC*5**EA", QUANTITY_AND_PRICE.replace("*1*", "*2*")).lines] == ["2"]
    assert "of no line what changes" in said("POC*1*NC*5**EA")
    assert "of no line what changes" in said()


def test_a_po1_in_the_loop_fills_in_and_must_agree() -> None:
    assert fields("POC*1*CA", "PO1**5*EA*9.50**VP*PUMP")["quantity"] == 5
    assert "POC says 6, its PO1 5" in said("POC*1*CA*6", "PO1**5*EA")


def test_the_whole_order_is_cancelled_by_its_purpose() -> None:
    header = (BCH.replace("*04*", "*01*"),)
    for lines in ((), ("POC*1*DI*5**EA",)):
        [transaction] = transactions(SOURCE, {}, x12_change(*lines, header=header))
        assert transaction.outcome == OrderCancel(source="x12:NORTHBUY", number="45001")
    assert "cancels the order, but line '1' has the change code 'QD'" in said("POC*1*QD*5**EA", header=header)


def test_a_replacement_is_a_whole_new_version_without_the_lines_that_it_removes() -> None:
    header = (BCH.replace("*04*", "*05*"), "CUR*BY*USD", "DTM*002*20260404", "N1*ST*Store*92*S-1")
    lines = (
        "POC*1*NC*5**EA*9.50**VP*PUMP",
        "POC*2*DI*1**EA*1**VP*CAB",
        "POC*3*AI*2**EA*1**VP*TOP",
        "SDQ*EA*92*A*1*B*1",
    )
    change = changed(*lines, header=header)
    assert (change.complete, change.currency, change.ship_to) == (True, "USD", "Store (S-1)")
    assert [(line.line, line.quantity, line.requested) for line in change.lines] == [
        ("1", Decimal(5), "2026-04-04"),
        ("3-A", Decimal(1), "2026-04-04"),
        ("3-B", Decimal(1), "2026-04-04"),
    ]
    for line, complaint in (("POC*1*CA*10*6*EA*1**VP*A", "which is the new quantity"), ("POC*1*NC", "no quantity")):
        assert complaint in said(line, header=header)


def test_a_release_is_changed_under_its_own_number() -> None:
    assert changed(QUANTITY_AND_PRICE, header=("BCH*04*RL*45001*3*1*20260105",)).number == "45001-3"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("POC*1*QD*10*6*EA", "POC03 is 10 and POC04 6: which is the new quantity is not clear"),
        ("POC*1*QI*10*15*EA", "POC03 is 10 and POC04 15"),
        ("POC*1*CA*10*0*EA", "POC03 is 10 and POC04 0"),
        ("POC*1*QD*0**EA", "a quantity of 0 removes a line"),
        ("POC*1*QI***EA", "the change code 'QI' comes without quantity"),
        ("POC*1*PQ*5**EA", "comes without price"),
        ("POC*1*RS*5**EA", "comes without dates"),
        ("POC*1*AI***EA*1**VP*X", "comes without quantity"),
        ("POC*1*CA", "comes without anything to change"),
        ("POC*1*CC*5**EA", "is of terms, which is not read"),
        ("POC*1*CF*5**EA", "BCH01 01 cancels one"),
        ("POC*1*XX*5**EA", "something that no order line has"),
        ("POC**QI*5**EA", "POC01 is empty"),
        ("POC*1*QI*5x**EA", "POC03 '5x' is not a number"),
    ],
)
def test_what_a_line_does_not_say_clearly_is_never_guessed(line: str, complaint: str) -> None:
    assert complaint in said(line)


def test_what_is_left_to_receive_of_an_increase_may_be_less_than_its_quantity() -> None:
    assert fields("POC*1*QI*15*11*EA")["quantity"] == 15


def test_a_change_over_destinations_is_not_read() -> None:
    assert "spread over destinations" in said("POC*1*QI*5**EA", "SDQ*EA*92*A*2*B*3")


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (("BCH*22*SA*45001**1*20260105",), "an information copy"),
        (("BCH*ZZ*SA*45001**1*20260105",), "no change request"),
        (("BCH*04*SA***1*20260105",), "BCH03 is empty"),
        (("BEG*00*SA*45001**20260105",), "begins with one BCH"),
        ((BCH, "CUR*BY*USD", "CUR*BY*EUR"), "several currencies"),
    ],
)
def test_a_header_that_is_no_change_says_so(header: tuple[str, ...], complaint: str) -> None:
    assert complaint in said(QUANTITY_AND_PRICE, header=header)


def test_counts_of_lines_and_hash_totals_must_agree() -> None:
    assert changed(QUANTITY_AND_PRICE, summary=("CTT*1*5",))
    assert "CTT counts 2 lines, but there are 1 POC" in said(QUANTITY_AND_PRICE, summary=("CTT*2",))
    assert "hash total of quantities is 6" in said(QUANTITY_AND_PRICE, summary=("CTT*1*6",))
