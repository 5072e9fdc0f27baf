from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from agents.sources.cxml import Cxml, CxmlConfig
from agents.sources.cxml_parts import document_of
from agents.sources.errors import UnreadableError
from agents.sources.signing import Delivery
from agents.sources.source import transactions
from knowledge.documents import CustomerOrder
from tests.agents.sources.xml_builders import cxml_order

TYPE = {"content-type": 'multipart/related; boundary="=_b 1"; type="text/xml"'}


def parts(document: bytes, encoding: str = "", end: bytes = b"\r\n--=_b 1--\r\n") -> bytes:
    """A body of a document and a drawing."""
    told = f"\r\nContent-Transfer-Encoding: {encoding}" if encoding else ""
    head = f"--=_b 1\r\nContent-Type: text/xml; charset=UTF-8{told}\r\n\r\n".encode()
    return head + document + b"\r\n--=_b 1\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7" + end


@pytest.mark.parametrize(
    ("encoding", "written"),
    [("", b"<a>=3D</a>"), ("binary", b"<a>=3D</a>"), ("base64", base64.encodebytes(b"<a>=3D</a>")),
     ("Quoted-Printable", b"<a>=3D3D</a>")],
)  # fmt: skip
def test_the_first_part_is_the_document_however_it_is_encoded(encoding: str, written: bytes) -> None:
    body = parts(written, encoding)
    assert document_of(TYPE, body) == document_of(TYPE, b"preamble\r\n" + body) == b"<a>=3D</a>"
    assert document_of({"content-type": "text/xml"}, body) == document_of({}, body) == body


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"content-type": "multipart/related"}, parts(b"<a/>"), "names no boundary"),
        (TYPE, b"<a/>", "does not hold a whole first part"),
        (TYPE, parts(b"<a/>").split(b"\r\n--")[0], "does not hold a whole first part"),
        (TYPE, b"--=_b 1\r\n--=_b 1\r\n\r\n<a/>", "does not hold a whole first part"),
        (TYPE, parts(b"<a/>", "base64"), "not base64"),
        (TYPE, parts(b"<a/>", "x-zip"), "encoded as 'x-zip'"),
    ],
)
def test_parts_that_are_not_whole_are_told(headers: dict[str, str], body: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        document_of(headers, body)
    source = Cxml(CxmlConfig(shared_secret=SecretStr("abracadabra")))
    [transaction] = transactions(source, headers, body)
    assert said in getattr(transaction.outcome, "reason", "")
    assert not source.authentic(Delivery(headers, body, 0))
    assert source.delivery_id(headers, body)


def test_an_order_with_attachments_is_read_and_known_as_that_without() -> None:
    source, body = Cxml(CxmlConfig(shared_secret=SecretStr("abracadabra"))), parts(cxml_order())
    [transaction] = transactions(source, TYPE, body)
    assert isinstance(transaction.outcome, CustomerOrder)
    assert "abracadabra" not in transaction.text
    assert source.authentic(Delivery(TYPE, body, 0))
    assert source.delivery_id(TYPE, body) == source.delivery_id({}, cxml_order()) == "17@hub"


@given(st.binary(max_size=80), st.text(max_size=30))
def test_no_bytes_bring_it_down(body: bytes, boundary: str) -> None:
    for headers in (TYPE, {"content-type": f"multipart/x; boundary={boundary}"}):
        transactions(Cxml(), headers, b"--=_b 1\n" + body + b"\n--=_b 1")
