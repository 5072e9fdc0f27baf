"""The source of Shopify orders: files of them, webhooks, and the Admin interface asked for what has changed.

Asked is the GraphQL Admin interface. An update says that an order has changed; where the shop can be asked, what
counts is the order as it stands now, so that late news undoes no newer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from pydantic import AwareDatetime, Field, SecretStr, field_validator, model_validator

from agents.sources.asking import ClientCredentials, Cursor, Found, base_url, body_of
from agents.sources.drafts import aware_time
from agents.sources.errors import FetchError, SourceError
from agents.sources.json_documents import holds_own_type, looks_like_json
from agents.sources.json_text import Piece
from agents.sources.json_values import Json, child, children, peek, text, wrapped
from agents.sources.record_answers import read_answer, record_answers
from agents.sources.shopify_admin import Admin, number_of
from agents.sources.shopify_answers import ShopAnswers
from agents.sources.shopify_order import ItemNumber, Reading, is_shipped, read_order
from agents.sources.shopify_records import CHANGED, COUNT, next_page, order_of
from agents.sources.signing import Delivery, Hmac
from agents.sources.source import Fetch, Polled, Record, Source, SourceConfig, Transaction, attempt, ignored, rejected
from agents.sources.texts import quoted
from agents.sources.woocommerce_order import looks_like_woocommerce
from protocols.publishing import News, Parcel

CREATED = "orders/create"
NEWS = ("orders/updated", "orders/cancelled")
EDITED = "orders/edited"

_HALF_TOLD = {
    EDITED: "tells only what was edited: subscribe to orders/updated, or give an access token",
    "orders/delete": "names only the shop's own id: cancel the order here, if it is not to be made",
}
"""Topics of orders that do not say which order is meant, or how it stands."""

_TOPIC = "x-shopify-topic"
_SHOP = "x-shopify-shop-domain"
_ASKED = "x-asked"
"""Marks an order that the shop was asked for: it is as it stands."""

_AT_ONCE = 10
"""Orders in one go: each is asked for by itself, and a shop lets itself be asked only so much in a while."""


class ShopifyConfig(SourceConfig):
    """How a shop is reached and its orders are read."""

    shop: str = Field("", pattern=r"^([a-z0-9][a-z0-9-]*(\.[a-z0-9-]+)+)?$", description="mugs.myshopify.com")
    url: str = Field("", description="Where the shop is asked; else at https:// and its name.")
    webhook_secret: SecretStr = Field(SecretStr(""), description="Signs webhooks; an app's is its client secret.")
    access_token: SecretStr = Field(SecretStr(""), description="Of an app that has one; else client_id and secret.")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    api_version: str = Field("2026-10", pattern=r"^(20\d\d-(01|04|07|10)|unstable)$")
    since: AwareDatetime | None = Field(None, description="What was changed before is not asked for.")
    item_numbers: tuple[ItemNumber, ...] = Field(("sku",), min_length=1, description="Best first.")
    notify_customer: bool = Field(False, description="The shop tells its customer of what has left.")
    requested_field: str = Field("", description="The line property or note attribute that holds the wanted date.")
    requested_format: str = Field("%Y-%m-%d", description="How that date is written, as strptime has it.")

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        return base_url(value) if value else value

    @model_validator(mode="after")
    def _whole(self) -> ShopifyConfig:
        if self.client_id and not self.client_secret.get_secret_value():
            raise ValueError("client_id is given, but no client_secret")
        if self.asks and not self.shop:
            raise ValueError("a shop that is to be asked has to be named: shop, such as mugs.myshopify.com")
        return self

    @property
    def asks(self) -> bool:
        """Whether the shop can be asked."""
        return bool(self.access_token.get_secret_value() or self.client_id)


class Shopify(Source[ShopifyConfig]):
    """The source of Shopify orders: bare, in `{"order": …}`, in `{"orders": […]}`, in an array, or one a line."""

    kind = "shopify"
    title = "Shopify"
    Config = ShopifyConfig
    signature = Hmac("X-Shopify-Hmac-Sha256", "webhook_secret")

    def __init__(self, config: ShopifyConfig | None = None) -> None:
        super().__init__(config)
        told = self.config
        self._reading = Reading(told.shop, told.item_numbers, told.requested_field, told.requested_format)
        url = told.url or f"https://{told.shop}"
        token = f"{url}/admin/oauth/access_token"
        credentials = ClientCredentials(token, told.client_id, told.client_secret, told.shop)
        self._admin = Admin(told.shop, url, told.api_version, told.access_token, credentials)

    def recognises(self, head: bytes, name: str) -> bool:
        return (
            looks_like_json(head)
            and b'"line_items"' in head
            and not (holds_own_type(head) or looks_like_woocommerce(head))
        )

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        topic, shop = headers.get(_TOPIC, ""), headers.get(_SHOP, "")
        if topic in _HALF_TOLD:
            return [rejected("", body.decode(errors="replace"), f"{topic} {_HALF_TOLD[topic]}")]
        if topic not in ("", CREATED, *NEWS):
            reason = f"webhooks of {quoted(topic)} are not read: {', '.join((CREATED, *NEWS))} are"
            return [ignored("", body.decode(errors="replace"), reason)]
        if self.config.shop and shop not in ("", self.config.shop):
            reason = f"the webhook is of the shop {quoted(shop)}, not of {self.config.shop}"
            return [rejected("", body.decode(errors="replace"), reason)]
        reading = replace(self._reading, shop=self._reading.shop or shop)
        return [_read(piece, reading, topic in NEWS) for piece in wrapped(body, "order", "orders")]

    def authentic(self, delivery: Delivery) -> bool:
        if self.config.webhook_secret.get_secret_value() or not self.config.client_secret.get_secret_value():
            return super().authentic(delivery)
        return self.signature.fits(delivery, self.config.client_secret)

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        event = headers.get("x-shopify-event-id", "")
        told = headers.get("x-shopify-webhook-id", "") or (f"{headers.get(_TOPIC, '')}:{event}" if event else "")
        return told or super().delivery_id(headers, body)

    def complete(self, record: Record, fetch: Fetch) -> Iterable[Record]:
        """News of an order as the order stands now, where the shop can be asked; none where all has been shipped."""
        if _ASKED in record.headers:
            return (record,)
        topic, told = record.headers.get(_TOPIC, ""), peek(record.body)
        number = text(child(told, "order_edit"), "order_id") if topic == EDITED else text(told, "id")
        if self.config.asks and topic in (EDITED, *NEWS) and number.isdigit():
            told = self._order(fetch, number)
            if not told:
                raise FetchError(f"{self.config.shop} has no order {number}", 404)
            record = self._polled(told, first=False)
        return () if topic in (EDITED, *NEWS) and is_shipped(told) else (record,)

    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        if not self.config.asks:
            return Polled((), cursor)
        at = Cursor.read(cursor)
        begin = aware_time(at.begin) or self.config.since
        since = f"updated_at:>='{begin.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}'" if begin else "status:open"
        wanted = {"first": _AT_ONCE, "after": at.page or None, "query": since}
        listed = child(self._admin.ask(fetch, CHANGED, wanted), "orders")
        found = [Found(number_of(text(each, "id")), text(each, "updatedAt")) for each in children(listed, "nodes")]
        page = next_page(listed)
        orders = [self._order(fetch, each.name) for each in at.new(found)]
        records = [self._polled(order, not at.begin) for order in orders if order and not is_shipped(order)]
        return Polled(records, at.after(found, page).written, bool(page))

    def asks(self) -> bool:
        return self.config.asks

    def answers(self, news: News, told: int) -> Iterable[Parcel]:
        """What is promised, again whenever that changes; what has left."""
        return record_answers(news)

    def hand_over(self, parcel: Parcel, fetch: Fetch) -> None:
        """Write what is promised into a metafield of the order, and make a fulfilment of what has left."""
        ShopAnswers(self._admin, self.config.notify_customer).write(read_answer(parcel), fetch)

    def check(self, fetch: Fetch) -> str:
        if not self.config.asks:
            if not (self.config.webhook_secret.get_secret_value()):
                raise SourceError("neither webhook_secret nor access_token nor client_id is set: give one of them")
            return super().check(fetch)
        told = text(child(self._admin.ask(fetch, COUNT, {}), "ordersCount"), "count")
        return f"{self.config.shop}: {told or 'no count of'} open orders by the API of {self.config.api_version}"

    def _order(self, fetch: Fetch, number: str) -> Json:
        return order_of(self._admin, fetch, number, articles=self.config.item_numbers != ("sku",))

    def _polled(self, order: Json, first: bool) -> Record:
        """An order that was listed: what is open at first is new, what has changed since is news."""
        headers = {_TOPIC: CREATED if first else NEWS[0], _SHOP: self.config.shop, _ASKED: "yes"}
        return Record(body_of(order), headers)


def _read(piece: Piece, reading: Reading, news: bool) -> Transaction:
    if piece.fault:
        return rejected(piece.position, piece.text, piece.fault)
    return attempt(piece.position, piece.text, lambda: read_order(piece.value, reading, news))
