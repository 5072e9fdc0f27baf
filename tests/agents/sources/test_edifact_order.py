from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.edifact import Edifact
from agents.sources.source import Rejected, transactions
from knowledge.documents import CustomerOrder, OrderCancel, OrderChange
from tests.agents.sources.builders import BGM, LINS, edifact_change, edifact_order, only, reason

SOURCE = Edifact()


def test_an_order_is_read_with_its_partner_number_and_currency() -> None:
    order = only(SOURCE, edifact_order())
    assert (order.source, order.number, order.currency, order.customer) == (
        "edifact:NORTHBUY",
        "45001",
        "EUR",
        "NORTHBUY",
    )
    assert [(line.item, line.quantity, line.unit_price, line.requested) for line in order.lines] == [
        ("CAB-600", Decimal(3), Decimal("149.50"), "2026-02-02"),
        ("TOP-2400", Decimal(2), Decimal("310.00"), "2026-02-02"),
    ]


def test_the_header_holds_for_lines_that_do_not_say_otherwise() -> None:
    header = (*BGM, "FTX+AAI+++ring first", "NAD+BY+N-1", "NAD+DP+D-1")
    order = only(SOURCE, edifact_order(header=header, lines=(*LINS, "DTM+2:20260303:102", "FTX+AAI+++upright")))
    assert (order.customer, order.ship_to) == ("N-1", "D-1")
    assert [(line.requested, line.text) for line in order.lines] == [
        ("2026-02-02", "ring first"),
        ("2026-03-03", "ring first\nupright"),
    ]


def test_the_price_of_a_hundred_is_that_of_one_in_the_document() -> None:
    order = only(SOURCE, edifact_order(lines=("LIN+1++A:SA", "QTY+21:3", "PRI+AAA:950:::100"), summary=()))
    assert order.lines[0].unit_price == Decimal("9.5")


@pytest.mark.parametrize("function", ["", "6", "7", "9", "18", "42", "43", "47"])
def test_a_function_that_carries_the_whole_order_is_read(function: str) -> None:
    assert only(SOURCE, edifact_order(header=(f"BGM+220+45001+{function}",))).number == "45001"


def test_the_number_may_be_a_composite_as_of_d_97a() -> None:
    assert only(SOURCE, edifact_order(header=("BGM+220+45001::2+9",))).number == "45001"


def test_a_cancellation_is_a_cancellation() -> None:
    cancel = OrderCancel(source="edifact:NORTHBUY", number="45001")
    [transaction] = transactions(SOURCE, {}, edifact_order(header=("BGM+220+45001+1",)))
    assert transaction.outcome == cancel
    [transaction] = transactions(SOURCE, {}, edifact_change(header=("BGM+230+45001-2+1", "RFF+ON:45001")))
    assert transaction.outcome == cancel


@pytest.mark.parametrize(
    ("bgm", "said"),
    [
        ("BGM+220+1+4", "a change of an order: send it as ORDCHG"),
        ("BGM+220+1+31", "a copy"),
        ("BGM+220+1+16", "a proposal"),
        ("BGM+220+1+99", "nothing that is read"),
        ("BGM+221+1+9", "a blanket order, whose quantities are called off later"),
        ("BGM+220++9", "the order has no number"),
    ],
)
def test_what_is_no_order_says_so(bgm: str, said: str) -> None:
    assert said in reason(SOURCE, edifact_order(header=(bgm,)))


@pytest.mark.parametrize(
    ("header", "lines", "summary", "said"),
    [
        (BGM[1:], LINS, ("UNS+S",), "begins with one BGM"),
        ((BGM[0], *BGM), LINS, ("UNS+S",), "begins with one BGM"),
        (BGM, (), ("UNS+S",), "there is no LIN"),
        (BGM, LINS, ("UNS+S", "UNS+S"), "UNS+S stands twice"),
        (BGM, LINS, ("UNS+S", "LIN+3"), "a LIN stands behind UNS+S"),
        (BGM, LINS, ("UNS+S", "PRI+AAA:1"), "a PRI stands outside of every line"),
        ((*BGM, "QTY+21:1"), LINS, ("UNS+S",), "a QTY stands outside of every line"),
        (BGM, LINS, ("UNS+S", "CNT+2:3"), "CNT+2 counts 3 lines, but there are 2 LIN"),
        (BGM, LINS, ("UNS+S", "CNT+1:6"), "CNT+1 is 6, but the quantities come to 5"),
        (
            BGM,
            LINS,
            ("UNS+S", "MOA+86:12"),
            "MOA+86 says that the order comes to 12, but quantity × price",
        ),
        (BGM, LINS, ("UNS+S", "MOA+79:12"), "MOA+79 says"),
        ((*BGM, "CUX+2:USD:9"), LINS, ("UNS+S",), "CUX names several currencies: EUR, USD"),
        (BGM, ("LIN", *LINS[1:]), ("UNS+S",), "a LIN has no line number"),
        (BGM, ("LIN+1+2+A:SA", "QTY+21:1"), ("UNS+S",), "has the action '2' (LIN 1229)"),
        (BGM, ("LIN+1", "QTY+21:1"), ("UNS+S",), "line 1 has neither item nor description"),
        (BGM, (*LINS[:3], *LINS[:3]), ("UNS+S",), "line 1 stands twice"),
    ],
)
def test_what_does_not_hold_together_is_told(
    header: tuple[str, ...], lines: tuple[str, ...], summary: tuple[str, ...], said: str
) -> None:
    assert said in reason(SOURCE, edifact_order(header=header, lines=lines, summary=summary))


