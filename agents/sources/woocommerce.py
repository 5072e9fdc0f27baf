"""The source of WooCommerce orders: files of them, webhooks, and the shop asked for what has changed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from pydantic import AwareDatetime, Field, SecretStr, field_validator, model_validator

from agents.sources.asking import Cursor, Found, answered, asked, base_url, body_of, next_parameter, objects
from agents.sources.errors import SourceError
from agents.sources.json_text import Piece
from agents.sources.json_values import Json, peek, text, wrapped
from agents.sources.record_answers import read_answer, record_answers
from agents.sources.signing import Hmac
from agents.sources.source import (
    Fetch,
    Polled,
    Record,
    Request,
    Response,
    Source,
    SourceConfig,
    Transaction,
    attempt,
    ignored,
    rejected,
)
from agents.sources.texts import quoted
from agents.sources.woocommerce_answers import write
from agents.sources.woocommerce_order import ItemNumber, Reading, counts, is_off, looks_like_woocommerce, read_order
from protocols.publishing import News, Parcel

CREATED = "order.created"
NEWS = ("order.updated", "order.restored")
DELETED = "order.deleted"

_TOPIC = "x-wc-webhook-topic"
_ASKED = "x-asked"
"""Marks an order that the shop was asked for: it is as it stands."""

_AT_ONCE = 100
_CURES = {
    401: "consumer_key or consumer_secret is wrong, or the key may not read (answers: read and write)",
    403: "the key's user may not read orders",
    404: "there is no WooCommerce REST interface: correct url, or switch permalinks on",
}


class WooCommerceConfig(SourceConfig):
    """How a shop is reached and its orders are read."""

    url: str = Field("", description="https://shop.example.com")
    webhook_secret: SecretStr = Field(SecretStr(""), description="The webhook's secret; it signs what is sent.")
    consumer_key: SecretStr = SecretStr("")
    consumer_secret: SecretStr = SecretStr("")
    since: AwareDatetime | None = Field(None, description="What was modified before is not asked for.")
    statuses: tuple[str, ...] = Field(("processing",), min_length=1, description="Those of orders that count.")
    item_numbers: tuple[ItemNumber, ...] = Field(("sku", "global_unique_id"), min_length=1, description="Best first.")
    notify_customer: bool = Field(False, description="The customer is told of the notes that answers make.")
    shipped_status: str = Field("completed", description="What an order is set to when all has left; empty: nothing.")
    requested_field: str = Field("", description="The key of the metadata that holds the wanted date.")
    requested_format: str = Field("%Y-%m-%d", description="How that date is written, as strptime has it.")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return base_url(value) if value else value

    @model_validator(mode="after")
    def _whole(self) -> WooCommerceConfig:
        key, secret = self.consumer_key.get_secret_value(), self.consumer_secret.get_secret_value()
        if bool(key) != bool(secret):
            raise ValueError("consumer_key and consumer_secret go together")
        if key and not self.url:
            raise ValueError("a shop that is to be asked needs its url")
        return self


class WooCommerce(Source[WooCommerceConfig]):
    """The source of WooCommerce orders: bare, in `{"order": …}`, in `{"orders": […]}`, in an array, or one a line."""

    kind = "woocommerce"
    title = "WooCommerce"
    Config = WooCommerceConfig
    signature = Hmac("X-WC-Webhook-Signature", "webhook_secret")

    def __init__(self, config: WooCommerceConfig | None = None) -> None:
        super().__init__(config)
        told = self.config
        self._shop = urlsplit(told.url).netloc + urlsplit(told.url).path
        self._reading = Reading(
            self._shop, told.statuses, told.item_numbers, told.requested_field, told.requested_format
        )
        self._asks = bool(told.consumer_key.get_secret_value())

    def recognises(self, head: bytes, name: str) -> bool:
        return looks_like_woocommerce(head)

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        topic = headers.get(_TOPIC, "")
        if topic not in ("", CREATED, *NEWS):
            if topic == DELETED:
                reason = f"{DELETED} names only the shop's own id: cancel the order here, if it is not to be made"
                return [rejected("", body.decode(errors="replace"), reason)]
            reason = f"webhooks of {quoted(topic)} are not read: {', '.join((CREATED, *NEWS))} are"
            return [ignored("", body.decode(errors="replace"), reason)]
        return [self._read(piece, topic in NEWS) for piece in wrapped(body, "order", "orders")]

    def _read(self, piece: Piece, news: bool) -> Transaction:
        if piece.fault:
            return rejected(piece.position, piece.text, piece.fault)
        return attempt(piece.position, piece.text, lambda: read_order(piece.value, self._reading, news))

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        return headers.get("x-wc-webhook-delivery-id", "") or super().delivery_id(headers, body)

    def complete(self, record: Record, fetch: Fetch) -> Iterable[Record]:
        """News of an order as the order stands now, where the shop can be asked; none of what nobody waits for.

        A new webhook is tried with a body that is no JSON, `webhook_id=…`.
        """
        topic = record.headers.get(_TOPIC, "")
        if _ASKED in record.headers:
            return (record,)
        if not topic and record.body.startswith(b"webhook_id="):
            return ()
        told = peek(record.body)
        if self._asks and topic in NEWS and text(told, "id").isdigit():
            told = answered(self._ask(fetch, f"orders/{text(told, 'id')}"), self._shop)
            record = Record(body_of(told), {_TOPIC: topic, _ASKED: "yes"})
        return (record,) if topic not in (CREATED, *NEWS) or self._is_news(told, topic == CREATED) else ()

    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        if not self._asks:
            return Polled((), cursor)
        at = Cursor.read(cursor)
        begin = at.begin or (self.config.since.isoformat() if self.config.since else "")
        wanted = {"per_page": str(_AT_ONCE), "orderby": "modified", "order": "asc", "page": at.page or "1"}
        wanted |= {"modified_after": begin, "dates_are_gmt": "true"} if begin else {}
        wanted |= {} if at.begin else {"status": ",".join(self.config.statuses)}
        response = self._ask(fetch, f"orders?{urlencode(wanted)}")
        listed = objects(answered(response, self._shop), "", self._shop)
        found = [Found(text(order, "id"), f"{text(order, 'date_modified_gmt')}Z", order) for order in listed]
        page = next_parameter(response, "page")
        headers = {_TOPIC: CREATED if not at.begin else NEWS[0], _ASKED: "yes"}
        records = [Record(body_of(each.value), headers) for each in at.new(found) if self._is_news(each.value, False)]
        return Polled(records, at.after(found, page).written, bool(page))

    def asks(self) -> bool:
        return self._asks

    def answers(self, news: News, told: int) -> Iterable[Parcel]:
        """What is promised, again whenever that changes; what has left."""
        return record_answers(news)

    def hand_over(self, parcel: Parcel, fetch: Fetch) -> None:
        """Write an answer as a note and metadata of the order, and set its status when all has left."""
        config = self.config
        write(
            read_answer(parcel),
            lambda method, place, body: self._ask(fetch, place, method, body),
            self._shop,
            notify=config.notify_customer,
            shipped_status=config.shipped_status,
        )

    def _is_news(self, order: Json, new: bool) -> bool:
        """Whether what has become of an order is demand, or the end of demand."""
        return counts(order, self._reading) or (is_off(order) and not new)

    def check(self, fetch: Fetch) -> str:
        if not self._asks:
            if not self.config.webhook_secret.get_secret_value():
                raise SourceError("neither webhook_secret nor consumer_key is set: give one of them")
            return super().check(fetch)
        response = self._ask(fetch, "orders?per_page=1")
        objects(answered(response, self._shop), "", self._shop)
        return f"{self._shop}: {response.headers.get('x-wp-total', 'an unknown number of')} orders by wc/v3"

    def _ask(self, fetch: Fetch, place: str, method: str = "GET", body: object = None) -> Response:
        if not self._asks:
            raise SourceError("the shop cannot be asked: give url, consumer_key and consumer_secret")
        key, secret = self.config.consumer_key.get_secret_value(), self.config.consumer_secret.get_secret_value()
        basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
        headers = {"accept": "application/json", "authorization": f"Basic {basic}"}
        request = Request(f"{self.config.url}/wp-json/wc/v3/{place}", method, headers)
        if body is not None:
            headers = {**headers, "content-type": "application/json"}
            request = replace(request, headers=headers, body=body_of(body))
        return asked(fetch, request, self._shop, _CURES)
