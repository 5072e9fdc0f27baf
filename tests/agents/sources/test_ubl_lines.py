from __future__ import annotations

from decimal import Decimal

import pytest

from agents.sources.ubl import Ubl
from tests.agents.sources.builders import UBL_PRICE, reason, ubl_order
from tests.agents.sources.xml_builders import ubl_complaint as complaint
from tests.agents.sources.xml_builders import ubl_only_line as line

SOURCE = Ubl()


def price(amount: str, base: str = "", unit: str = "C62", more: str = "") -> str:
    quantity = f'<cbc:BaseQuantity unitCode="{unit}">{base}</cbc:BaseQuantity>' if base else ""
    return f'<cac:Price><cbc:PriceAmount currencyID="EUR">{amount}</cbc:PriceAmount>{quantity}{more}</cac:Price>'


def amount(value: str, *extras: tuple[str, str]) -> str:
    charges = (
        f"<cac:AllowanceCharge><cbc:ChargeIndicator>{charge}</cbc:ChargeIndicator><cbc:Amount>{extra}</cbc:Amount>"
        "</cac:AllowanceCharge>"
        for charge, extra in extras
    )
    return f'<cbc:LineExtensionAmount currencyID="EUR">{value}</cbc:LineExtensionAmount>{"".join(charges)}'


def test_a_price_for_a_base_quantity_is_the_price_of_one() -> None:
    assert line(price=price("310.00", "100")).unit_price == Decimal("3.1")
    assert line(price=price("310.00", "1")).unit_price == Decimal("310.00")


def test_a_price_of_zero_is_given_and_a_missing_one_is_none() -> None:
    assert line(price=price("0.00")).unit_price == 0
    assert line(price="").unit_price is None


@pytest.mark.parametrize(
    ("spoiled", "said"),
    [
        (price("10", "3"), "no exact price of one"),
        (price("10", "0"), "cannot be for a quantity of 0"),
        (price("10", "1", "KGM"), "the price is for KGM, the quantity in C62"),
        (price("-1"), "price: should be greater than or equal to 0"),
        (price("1e5"), "is not a number"),
        (price("10", more="<cbc:OrderableUnitFactorRate>12</cbc:OrderableUnitFactorRate>"), "OrderableUnitFactorRate"),
        (UBL_PRICE * 2, "cac:Price stands 2 times"),
    ],
)
def test_a_price_that_is_none_of_one_is_refused(spoiled: str, said: str) -> None:
    assert said in complaint(price=spoiled)


@pytest.mark.parametrize(
    "stated",
    [
        amount("620.00"),
        amount("620"),
        amount("630.00", ("true", "10")),
        amount("610.00", ("false", "10")),
        amount("620.00", ("false", "10")),
    ],
)
def test_an_amount_that_agrees_with_quantity_and_price_is_let_pass(stated: str) -> None:
    assert line(amount=stated).quantity == 2


def test_an_amount_that_does_not_agree_is_told_with_the_sum() -> None:
    assert complaint(amount=amount("62.00")) == "line '1': LineExtensionAmount is 62.00, but 2 × 310.00 is 620.00"
    assert "with its allowances and charges is 630.00" in complaint(amount=amount("1", ("true", "10")))


@pytest.mark.parametrize(
    ("quantity", "said"),
    [
        ("", "cbc:Quantity is missing"),
        ("<cbc:Quantity/>", "is not a number"),
        ("<cbc:Quantity>0</cbc:Quantity>", "should be greater than 0"),
        ("<cbc:Quantity>1</cbc:Quantity><cbc:Quantity>2</cbc:Quantity>", "stands 2 times"),
        ("<cbc:Quantity><cbc:ID/>1</cbc:Quantity>", "holds elements"),
        ("<cbc:Quantity>1</cbc:Quantity><cbc:LineStatusCode>Cancelled</cbc:LineStatusCode>", "cancelled"),
    ],
)
def test_a_quantity_that_cannot_be_ordered_is_refused(quantity: str, said: str) -> None:
    assert said in complaint(quantity=quantity)


def test_a_line_without_its_item_is_refused() -> None:
    assert "cac:LineItem is missing" in reason(SOURCE, ubl_order("<cac:OrderLine/>"))


def test_that_a_line_is_not_to_be_delivered_in_parts_is_for_people() -> None:
    whole = "<cbc:PartialDeliveryIndicator>false</cbc:PartialDeliveryIndicator>"
    assert line(delivery=whole, note="<cbc:Note>Upright</cbc:Note>").text == "Upright\nnot to be delivered in parts"
    assert line(delivery=whole.replace("false", "true")).text is None