def test_totals_that_agree_or_that_taxes_come_into_are_let_pass() -> None:
    for summary in (("MOA+86:1068.50", "MOA+79:1068.5", "CNT+1:5"), ("MOA+86:1271.52", "MOA+124:203.02")):
        assert only(SOURCE, edifact_order(summary=("UNS+S", *summary)))
    assert only(SOURCE, edifact_order(header=(*BGM, "TAX+7+VAT"), summary=("UNS+S", "MOA+86:1")))


@pytest.mark.parametrize(
    ("cux", "currency"),
    [("CUX+2:EUR:9+3:USD:4+1.1", "EUR"), ("CUX+2:EUR:4+3:USD:9", "USD"), ("CUX+3:USD:4", "USD"), ("CUX+2", None)],
)
def test_the_currency_is_that_of_the_order(cux: str, currency: str | None) -> None:
    assert only(SOURCE, edifact_order(header=(BGM[0], cux))).currency == currency


BUNDLE = ("LIN+1++SET:SA", "QTY+21:2", "PRI+AAA:100", "LIN+2++CUP:SA+1:1", "QTY+21:6:PCE")


def test_what_a_set_is_put_together_from_is_not_ordered_beside_it() -> None:
    for summary, price in (("CNT+2:1", ""), ("CNT+2:2", ""), ("CNT+2:1", "PRI+AAA:0")):
        order = only(SOURCE, edifact_order(lines=(*BUNDLE, *filter(None, [price])), summary=("UNS+S", summary)))
        [line] = order.lines
        assert (line.item, line.quantity, line.configuration) == ("SET", Decimal(2), {"contents": ["6 PCE CUP"]})


def test_a_part_of_a_set_with_a_price_of_its_own_is_refused() -> None:
    said = reason(SOURCE, edifact_order(lines=(*BUNDLE, "PRI+AAA:5"), summary=()))
    assert "line '1': its sub-line '2' has a price of its own" in said
    said = reason(SOURCE, edifact_order(lines=(BUNDLE[0], BUNDLE[1], "LIN+2++CUP:SA+1:9", "QTY+21:6"), summary=()))
    assert "sub-line '2' belongs to line '9', which is not there" in said


# -- changes


def changed(*lines: str, **more: Any) -> OrderChange:
    [transaction] = transactions(SOURCE, {}, edifact_change(*lines, **more))
    assert isinstance(transaction.outcome, OrderChange), transaction.outcome
    return transaction.outcome


def fields(*lines: str, **more: Any) -> dict[str, Any]:
    """What the only line of a change says."""
    [line] = changed(*lines, **more).lines
    return {name: value for name, value in line.model_dump().items() if value is not None}


def test_a_change_names_the_order_by_its_reference() -> None:
    change = changed("LIN+1+3", "QTY+21:5:PCE")
    assert (change.source, change.number) == ("edifact:NORTHBUY", "45001")
    assert changed("LIN+1+3", "QTY+21:5", header=("BGM+230+45002+4",)).number == "45002"


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("LIN+1+3", "QTY+21:5:PCE"), {"quantity": Decimal(5), "uom": "PCE"}),
        (("LIN+1+3", "PRI+AAA:950:::100"), {"unit_price": Decimal("9.5")}),
        (("LIN+1+3", "DTM+2:20260303:102"), {"requested": "2026-03-03"}),
        (("LIN+1+3+A:SA", "QTY+21:5"), {"item": "A", "quantity": Decimal(5)}),
        (("LIN+1+2+A:SA", "QTY+21:5"), {"quantity": Decimal(0)}),
        (("LIN+1+1+A:SA", "QTY+21:5"), {"item": "A", "quantity": Decimal(5)}),
        (("LIN+1+8", "QTY+21:5", "DTM+2:20260303:102"), {"requested": "2026-03-03"}),
        (("LIN+1++A:SA", "QTY+21:5"), {"item": "A", "quantity": Decimal(5)}),
    ],
)
def test_the_action_of_a_line_says_what_is_changed(lines: tuple[str, ...], wanted: dict[str, Any]) -> None:
    assert fields(*lines) == {"line": "1", **wanted}


