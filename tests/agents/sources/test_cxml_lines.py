from __future__ import annotations

from decimal import Decimal

import pytest

from agents.sources.cxml import Cxml
from knowledge.documents import OrderLine
from tests.agents.sources.builders import only, reason
from tests.agents.sources.xml_builders import cxml_line, cxml_order, cxml_price

SOURCE = Cxml()


def line(**parts: str) -> OrderLine:
    [found] = only(SOURCE, cxml_order(cxml_line(**parts))).lines
    return found


def complaint(**parts: str) -> str:
    return reason(SOURCE, cxml_order(cxml_line(**parts)))


def share(quantity: str, day: str, unit: str = "EA", more: str = "") -> str:
    dated = f'requestedDeliveryDate="{day}"' if day else ""
    return f'<ScheduleLine quantity="{quantity}" {dated}><UnitOfMeasure>{unit}</UnitOfMeasure>{more}</ScheduleLine>'


@pytest.mark.parametrize(
    ("price", "unit", "of_one"),
    [
        (cxml_price("310.00", 'quantity="100" conversionFactor="1"'), "EA", "3.10"),
        (cxml_price("4.50", 'quantity="1" conversionFactor="150"'), "PF", "675.00"),
        (cxml_price("4.50", 'quantity="10" conversionFactor="150"'), "PF", "67.50"),
        (cxml_price("4.50", 'quantity="10"'), "EA", "0.45"),
        (cxml_price("0.00"), "EA", "0.00"),
    ],
)
def test_a_price_is_that_of_one_of_the_ordered_unit(price: str, unit: str, of_one: str) -> None:
    assert f"{line(price=price, unit=unit).unit_price}" == of_one


def test_a_price_that_is_not_given_is_none() -> None:
    assert line(price="").unit_price is None
    assert line(price="<UnitPrice><Money currency='EUR'/></UnitPrice>").unit_price is None


@pytest.mark.parametrize(
    ("price", "unit", "said"),
    [
        (cxml_price("4.50", 'quantity="10"'), "PF", "the price is for EA, the quantity in PF: conversionFactor"),
        (cxml_price("10", 'quantity="3"'), "EA", "no exact price of one"),
        (cxml_price("10", 'quantity="0"'), "EA", "cannot be for a quantity of 0"),
        (cxml_price("10", 'conversionFactor="2"'), "EA", "PriceBasisQuantity '' is not a number"),
        (cxml_price("10", 'quantity="1" conversionFactor="0"'), "EA", "conversionFactor 0 is not more than 0"),
        (cxml_price("-1"), "EA", "price: should be greater than or equal to 0"),
        (cxml_price("1e3"), "EA", "line '1': UnitPrice/Money '1e3' is not a number"),
        (cxml_price("1") + cxml_price("2"), "EA", "stands 2 times"),
    ],
)
def test_a_price_that_is_none_of_one_is_refused(price: str, unit: str, said: str) -> None:
    assert said in complaint(price=price, unit=unit)


def test_numbers_of_an_article_are_kept_best_first_and_its_options_are_configuration() -> None:
    item = (
        "<SupplierPartID>S-1</SupplierPartID><SupplierPartAuxiliaryID>red/XL</SupplierPartAuxiliaryID>"
        '<BuyerPartID>B-1</BuyerPartID><IdReference domain="EAN-13" identifier="4006381333931"/>'
        '<IdReference domain="drawing" identifier="DWG-7"/>'
    )
    detail = (
        "<ManufacturerPartID>M-1</ManufacturerPartID><Extrinsic name='Seal'>Viton <b>A</b></Extrinsic>"
        "<Extrinsic name='Test'>leak</Extrinsic><Extrinsic name='Test'>noise</Extrinsic>"
    )
    found = line(item=item, detail=detail, more="<Extrinsic name='Colour'>RAL 5010</Extrinsic>")
    assert (found.item, found.other_items) == ("S-1", ("B-1", "4006381333931", "M-1"))
    assert found.configuration == {
        "drawing": "DWG-7",
        "SupplierPartAuxiliaryID": "red/XL",
        "Seal": "Viton A",
        "Test": ["leak", "noise"],
        "Colour": "RAL 5010",
    }


def test_a_line_of_words_only_is_custom() -> None:
    found = line(item="<SupplierPartID/>", attributes='isAdHoc="yes"')
    assert (found.item, found.description) == (None, "Pump P")


def test_schedule_lines_are_a_schedule_instead_of_one_date() -> None:
    shares = share("1", "2026-02-02") + share("1", "2026-03-02T12:00:00Z")
    found = line(more=shares, attributes='requestedDeliveryDate="2026-01-31"')
    assert found.requested is None
    assert [(each.quantity, each.requested) for each in found.schedule or ()] == [
        (Decimal(1), "2026-02-02"),
        (Decimal(1), "2026-03-02T12:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        (share("1", "2026-02-02"), "the schedule does not add up to the quantity 2"),
        (share("2", ""), "ScheduleLine has no requestedDeliveryDate"),
        (share("2", "2026-02-02", "BX"), "ScheduleLine is in BX, the quantity in EA"),
        (share("2", "2026-02-30"), "is not a date or time in ISO 8601"),
        (share("2", "2026-02-02", more='<ScheduleLineReleaseInfo commitmentCode="forecast"/>'), "is a forecast"),
    ],
)
def test_a_schedule_that_is_not_wanted_as_it_stands_is_refused(schedule: str, said: str) -> None:
    assert said in complaint(more=schedule)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"quantity": ""}, "quantity '' is not a number"),
        ({"attributes": 'isReturn="yes"'}, "line '1' is a return of goods"),
        ({"attributes": 'isDeliveryCompleted="yes"'}, "nothing more is wanted of it"),
        ({"attributes": 'requestedDeliveryDate="soon"'}, "'soon' is not a date"),
        ({"more": "<BlanketItemDetail/>"}, "of a blanket order"),
    ],
)
def test_a_line_that_asks_for_nothing_clear_is_refused(parts: dict[str, str], said: str) -> None:
    assert said in complaint(**parts)


def test_a_line_needs_an_item() -> None:
    assert "line '1': ItemID is missing" in reason(SOURCE, cxml_order('<ItemOut quantity="1" lineNumber="1"/>'))


def test_comments_attachments_and_the_date_of_shipment_are_for_people() -> None:
    comment = "<Comments>Upright<Attachment><URL>cid:drawing.pdf</URL></Attachment> please</Comments>"
    found = line(more=comment, attributes='requestedShipmentDate="2026-02-01"')
    assert found.text == "Upright please cid:drawing.pdf\nto be shipped by 2026-02-01"
