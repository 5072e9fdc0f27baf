from __future__ import annotations

import json
from decimal import Decimal

from agents.sources.json_documents import JsonDocuments
from agents.sources.source import Rejected, transactions
from knowledge.documents import CustomerOrder, OrderCancel
from tests.agents.sources.builders import as_json, contract_order, only, reason

SOURCE = JsonDocuments()


def test_an_order_of_the_contract_is_read_as_it_stands() -> None:
    order = only(SOURCE, as_json(contract_order()))
    assert (order.source, order.number, order.lines[0].unit_price) == ("manual", "SO-1", Decimal("310.00"))


def test_a_quantity_given_as_a_number_keeps_its_digits() -> None:
    order = only(SOURCE, b'{"type":"customer_order","source":"s","number":"1","lines":'
                         b'[{"line":1,"item":"A","quantity":0.10,"unit_price":1e2}]}')  # fmt: skip
    assert str(order.lines[0].quantity) == "0.10"
    assert order.lines[0].unit_price == 100


def test_every_type_goes_in_one_file_and_a_bad_one_stops_no_other() -> None:
    cancel = {"type": "order_cancel", "source": "manual", "number": "SO-1"}
    lines = [contract_order(), contract_order(lines=[]), cancel]
    outcomes = [each.outcome for each in transactions(SOURCE, {}, "\n".join(map(json.dumps, lines)).encode())]
    assert [type(outcome) for outcome in outcomes] == [CustomerOrder, Rejected, OrderCancel]


def test_a_rejected_object_keeps_its_text_for_mending() -> None:
    bad = contract_order(lines=[])
    [transaction] = transactions(SOURCE, {}, as_json(bad))
    assert json.loads(transaction.text) == bad


def test_the_reason_names_the_field() -> None:
    assert reason(SOURCE, as_json(contract_order(number=None))) == "number: should be a valid string"
