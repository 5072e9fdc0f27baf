"""Documents checked by a schema of an operator's own: a small one here, the official ones where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

from agents.sinks.buying import BuyingConfig
from agents.sinks.ubl_purchase import UblPurchase
from agents.sources.b2mml import B2mmlReports
from agents.sources.cxml import Cxml, CxmlConfig
from agents.sources.errors import SourceError, UnreadableError
from agents.sources.fetching import Request, Response
from agents.sources.source import Rejected, XmlConfig, transactions
from agents.sources.ubl import Ubl, UblConfig
from agents.sources.xml_schema import check_document
from tests.agents.sinks.test_purchases import purchase, row
from tests.agents.sources.builders import reason
from tests.agents.sources.test_b2mml import HEAD, TAIL
from tests.agents.sources.test_ubl_answers import news, part
from tests.agents.sources.xml_builders import cxml_order
from tests.agents.sources.xml_builders import ubl_change as changed

UBL = "urn:oasis:names:specification:ubl:schema:xsd"
ORDER = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{UBL}:Order-2">
<xs:import namespace="{UBL}:CommonBasicComponents-2" schemaLocation="../common/basic.xsd"/>
<xs:element name="Order"><xs:complexType><xs:sequence>
<xs:any namespace="{UBL}:CommonBasicComponents-2" processContents="lax" maxOccurs="unbounded"/>
<xs:any namespace="{UBL}:CommonAggregateComponents-2" processContents="skip" maxOccurs="unbounded"/>
</xs:sequence></xs:complexType></xs:element></xs:schema>"""
BASIC = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
targetNamespace="{UBL}:CommonBasicComponents-2"><xs:element name="IssueDate" type="xs:date"/></xs:schema>"""
SAMPLES = Path(__file__).parent / "samples" / "ubl"


def nobody(request: Request) -> Response:
    raise AssertionError(f"{request.url} is not to be asked")


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A folder of schemas as standards are published: one for each document, and what they have in common."""
    for name, text in (("maindoc/UBL-Order-2.1.xsd", ORDER), ("common/basic.xsd", BASIC)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_document_that_does_not_keep_the_schema_is_refused_with_its_line(schemas: Path) -> None:
    source = Ubl(UblConfig(schema_file=schemas))
    order = (SAMPLES / "order.xml").read_bytes()
    assert not reasons(source, order)
    wrong = order.replace(b"<cbc:IssueDate>", b"<cbc:IssueDate>on ")
    assert reasons(Ubl(), wrong) == []
    [said] = reasons(source, wrong)
    assert said.startswith("not valid by UBL-Order-2.1.xsd: ")
    assert said.endswith(", line 1")
    assert "is not a valid value of the atomic type 'xs:date'" in said
    by_file = Ubl(UblConfig(schema_file=schemas / "maindoc" / "UBL-Order-2.1.xsd"))
    assert reasons(by_file, wrong) == [said]


def reasons(source: Ubl, body: bytes) -> list[str]:
    return [each.outcome.reason for each in transactions(source, {}, body) if isinstance(each.outcome, Rejected)]


def test_a_schema_that_is_missing_or_broken_is_told_by_check_and_lets_nothing_pass(schemas: Path) -> None:
    source = Ubl(UblConfig(schema_file=schemas))
    with pytest.raises(SourceError, match="no folder with an XSD for 'OrderChange'"):
        source.check(nobody)
    assert "no folder with an XSD for 'OrderChange'" in reason(source, changed())
    for name in ("OrderChange", "OrderCancellation"):
        (schemas / "maindoc" / f"UBL-{name}-2.1.xsd").write_text(ORDER.replace("Order-2", f"{name}-2"))
    assert source.check(nobody) == (
        "documents are checked by UBL-Order-2.1.xsd, UBL-OrderChange-2.1.xsd, UBL-OrderCancellation-2.1.xsd"
    )
    (schemas / "broken.xsd").write_text("<xs:schema")
    with pytest.raises(SourceError, match=r"schema: broken\.xsd cannot be used"):
        Ubl(UblConfig(schema_file=schemas / "broken.xsd")).check(nobody)
    assert Ubl().check(nobody) == "nothing to reach"


def test_cxml_is_checked_by_its_dtd(tmp_path: Path) -> None:
    (tmp_path / "cXML.dtd").write_text("<!ELEMENT cXML ANY><!ATTLIST cXML payloadID CDATA #REQUIRED>")
    source = Cxml(CxmlConfig(schema_file=tmp_path / "cXML.dtd"))
    assert source.check(nobody) == "documents are checked by cXML.dtd"
    said = reason(source, cxml_order())
    assert "not valid by cXML.dtd: No declaration for" in said


def test_reports_of_the_floor_are_checked_by_their_xsd(tmp_path: Path) -> None:
    name = "http://www.mesa.org/xml/B2MML-V0600"
    (tmp_path / "B2MML-ProductionPerformance.xsd").write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{name}">'
        '<xs:element name="ProductionPerformance" type="xs:date"/></xs:schema>'
    )
    source = B2mmlReports(XmlConfig(schema_file=tmp_path))
    said = reason(source, f"{HEAD}<ID>1</ID>{TAIL}".encode())
    assert "not valid by B2MML-ProductionPerformance.xsd: " in said


OFFICIAL = os.environ.get("SOCIETY_UBL_XSD", "")


@pytest.mark.skipif(not OFFICIAL, reason="the official schemas are not at hand (SOCIETY_UBL_XSD)")
def test_what_is_written_is_valid_by_the_official_schemas() -> None:
    written = [*Ubl(UblConfig(seller="MAKER")).answers(news(part(reason="why")), 0)]
    sink = UblPurchase(BuyingConfig(buyer="MAKER"))
    for told, order in (
        (0, purchase(row(1))),
        (1, purchase(row(1, quantity="5"))),
        (1, purchase(row(1, status="cancelled"))),
    ):
        written += sink.parcels(order, told)
    bodies = [each.body for each in written] + [path.read_bytes() for path in SAMPLES.glob("*.xml")]
    assert len(bodies) > 6
    for body in bodies:
        root = etree.fromstring(body)
        try:
            check_document(Path(OFFICIAL), root)
        except UnreadableError as error:
            raise AssertionError(f"{error}\n{body.decode()}") from error
