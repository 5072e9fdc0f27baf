from __future__ import annotations

from decimal import Decimal

import pytest

from agents.sources.cxml import Cxml
from tests.agents.sources.builders import only, reason
from tests.agents.sources.xml_builders import cxml_line, cxml_order, cxml_price, cxml_total

SOURCE = Cxml()


def bundle(number: str, price: str, pricing: str = "", parent: str = "") -> str:
    said = f'compositeItemType="{pricing}"' if pricing else ""
    of = f'parentLineNumber="{parent}"' if parent else ""
    item = f"<SupplierPartID>SET-{number}</SupplierPartID>"
    return cxml_line(
        number, quantity="1", item=item, price=cxml_price(price), attributes=f'itemType="composite" {said} {of}'
    )


def part(number: str, price: str, parent: str = "1", quantity: str = "2") -> str:
    item = f"<SupplierPartID>PART-{number}</SupplierPartID>"
    of = f'itemType="item" parentLineNumber="{parent}"' if parent else ""
    return cxml_line(number, quantity=quantity, item=item, price=cxml_price(price), attributes=of)


@pytest.mark.parametrize("pricing", ["groupLevel", ""])
def test_a_bundle_that_is_paid_as_a_whole_is_delivered_as_one_with_its_parts_as_options(pricing: str) -> None:
    lines = (bundle("1", "99.00", pricing), part("2", "0.00"), part("3", "0.00"), part("4", "5.00", ""))
    [whole, other] = only(SOURCE, cxml_order(*lines, head=cxml_total("109.00"))).lines
    assert (whole.item, whole.quantity, whole.unit_price) == ("SET-1", Decimal(1), Decimal("99.00"))
    assert whole.configuration is not None
    assert [(each["item"], each["quantity"]) for each in whole.configuration["parts"]] == [
        ("PART-2", "2"),
        ("PART-3", "2"),
    ]
    assert (other.item, other.configuration) == ("PART-4", None)


@pytest.mark.parametrize("pricing", ["itemLevel", ""])
def test_of_a_bundle_that_is_paid_by_its_parts_these_are_delivered(pricing: str) -> None:
    lines = (bundle("1", "0.00", pricing), part("2", "10.00"), part("3", "0.00"))
    found = only(SOURCE, cxml_order(*lines, head=cxml_total("20.00"))).lines
    assert [(line.line, line.item, f"{line.unit_price}") for line in found] == [
        ("2", "PART-2", "10.00"),
        ("3", "PART-3", "0.00"),
    ]
    assert [line.configuration for line in found] == [{"bundle": "SET-1 Pump P"}] * 2


def test_a_bundle_in_a_bundle_goes_with_it() -> None:
    inner = (bundle("2", "0.00", "groupLevel", parent="1"), part("3", "0.00", parent="2"))
    [whole] = only(SOURCE, cxml_order(bundle("1", "99.00", "groupLevel"), *inner)).lines
    assert whole.configuration is not None
    assert [each["item"] for each in whole.configuration["parts"]] == ["SET-2", "PART-3"]
    [inside] = only(SOURCE, cxml_order(bundle("1", "0.00", "itemLevel"), *inner)).lines
    assert (inside.item, list(inside.configuration or ())) == ("SET-2", ["parts", "bundle"])


def test_prices_of_parts_do_not_count_where_the_whole_has_one() -> None:
    lines = (bundle("1", "99.00", "groupLevel"), part("2", "50.00"))
    assert len(only(SOURCE, cxml_order(*lines, head=cxml_total("99.00"))).lines) == 1
    assert "comes to 99.00" in reason(SOURCE, cxml_order(*lines, head=cxml_total("199.00")))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((bundle("1", "99.00"), part("2", "10.00")), "compositeItemType does not say"),
        ((bundle("1", "0.00"), part("2", "0.00")), "compositeItemType does not say"),
        ((bundle("1", "9.00", "half"), part("2", "0.00")), "compositeItemType does not say"),
        ((bundle("1", "0.00", "itemLevel"),), "line '1' is the heading of a bundle that has no lines"),
        ((part("2", "1.00", "7"),), "line '2' is part of line '7', which is not there"),
        ((part("1", "1.00", "2"), part("2", "1.00", "1"), part("3", "1.00", "")), "parts of each other"),
        (tuple(bundle(f"{n}", "1.00", "", f"{n - 1}" if n > 1 else "") for n in range(1, 90)), "twenty levels"),
    ],
)
def test_a_bundle_that_is_not_clear_is_refused(lines: tuple[str, ...], said: str) -> None:
    assert said in reason(SOURCE, cxml_order(*lines))
