from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.source import Rejected, transactions
from agents.sources.x12 import X12
from knowledge.documents import CustomerOrder, OrderCancel
from tests.agents.sources.builders import HEADER, LINES, only, reason, x12_order

SOURCE = X12()


def test_an_order_is_read_with_its_partner_number_and_currency() -> None:
    order = only(SOURCE, x12_order())
    assert (order.source, order.number, order.currency, order.received) == ("x12:NORTHBUY", "45001", "USD", None)
    assert [(line.item, line.quantity, line.unit_price) for line in order.lines] == [
        ("CAB-600", Decimal(3), Decimal("149.50")),
        ("TOP-2400", Decimal(2), Decimal("310.00")),
    ]


def test_a_date_of_the_header_holds_for_lines_without_their_own() -> None:
    order = only(SOURCE, x12_order(lines=(LINES[0], "DTM*002*20260303", LINES[1])))
    assert [line.requested for line in order.lines] == ["2026-03-03", "2026-02-02"]


def test_a_date_of_the_header_does_not_disturb_a_schedule() -> None:
    order = only(SOURCE, x12_order(lines=(LINES[0], "SCH*3*EA***002*20260303", LINES[1])))
    assert (order.lines[0].requested, len(order.lines[0].schedule or ())) == (None, 1)


def test_a_schedule_that_does_not_add_up_is_rejected() -> None:
    said = reason(SOURCE, x12_order(lines=(LINES[0], "SCH*2*EA***002*20260303", LINES[1])))
    assert "schedule does not add up to the quantity 3" in said


def test_the_customer_is_the_buyer_or_else_the_sender() -> None:
    assert only(SOURCE, x12_order()).customer == "NORTHBUY"
    assert only(SOURCE, x12_order(header=(*HEADER, "N1*BY*North Ltd*92*N-1"))).customer == "N-1"
    assert only(SOURCE, x12_order(header=(*HEADER, "N1*BY*North Ltd"))).customer == "North Ltd"


def test_a_message_of_the_header_reaches_every_line() -> None:
    order = only(SOURCE, x12_order(header=(*HEADER, "MSG*ring first"), lines=(*LINES, "MSG*upright")))
    assert [line.text for line in order.lines] == ["ring first", "ring first\nupright"]


@pytest.mark.parametrize("purpose", ["00", "06", "07", "15", "18"])
def test_a_purpose_that_carries_the_whole_order_is_read(purpose: str) -> None:
    assert only(SOURCE, x12_order(header=(f"BEG*{purpose}*SA*45001**20260105",))).number == "45001"


def test_a_replacement_takes_the_place_of_the_order_if_there_is_one() -> None:
    [transaction] = transactions(SOURCE, {}, x12_order(header=("BEG*05*SA*45001**20260105", *HEADER[1:])))
    assert isinstance(transaction.outcome, CustomerOrder)
    assert (transaction.outcome.standing, transaction.outcome.currency) == (True, "USD")
    assert [line.requested for line in transaction.outcome.lines] == ["2026-02-02", "2026-02-02"]


def test_a_cancellation_is_a_cancellation() -> None:
    [transaction] = transactions(SOURCE, {}, x12_order(header=("BEG*01*SA*45001**20260105",), lines=(), summary=()))
    assert transaction.outcome == OrderCancel(source="x12:NORTHBUY", number="45001")


@pytest.mark.parametrize(
    ("beg", "said"),
    [
        ("BEG*04*SA*1**20260105", "a change of an order"),
        ("BEG*22*SA*1**20260105", "an information copy"),
        ("BEG*99*SA*1**20260105", "no whole order"),
        ("BEG*00*BE*1**20260105", "estimated quantities"),
        ("BEG*00*SA***20260105", "no number"),
    ],
)
def test_what_is_no_order_says_so(beg: str, said: str) -> None:
    assert said in reason(SOURCE, x12_order(header=(beg,)))


def test_a_release_of_a_blanket_order_is_an_order_of_its_own() -> None:
    assert only(SOURCE, x12_order(header=("BEG*00*RL*45001*3*20260105",))).number == "45001-3"
    assert only(SOURCE, x12_order(header=("BEG*00*NE*45001*3*20260105",))).number == "45001"


