from __future__ import annotations

from decimal import Decimal

import pytest

from agents.sources.ubl import Ubl
from knowledge.documents import OrderLine
from tests.agents.sources.builders import UBL_PRICE, only, reason, ubl_line, ubl_order

SOURCE = Ubl()


def line(**parts: str) -> OrderLine:
    [found] = only(SOURCE, ubl_order(ubl_line(**parts))).lines
    return found


def complaint(**parts: str) -> str:
    return reason(SOURCE, ubl_order(ubl_line(**parts)))


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


def delivery(end: str = "", quantity: str = "", place: str = "", unit: str = "C62", clock: str = "") -> str:
    share = f'<cbc:Quantity unitCode="{unit}">{quantity}</cbc:Quantity>' if quantity else ""
    town = f"<cac:DeliveryAddress><cbc:CityName>{place}</cbc:CityName></cac:DeliveryAddress>" if place else ""
    time = f"<cbc:EndTime>{clock}</cbc:EndTime>" if clock else ""
    period = (
        f"<cac:RequestedDeliveryPeriod><cbc:EndDate>{end}</cbc:EndDate>{time}</cac:RequestedDeliveryPeriod>"
        if end
        else ""
    )
    return f"<cac:Delivery>{share}{town}{period}</cac:Delivery>"


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


def test_the_seller_s_number_names_the_item_and_the_others_are_kept() -> None:
    item = (
        "<cac:Item><cbc:Description>Red</cbc:Description><cbc:Name>Pump</cbc:Name>"
        "<cac:BuyersItemIdentification><cbc:ID>B-1</cbc:ID></cac:BuyersItemIdentification>"
        "<cac:SellersItemIdentification><cbc:ID>S-1</cbc:ID></cac:SellersItemIdentification>"
        "<cac:AdditionalItemProperty><cbc:Name>Seal</cbc:Name><cbc:Value>Viton</cbc:Value></cac:AdditionalItemProperty>"
        "</cac:Item>"
    )
    found = line(item=item)
    assert (found.item, found.description) == ("S-1", "Pump: Red")
    assert found.configuration == {"BuyersItemIdentification": "B-1", "Seal": "Viton"}


def test_a_property_of_two_values_is_refused() -> None:
    one = "<cac:AdditionalItemProperty><cbc:Name>Seal</cbc:Name><cbc:Value>{}</cbc:Value></cac:AdditionalItemProperty>"
    both = one.format("A") + one.format("B")
    assert "several values" in complaint(item=f"<cac:Item><cbc:Name>P</cbc:Name>{both}</cac:Item>")


def test_a_line_of_words_only_is_custom() -> None:
    found = line(item="<cac:Item><cbc:Name>Bracket to drawing</cbc:Name></cac:Item>")
    assert (found.item, found.description) == (None, "Bracket to drawing")


def test_a_line_s_own_date_place_and_note_are_its_own() -> None:
    found = line(delivery=delivery("2026-02-02", place="Ayr"), note="<cbc:Note>Upright</cbc:Note>")
    assert (found.requested, found.ship_to, found.text) == ("2026-02-02", "Ayr", "Upright")


@pytest.mark.parametrize(
    ("day", "clock", "requested"),
    [
        ("2026-02-02", "", "2026-02-02"),
        ("2026-02-02Z", "", "2026-02-02"),
        ("2026-02-02", "18:00:00.0Z", "2026-02-02T18:00:00Z"),
        ("2026-02-02", "18:00:00", "2026-02-02T18:00:00"),
    ],
)
def test_a_requested_time_keeps_its_offset(day: str, clock: str, requested: str) -> None:
    assert line(delivery=delivery(day, clock=clock)).requested == requested


def test_without_an_end_the_start_of_the_period_is_wanted() -> None:
    start = delivery("2026-02-02").replace("EndDate", "StartDate")
    assert line(delivery=start).requested == "2026-02-02"
    latest = "<cac:Delivery><cbc:LatestDeliveryDate>2026-02-02</cbc:LatestDeliveryDate></cac:Delivery>"
    assert line(delivery=latest).requested == "2026-02-02"


def test_several_deliveries_are_a_schedule() -> None:
    found = line(delivery=delivery("2026-02-02", "1") + delivery("2026-03-02", "1"))
    assert [(each.quantity, each.requested) for each in found.schedule or ()] == [
        (Decimal(1), "2026-02-02"),
        (Decimal(1), "2026-03-02"),
    ]
    assert found.requested is None


@pytest.mark.parametrize(
    ("deliveries", "said"),
    [
        (delivery("2026-02-02", "1") + delivery("2026-03-02", "2"), "schedule does not add up"),
        (delivery("2026-02-02") + delivery("2026-03-02"), "several cac:Delivery ask for 2026-02-02, 2026-03-02"),
        (delivery("2026-02-02", "1"), "is not the line's"),
        (delivery("2026-02-02", "2", unit="BX"), "in another unit than C62"),
        (delivery(place="Ayr") + delivery(place="Leith"), "several places"),
        (delivery("2026-02-30"), "not a date of the calendar"),
        (delivery("tomorrow"), "is not a date"),
    ],
)
def test_deliveries_that_cannot_be_met_as_said_are_refused(deliveries: str, said: str) -> None:
    assert said in complaint(delivery=deliveries)


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
