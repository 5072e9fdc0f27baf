from __future__ import annotations

from tests.agents.sources.builders import UBL_ITEM
from tests.agents.sources.xml_builders import ubl_complaint as complaint
from tests.agents.sources.xml_builders import ubl_only_line as line


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


def test_every_number_of_an_article_is_kept_best_first() -> None:
    kinds = ("StandardItemIdentification", "ManufacturersItemIdentification", "BuyersItemIdentification")
    numbers = "".join(f"<cac:{kind}><cbc:ID>{kind[0]}-1</cbc:ID></cac:{kind}>" for kind in kinds)
    found = line(item=f"<cac:Item><cbc:Name>Pump</cbc:Name>{numbers}</cac:Item>")
    assert (found.item, found.other_items) == ("B-1", ("S-1", "M-1"))


def test_options_instances_drawings_and_variants_are_configuration() -> None:
    item = (
        "<cac:Item><cbc:Name>Pump</cbc:Name>"
        "<cac:SellersItemIdentification><cbc:ID>P-1</cbc:ID><cbc:ExtendedID>RED</cbc:ExtendedID>"
        "<cac:PhysicalAttribute><cbc:AttributeID>Size</cbc:AttributeID><cbc:Description>XL</cbc:Description>"
        "</cac:PhysicalAttribute></cac:SellersItemIdentification>"
        "<cac:ItemSpecificationDocumentReference><cbc:ID>DWG-7</cbc:ID></cac:ItemSpecificationDocumentReference>"
        "<cac:CommodityClassification><cbc:ItemClassificationCode>40151500</cbc:ItemClassificationCode>"
        "</cac:CommodityClassification>"
        "<cac:AdditionalItemProperty><cbc:Name>Length</cbc:Name>"
        '<cbc:ValueQuantity unitCode="MTR">2.5</cbc:ValueQuantity></cac:AdditionalItemProperty>'
        "<cac:AdditionalItemProperty><cbc:Name>Tests</cbc:Name><cbc:ListValue>leak</cbc:ListValue>"
        "<cbc:ListValue>noise</cbc:ListValue></cac:AdditionalItemProperty>"
        "<cac:ItemInstance><cbc:SerialID>0042</cbc:SerialID>"
        "<cac:LotIdentification><cbc:LotNumberID>L1</cbc:LotNumberID></cac:LotIdentification></cac:ItemInstance>"
        "</cac:Item>"
    )
    assert line(item=item).configuration == {
        "ExtendedID": "RED",
        "Size": "XL",
        "ItemSpecificationDocumentReference": ["DWG-7"],
        "CommodityClassification": ["40151500"],
        "Length": "2.5 MTR",
        "Tests": ["leak", "noise"],
        "SerialID": ["0042"],
        "LotNumberID": ["L1"],
    }


def test_what_a_line_is_made_up_of_is_delivered_with_it_and_not_beside_it() -> None:
    part = (
        '<cac:SubLineItem><cac:LineItem><cbc:ID>1.1</cbc:ID><cbc:Quantity unitCode="C62">4</cbc:Quantity>'
        f"{UBL_ITEM.replace('PUMP-10', 'FOOT-1').replace('Pump', 'Foot')}</cac:LineItem></cac:SubLineItem>"
    )
    assert line(item=UBL_ITEM + part).configuration == {"SubLineItem": ["1.1 4 FOOT-1 Foot"]}
