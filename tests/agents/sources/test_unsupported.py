from __future__ import annotations

import pytest

from agents.sources.reading import read_bytes
from tests.agents.sources.builders import as_json, contract_order, shopify_order


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>', "UBL document 'Invoice'"),
        (b"<html><body/></html>", "XML with the root element 'html' of no namespace is not read"),
        (b'<!DOCTYPE lolz [<!ENTITY a "b">]><lolz>&a;</lolz>', "has a DTD"),
        (b"PK\x03\x04\x14\x00\x06\x00", "a ZIP archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file (XLS)"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x1f\x8b\x08\x00", "a gzip archive"),
    ],
)
def test_a_known_format_is_named_in_its_reason(body: bytes, said: str) -> None:
    [read] = read_bytes("file", body)
    assert read.document is None
    assert said in read.reason


def test_formats_that_are_read_are_not_taken_for_others() -> None:
    for body in (as_json(shopify_order()), as_json(contract_order(source="order_key"))):
        [read] = read_bytes("file", body)
        assert read.document is not None