@pytest.mark.parametrize("ctt", ["CTT*2", "CTT*2*5", "CTT*2*5.0"])
def test_a_count_and_hash_total_that_agree_are_let_pass(ctt: str) -> None:
    assert len(only(SOURCE, x12_order(summary=(ctt,))).lines) == 2


def test_a_set_without_ctt_is_guarded_by_its_segment_count() -> None:
    assert len(only(SOURCE, x12_order(summary=())).lines) == 2


def test_a_hash_total_may_leave_out_the_points() -> None:
    lines = ("PO1*1*1.5*KG*1**VP*A", "PO1*2*2.25*KG*1**VP*B")
    for told in ("3.75", "240"):
        assert only(SOURCE, x12_order(lines=lines, summary=(f"CTT*2*{told}",))).number == "45001"


@pytest.mark.parametrize(
    ("summary", "said"),
    [
        (("CTT*3*5",), "CTT counts 3 lines, but there are 2"),
        (("CTT*2*6",), "hash total of quantities is 6, but the lines come to 5"),
        (("CTT*x",), "CTT01 'x' is not a number"),
        (("CTT*2", "CTT*2"), "CTT stands twice"),
        (("CTT*2", "PO1*3*1*EA*1**VP*C"), "PO1 stands behind CTT"),
        (
            ("CTT*2", "AMT*TT*12"),
            "AMT*TT says that the order comes to 12, but quantity × price of its lines comes to 1068.50",
        ),
    ],
)
def test_totals_that_do_not_agree_are_told(summary: tuple[str, ...], said: str) -> None:
    assert said in reason(SOURCE, x12_order(summary=summary))


def test_an_amount_that_agrees_is_let_pass_at_either_end() -> None:
    assert only(SOURCE, x12_order(summary=("CTT*2", "AMT*TT*1068.50")))
    assert only(SOURCE, x12_order(header=(*HEADER, "AMT*TT*1068.5")))


def test_an_amount_that_charges_or_missing_prices_blur_is_not_judged() -> None:
    assert only(SOURCE, x12_order(header=(*HEADER, "AMT*TT*1"), lines=(*LINES, "SAC*C*D240***500")))
    assert only(SOURCE, x12_order(header=(*HEADER, "AMT*TT*1"), lines=(LINES[0], "PO1*2*2*EA***VP*B")))


def test_a_beginning_that_is_missing_misplaced_or_doubled_is_rejected() -> None:
    for header in (HEADER[1:], HEADER[::-1], (HEADER[0], HEADER[0])):
        assert "BEG" in reason(SOURCE, x12_order(header=header))


def test_an_order_without_line_is_rejected() -> None:
    assert "no PO1" in reason(SOURCE, x12_order(lines=(), summary=()))


def test_lines_of_two_currencies_are_rejected() -> None:
    assert "several currencies: USD, EUR" in reason(SOURCE, x12_order(lines=(*LINES, "CUR*BY*EUR")))


def test_a_line_of_neither_item_nor_words_is_rejected() -> None:
    assert "line 1 has neither item nor description" in reason(SOURCE, x12_order(lines=("PO1*1*5*EA*1",), summary=()))


def test_a_line_of_words_only_is_custom() -> None:
    order = only(SOURCE, x12_order(lines=("PO1*1*5*EA*1", "PID*F****Bracket to drawing"), summary=()))
    assert (order.lines[0].item, order.lines[0].description) == (None, "Bracket to drawing")


@given(st.permutations([*HEADER, *LINES, "PID*F****Top", "DTM*002*20260303", "CTT*2*5", "AMT*TT*1068.50"]))
def test_segments_in_any_order_are_rejected_or_keep_the_totals(segments: list[str]) -> None:
    [transaction] = transactions(SOURCE, {}, x12_order(header=segments, lines=(), summary=()))
    if isinstance(transaction.outcome, Rejected):
        assert transaction.outcome.reason
        return
    assert isinstance(transaction.outcome, CustomerOrder)
    lines = [(line.quantity or Decimal(0), line.unit_price or Decimal(0)) for line in transaction.outcome.lines]
    assert sum(quantity for quantity, _ in lines) == 5
    assert sum(quantity * price for quantity, price in lines) == Decimal("1068.50")
