"""What sources of EDI, X12 and EDIFACT, can be told."""

from __future__ import annotations

from hashlib import blake2b

from pydantic import Field

from agents.sources.errors import SourceError
from agents.sources.source import SourceConfig
from protocols.publishing import OrderNews, ShippingOrderNews


class EdiConfig(SourceConfig):
    """The settings of an EDI source."""

    own_id: str = Field("", max_length=35, description="Our identification in envelopes; needed for answers.")
    own_qualifier: str = Field("", max_length=4, description="Its qualifier (X12: ZZ where none is given).")
    partner_qualifier: str = Field("", max_length=4, description="That of partners' identifications.")
    test_orders: bool = Field(True, description="Take orders of interchanges that are marked as a test, too.")


def numbered(news: OrderNews | ShippingOrderNews, told: int) -> int:
    """A control number of nine digits for an answer: another for each, and the same when it is given again."""
    what = news.shipping_order if isinstance(news, ShippingOrderNews) else ""
    said = f"{news.source} {news.number} {what} {told}".encode()
    return int.from_bytes(blake2b(said, digest_size=8).digest()) % (10**9 - 1) + 1


def partner_of(news: OrderNews | ShippingOrderNews, config: EdiConfig) -> str:
    """Whom an answer goes to. Raises SourceError where nobody said who answers."""
    if not config.own_id:
        raise SourceError("own_id is not set: an answer has to say who gives it")
    return news.source.partition(":")[2] or news.customer


def refused_test(place: str) -> str:
    """Why an order of a test is not taken."""
    return f"{place} marks the interchange as a test, and tests are not taken (test_orders)"