@pytest.mark.parametrize(("function", "quantity"), [("2", 5), ("3", 0), ("4", 5)])
def test_the_function_of_the_message_holds_for_lines_without_action(function: str, quantity: int) -> None:
    header = (f"BGM+230+1+{function}", "RFF+ON:45001")
    assert fields("LIN+1++A:SA", "QTY+21:5", header=header)["quantity"] == quantity


def test_a_replacement_is_a_whole_new_version_of_an_order() -> None:
    orders = edifact_order(header=("BGM+220+45001+5", *BGM[1:], "NAD+DP+D-1"))
    ordchg = edifact_order(header=("BGM+230+7+5", "RFF+ON:45001", *BGM[2:], "NAD+DP+D-1"), kind="ORDCHG")
    for body in (orders, ordchg):
        [transaction] = transactions(SOURCE, {}, body)
        change = transaction.outcome
        assert isinstance(change, OrderChange | CustomerOrder)
        whole = change.complete if isinstance(change, OrderChange) else change.standing
        assert (whole, change.number, change.currency, change.ship_to) == (True, "45001", "EUR", "D-1")
        assert [(line.line, line.requested) for line in change.lines] == [("1", "2026-02-02"), ("2", "2026-02-02")]


def test_a_replacement_leaves_out_the_lines_that_it_removes() -> None:
    header = ("BGM+230+7+5", "RFF+ON:45001")
    change = changed("LIN+1+2", "LIN+2+4+A:SA", "QTY+21:5", "LIN+3+1+B:SA", "QTY+21:2", header=header)
    assert [(line.line, line.quantity) for line in change.lines] == [("2", Decimal(5)), ("3", Decimal(2))]


def test_a_line_without_change_is_left_alone() -> None:
    assert [line.line for line in changed("LIN+1+4", "QTY+21:5", "LIN+2+2").lines] == ["2"]


def test_a_new_schedule_must_come_to_the_quantity() -> None:
    schedule = ("SCC+1", "QTY+21:2", "DTM+2:20260303:102", "QTY+21:3", "DTM+2:20260310:102")
    assert len(fields("LIN+1+8", "QTY+21:5", *schedule)["schedule"]) == 2
    assert "the schedule comes to 5, but QTY+21 is 6" in reason(
        SOURCE, edifact_change("LIN+1+3", "QTY+21:6", *schedule)
    )
    assert "a schedule without the quantity" in reason(SOURCE, edifact_change("LIN+1+8", *schedule))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("LIN+1+5", "QTY+21:5"), "the action '5' (LIN 1229) does not say what changes"),
        (("LIN+1+3", "QTY+21:0"), "a quantity of 0 removes a line"),
        (("LIN+1+1+A:SA",), "is added without a quantity"),
        (("LIN+1+3",), "nothing stands there to change it to"),
        (("LIN+1+3", "QTY+21:5", "LOC+7+N", "QTY+11:5"), "a change spread over places (LOC) is not read"),
        (("LIN+1+3", "QTY+21:5", "LIN+2+3+A:SA+1:1", "QTY+21:5"), "a change of sub-lines is not read"),
        (("LIN+1+4",), "of no line what changes"),
        ((), "of no line what changes"),
    ],
)
def test_what_is_to_change_is_never_guessed(lines: tuple[str, ...], said: str) -> None:
    header = ("BGM+230+45001-1+4", "RFF+ON:45001")
    body = edifact_order(header=header, lines=lines, summary=("UNS+S",), kind="ORDCHG")
    assert said in reason(SOURCE, body)


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (("BGM+230+1+16", "RFF+ON:45001"), "a proposal"),
        (("BGM+230+1+9", "RFF+ON:45001"), "the action '' (LIN 1229) does not say what changes"),
        (("BGM+230+1+4", "RFF+ON:1", "RFF+ON:2"), "RFF+ON names several orders: 1, 2"),
        (("BGM+230++4",), "the order has no number"),
    ],
)
def test_a_header_that_is_no_change_says_so(header: tuple[str, ...], said: str) -> None:
    assert said in reason(SOURCE, edifact_change("LIN+1", "QTY+21:5", header=header))


@given(st.permutations([*BGM, *LINS, "IMD+F++:::Top", "DTM+2:20260202:102", "UNS+S", "CNT+2:2", "MOA+86:1068.50"]))
def test_segments_in_any_order_are_rejected_or_keep_the_totals(segments: list[str]) -> None:
    [transaction] = transactions(SOURCE, {}, edifact_order(header=segments, lines=(), summary=()))
    if isinstance(transaction.outcome, Rejected):
        assert transaction.outcome.reason
        return
    assert isinstance(transaction.outcome, CustomerOrder)
    lines = [(line.quantity or Decimal(0), line.unit_price or Decimal(0)) for line in transaction.outcome.lines]
    assert sum(quantity for quantity, _ in lines) == 5
    assert sum(quantity * price for quantity, price in lines) == Decimal("1068.50")
