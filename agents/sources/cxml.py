"""The source of cXML OrderRequests: new orders, updates, deletions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lxml import etree
from pydantic import Field, SecretStr

from agents.sources import xml_text
from agents.sources.answers import SHIPPED
from agents.sources.cxml_answers import Letterhead, confirmation, ship_notice
from agents.sources.cxml_order import read_document
from agents.sources.cxml_parts import document_of
from agents.sources.cxml_words import CXML, attribute
from agents.sources.errors import SourceError, UnreadableError
from agents.sources.signing import Delivery, content_id, same
from agents.sources.source import Fetch, OrderDraft, Source, Transaction, XmlConfig, attempt, rejected
from agents.sources.texts import EXCERPT_LENGTH, decode
from agents.sources.xml_schema import check_document, check_schemas
from protocols.publishing import News, OrderNews, Parcel, ShippingOrderNews

_XML = "application/xml"
_DTD = "cXML"
_SECRET = re.compile(r"(<SharedSecret\b[^>]*>).*?(</SharedSecret\s*>|\Z)", re.DOTALL)


class CxmlConfig(XmlConfig):
    """What the source of cXML can be told."""

    shared_secret: SecretStr = Field(
        SecretStr(""), description="What stands in Header/Sender/Credential/SharedSecret of what the buyer sends."
    )
    own_id: str = Field("", max_length=100, description="Our Identity, in what is answered; needed for that.")
    own_secret: SecretStr = Field(SecretStr(""), description="The SharedSecret by which the buyer knows our answers.")
    domain: str = Field("NetworkID", max_length=100, description="Which domain the identities in answers are of.")
    test_orders: bool = Field(False, description="Take orders of the deployment mode test, too.")


class Cxml(Source[CxmlConfig]):
    """The source of cXML OrderRequest, one a document. Its DTD may be named; it is never loaded. Attachments are left.

    Senders are known by the shared secret in the document: it is looked for in the header, before anything else is
    read. It is kept out of what is shown of a document. Other proofs (CredentialMac, DigitalSignature) are not checked.
    """

    kind = "cxml"
    title = "cXML"
    Config = CxmlConfig

    def recognises(self, head: bytes, name: str) -> bool:
        found = xml_text.head(head)
        return found is not None and found.root == "cXML"

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        try:
            document = document_of(headers, body)
        except UnreadableError as error:
            return [rejected("", _shown(body), str(error))]
        return [attempt("", _shown(document), lambda: self._read(document))]

    def _read(self, document: bytes) -> OrderDraft:
        root = xml_text.parse(document, _DTD)
        check_document(self.config.schema_file, root)
        return read_document(root, test_orders=self.config.test_orders)

    def check(self, fetch: Fetch) -> str:
        return check_schemas(self.config.schema_file, (_DTD,)) or super().check(fetch)

    def authentic(self, delivery: Delivery) -> bool:
        """Whether the header of the document holds the shared secret; without one configured nothing is authentic."""
        secret = self.config.shared_secret.get_secret_value()
        header = _header(delivery.headers, delivery.body)
        if not secret or header is None:
            return False
        told = [node.text or "" for node in CXML.all(header, "Sender/Credential/SharedSecret")]
        return any(same(each, secret) for each in told)

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """The document's payloadID, which stays the same when it is sent again."""
        header = _header(headers, body)
        root = header.getparent() if header is not None else None
        return (attribute(root, "payloadID") if root is not None else "") or content_id(body)

    def answers(self, news: News, told: int) -> Iterator[Parcel]:
        """A ConfirmationRequest, again whenever a promise changes; a ShipNoticeRequest when goods have left."""
        if isinstance(news, OrderNews):
            yield Parcel(
                f"confirmation-{news.number}-{told + 1}.xml", confirmation(news, told, self._letterhead()), _XML
            )
        elif isinstance(news, ShippingOrderNews) and news.status == SHIPPED:
            yield Parcel(f"ship-notice-{news.shipping_order}.xml", ship_notice(news, self._letterhead()), _XML)

    def _letterhead(self) -> Letterhead:
        if not self.config.own_id:
            raise SourceError("own_id is not set: an answer has to say who gives it")
        return Letterhead(self.config.own_id, self.config.domain, self.config.own_secret.get_secret_value())


def _header(headers: Mapping[str, str], body: bytes) -> etree._Element | None:
    """The Header of a delivery, and nothing behind it."""
    try:
        return xml_text.early(document_of(headers, body), "Header", _DTD)
    except UnreadableError:
        return None


def _shown(body: bytes) -> str:
    """The beginning of a document without its secret."""
    return _SECRET.sub(r"\1***\2", decode(body[: 4 * EXCERPT_LENGTH])[:EXCERPT_LENGTH])
