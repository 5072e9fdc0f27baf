from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from agents.sources.cxml import Cxml, CxmlConfig
from agents.sources.kit import SourceKit
from agents.sources.signing import Delivery
from agents.sources.source import Rejected, transactions
from tests.agents.sources.builders import only, reason
from tests.agents.sources.xml_builders import CXML_FROM, cxml_document, cxml_line, cxml_order

SAMPLE = Path(__file__).resolve().parents[4] / "shared" / "samples" / "cxml" / "focxml-sample-OrderRequest.xml"
SOURCE = Cxml()
KEY = Cxml(CxmlConfig(shared_secret=SecretStr("abracadabra")))


class TestCxml(SourceKit):
    """The kit; what tells who sends stands in the body, so that a wrong one is a body with another."""

    source = Cxml
    settings: ClassVar[Mapping[str, Any]] = {
        "shared_secret": "only-a-test",
        "own_id": "MAKER",
        "own_secret": "only-ours",
    }
    samples = Path(__file__).parent / "samples" / "cxml"

    def test_a_webhook_with_a_wrong_signature_is_refused(self) -> None:
        for sample in self._samples():
            body, source = sample.read_bytes(), self._made()
            assert source.authentic(delivered(body))
            for wrong in (b"only-a-tesT", b"", b"only-a-test "):
                assert not source.authentic(delivered(body.replace(b"only-a-test", wrong)))


def delivered(body: bytes) -> Delivery:
    return Delivery({}, body, 0)


def test_an_order_is_recognised_and_read_whether_its_dtd_is_named_or_not() -> None:
    for prolog in ("", '<?xml version="1.0"?>\n<!DOCTYPE cXML SYSTEM "cXML.dtd">\n', "<!DOCTYPE cXML PUBLIC 'a' 'b'>"):
        body = cxml_order(prolog=prolog)
        assert SOURCE.recognises(body, "order.xml")
        assert only(SOURCE, body) == only(SOURCE, cxml_order())
    assert not SOURCE.recognises(b"<Order/>", "cxml.xml")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (cxml_order(prolog='<!DOCTYPE cXML SYSTEM "x" [<!ENTITY a SYSTEM "file:///etc/hosts">]>'), "than an address"),
        (cxml_order(prolog='<!DOCTYPE cXML [<!ENTITY a "b"><!ENTITY b "&a;&a;&a;">]>'), "more than an address"),
        (cxml_order(prolog='<!DOCTYPE other SYSTEM "x">'), "has a DTD"),
        (cxml_order(cxml_line(quantity="1&a;0")), "Entity 'a' not defined"),
        (cxml_order()[:-9], "not well-formed XML"),
        (cxml_document("<Request><PunchOutSetupRequest/></Request>"), "this is a cXML Request PunchOutSetupRequest"),
        (cxml_document("<Message><StatusUpdate/></Message>"), "cXML Message StatusUpdate, not an OrderRequest"),
        (cxml_document(""), "this is a cXML document without content"),
        (cxml_order(prolog="").replace(b"cXML", b"dXML"), "the root element is 'dXML'"),
    ],
)  # fmt: skip
def test_what_is_no_sound_order_is_told(body: bytes, said: str) -> None:
    assert said in reason(SOURCE, body)


def test_test_orders_are_taken_only_where_they_are_wanted() -> None:
    body = cxml_order(mode="test")
    assert reason(SOURCE, body) == "deploymentMode says that this is a test order, which nobody awaits"
    assert only(Cxml(CxmlConfig(test_orders=True)), body).number == "PO-7"


def test_the_shared_secret_in_the_header_tells_who_sends() -> None:
    assert KEY.authentic(delivered(cxml_order()))
    assert not KEY.authentic(delivered(cxml_order().replace(b"abracadabra", b"abracadabrA")))
    assert not KEY.authentic(delivered(cxml_order(parties=CXML_FROM)))
    assert not SOURCE.authentic(delivered(cxml_order()))
    assert not SOURCE.authentic(delivered(cxml_order().replace(b"abracadabra", b"")))


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<cXML>", b"<cXML><Header/>", cxml_order()[:200], b"<cXML><Header>" * 9000,
             b"<a>" * 200_000, cxml_order(prolog='<!DOCTYPE cXML [<!ENTITY a "b">]>')]
)  # fmt: skip
def test_what_has_no_header_of_a_document_is_nobodys(body: bytes) -> None:
    assert not KEY.authentic(delivered(body))
    assert KEY.delivery_id({}, body) == KEY.delivery_id({}, body) != ""


def test_only_the_header_is_read_to_know_the_sender() -> None:
    head, _, _ = cxml_order().partition(b"</Header>")
    assert KEY.authentic(delivered(head + b"</Header><Request>" + b"<never closed>" * 10))
    assert KEY.authentic(delivered(head + b"</Header>" + b"x" * 10_000_000))


def test_a_document_sent_again_is_known_by_its_payload_id() -> None:
    assert KEY.delivery_id({}, cxml_order()) == KEY.delivery_id({}, cxml_order(number="8")) == "17@hub"
    assert KEY.delivery_id({}, b"<cXML><Header/></cXML>") != KEY.delivery_id({}, b"<cXML ><Header/></cXML>")


@pytest.mark.parametrize("body", [cxml_order(number=""), cxml_order()[:600], cxml_order()])
def test_the_secret_is_not_in_what_is_shown_of_a_document(body: bytes) -> None:
    [transaction] = transactions(SOURCE, {}, body)
    assert "abracadabra" not in transaction.text
    assert "PO-7" in transaction.text or isinstance(transaction.outcome, Rejected)


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample documents are not beside the repository")
def test_the_sample_is_read_where_test_orders_are_wanted() -> None:
    order = only(Cxml(CxmlConfig(test_orders=True)), SAMPLE.read_bytes())
    assert (order.number, order.currency, order.customer) == ("DO1234", "EUR", "inbound@prominate-platform.com")
    found = [(line.item, f"{line.quantity} @ {line.unit_price}", line.uom) for line in order.lines]
    assert found == [("1233244", "10 @ 2.10", "EA"), ("1233245", "20 @ 3.20", "EA")]
