"""Real documents of other people's making, where they lie beside the repository.

Each is read as its list says, or rejected with a reason that is true of it.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from agents.sources.reading import read_paths
from knowledge.documents import CustomerOrder, OrderChange

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"

REJECTED = {
    "focxml-sample-OrderRequest.xml": "deploymentMode says that this is a test order",
    "oopfactory-Example4_Adobe_ShrinkWrapped.txt": "AMT*TT says that the order comes to 12",
    "hupe-d96a_orders_conforming.edi": "stands outside of an interchange: it must begin with UNB",
    "sapstern-ORDERS_D01B.txt": "line '1' has several item numbers of type 'IN'",
    "staedi-orders-with-group.edi": "UNT counts '21' segments, but the message has 18",
    "phax-CENBII-Order-minimal.xml": "the order has no number",
    "phax-UBL-Order-2.0-Example.xml": "LineExtensionAmount is 100.00, but 100 × 100.00 is 10000.00",
    "goshopify-order.json": "was cancelled at 2016-05-17",
    "shopifypy-order.json": "total_line_items_price is 398.00, but quantity × price of the lines comes to 597.00",
    "shopifyruby-order-1.json": "0 of 1 is still wanted",
}
"""Samples of formats that are read, whose own content does not hold."""

FORMATS = {"mockedi", "x12_850", "edifact_orders", "ubl_order", "cxml", "shopify", "woocommerce"}

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample documents are not beside the repository")


def rows() -> list[dict[str, str]]:
    if not SAMPLES.is_dir():
        return []
    with (SAMPLES / "MANIFEST.tsv").open(newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"])
def test_a_sample_is_read_as_listed_or_rejected_with_a_true_reason(row: dict[str, str]) -> None:
    reads = read_paths([SAMPLES / row["format"] / row["file"]])
    orders = [read.document for read in reads if isinstance(read.document, CustomerOrder | OrderChange)]
    if row["format"] not in FORMATS:
        assert orders == []
        assert all("not read" in read.reason or "is not an order" in read.reason for read in reads)
    elif row["file"] in REJECTED:
        assert [REJECTED[row["file"]] in read.reason for read in reads] == [True]
    else:
        [order] = orders
        assert isinstance(order, CustomerOrder)
        assert len(order.lines) == int(row["lines"])
        assert row["po"] in (order.number, "None")
        _check_first_line(order, row["first_line"])


def _check_first_line(order: CustomerOrder | OrderChange, listed: str) -> None:
    """`3 EA @ 149.50 CAB-600`, `['120'] @ ['50'] / base ['1']`, or `QTY 21:3:PCE; PRI AAA:149.50`."""
    line = order.lines[0]
    words = [word.strip("'[],;") for word in listed.replace(":", " ").split()]
    if words[0] == "QTY":
        assert str(line.quantity) == words[2]
        assert str(line.unit_price) == (words[words.index("PRI") + 2] if "AAA" in words else "None")
        return
    assert str(line.quantity) == words[0]
    price = words[words.index("@") + 1]
    assert line.unit_price == (None if price == "?" else Decimal(price))
